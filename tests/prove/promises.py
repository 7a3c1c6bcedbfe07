"""What we promise, and which tests of the catalogue prove it; the numbers are labels."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Promise:
    """A sentence, and the numbers of the tests that prove it."""

    number: int
    sentence: str
    tests: tuple[int, ...]


CATALOGUE = {
    1: "10 calls a second for 10 minutes",
    2: "the stream cut at every byte, with names in every script",
    3: "mutated messages and handlers that fail",
    4: "a link that goes silent without an end",
    5: "a bridge that is frozen under load",
    7: "an Asterisk that is killed with calls up",
    8: "reloads and restarts of the PBX",
    9: "5,000 events a second",
    10: "events duplicated, and swapped with their neighbours",
    12: "streams that no Asterisk sends",
    13: "lists cut at each answer",
    14: "logins that are refused, and rights that are missing",
    15: "a connection cut at each byte around an Originate",
    16: "hard calls, compared with the PBX's own books field by field",
    19: "clocks that differ and step",
    20: "many calls that end at once",
    21: "a bridge that was away",
    22: "an account with the least rights",
    23: "browsers offline at random",
    25: "a web node that is killed, and sockets that are refused",
    26: "screens that never read",
    28: "one agent with several screens",
    29: "rights that are taken away from an open socket",
    30: "a click that is repeated",
    32: "a database that is killed at random points",
    33: "a database that is away for 15 minutes",
    35: "two bridges and a leader that is frozen",
    36: "a leader that is killed",
    37: "SQLite killed while it writes",
    39: "migrations under traffic",
    40: "backup and restore",
    41: "recordings that come late, broken or never",
    42: "a full partition of recordings",
    44: "pause of a recording",
    45: "erasure of a person",
    46: "retention",
    48: "audit of each listening and export",
    49: "AMI injection",
    50: "a stolen session that dials",
    51: "scripts in names and numbers",
    52: "SQL injection",
    53: "each role on each route",
    55: "requests from other sites",
    56: "log-in and sessions",
    58: "templates of mails",
    59: "hostile imports",
    60: "formulas in exports",
    62: "hostile HTTP",
    63: "slow receivers and secrets in logs",
    64: "8 hours of calls with random faults",
}

PROMISES = (
    Promise(
        1,
        "No call is lost. Every call that Asterisk logs has exactly one record here, also after "
        "network, bridge, database or PBX failures; late ones are filled in and marked recovered.",
        (1, 4, 5, 7, 8, 21, 32, 33, 64),
    ),
    Promise(
        2,
        "One click, at most one call, whatever breaks and however often it is retried.",
        (15, 30, 35),
    ),
    Promise(
        3,
        "Every offered call pops exactly once for the right agent, or is withdrawn; after sleep, "
        "reload or failover the screen catches up in 2 s.",
        (1, 23, 25, 26, 28),
    ),
    Promise(
        4,
        "We never pretend. If the link to the PBX is dead, mute or under-privileged, every screen "
        "says so within 12 s, with the cause.",
        (4, 14, 33, 44),
    ),
    Promise(
        5,
        "Nothing slow on our side hurts the PBX: it never drops us or queues for us.",
        (9, 26, 63),
    ),
    Promise(
        6,
        "No zombie calls. Fifteen seconds after the last channel is gone, so is the call.",
        (7, 20, 21),
    ),
    Promise(
        7,
        "Every recording belongs to exactly one call, is complete before it is shown, and a "
        "missing or cut one is reported.",
        (40, 41, 42),
    ),
    Promise(
        8,
        "Pause means pause; if we cannot confirm it, the agent knows within 1 s.",
        (44,),
    ),
    Promise(
        9,
        "What callers send is never code, and never breaks what reads it.",
        (2, 3, 49, 51, 52, 58, 59, 60),
    ),
    Promise(
        10,
        "Least power by default: an AMI account without system, command or config rights.",
        (14, 22, 50, 53, 55, 56),
    ),
    Promise(
        11,
        "Erased is erased, kept is counted; each listening and export leaves one line.",
        (45, 46, 48),
    ),
    Promise(
        12,
        "Check us: `make prove` reruns all of this on one Linux machine with 2 cores.",
        tuple(CATALOGUE),
    ),
)
