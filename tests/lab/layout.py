"""Who is there: phones and queues enough that stories played at once need not share any."""

from dataclasses import dataclass
from enum import StrEnum

FIRST_AGENT, LAST_AGENT = 101, 249
FIRST_QUEUE, QUEUE_COUNT = 4000, 15
FIRST_SPECIAL = 4050
AGENTS_PER_QUEUE = 2
FIRST_OF_SPECIAL, FIRST_OF_PAIRS = 200, 240  # whose phones the queues, and pickup groups, have


FIRST_BROWSER, LAST_BROWSER = 260, 263  # whose phones are in a page


class Kind(StrEnum):
    """How a queue offers its callers."""

    RINGALL = "sales"  # every phone rings, for 15 s
    HUNTING = "support"  # one phone after the other, for 3 s each, and again from the first
    IMPATIENT = "express"  # every phone rings, and after 4 s the caller is sent away
    LOCALS = "locals"  # its members are Local channels, as FreePBX makes them
    OPTIMISED = "optimised"  # its members are Local channels that go away once they are answered
    TWINS = "twins"  # its members have two phones each, behind a Local channel
    LEAVING = "leaving"  # sends its callers away when no member is left
    KEYED = "keyed"  # a caller who presses 5 leaves
    PAUSING = "pausing"  # a member that lets it ring for 2 s is paused
    ONWARD = "onward"  # sends its caller to `final` after 2 s
    FINAL = "final"
    WEB = "web"  # its members are softphones in a page


ORDINARY = (Kind.RINGALL, Kind.HUNTING, Kind.IMPATIENT)
SPECIAL = tuple(kind for kind in Kind if kind not in ORDINARY)
WAIT_SECONDS = dict.fromkeys(Kind, 60) | {Kind.IMPATIENT: 4, Kind.ONWARD: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A queue and the extensions of its own."""

    kind: Kind
    number: str
    name: str
    agents: tuple[str, ...]


def queues() -> list[Queue]:
    """Return all queues: 4000 sales, 4001 support, 4002 express, 4003 sales-2 … 4050 locals …"""
    ordinary = [_queue(index) for index in range(QUEUE_COUNT)]
    return ordinary + [_special(index) for index in range(len(SPECIAL))]


def following(queue: Queue) -> Queue | None:
    """Return the queue to which this one sends whoever waited too long."""
    if queue.kind is not Kind.ONWARD:
        return None
    return next(other for other in queues() if other.kind is Kind.FINAL)


def agents() -> list[str]:
    """Return every extension."""
    return [str(number) for number in range(FIRST_AGENT, LAST_AGENT + 1)]


def free_agents() -> list[str]:
    """Return the extensions that no queue calls and that nobody may pick up."""
    first = FIRST_AGENT + QUEUE_COUNT * AGENTS_PER_QUEUE
    return [str(number) for number in range(first, FIRST_OF_SPECIAL)]


def browsers() -> list[str]:
    """Return the extensions whose phones are softphones in a page."""
    return [str(number) for number in range(FIRST_BROWSER, LAST_BROWSER + 1)]


def pairs() -> list[tuple[str, str]]:
    """Return the extensions of which each may pick up what rings at the other."""
    return [(str(first), str(first + 1)) for first in range(FIRST_OF_PAIRS, LAST_AGENT, 2)]


def pair_of(agent: str) -> str | None:
    """Return the pickup group of an extension."""
    return next((f"pair{pair[0]}" for pair in pairs() if agent in pair), None)


def second(agent: str) -> str:
    """Return the name under which the port of an agent's second phone is kept."""
    return f"{agent}-second"


def seconds() -> list[str]:
    """Return the names of all second phones."""
    twins = (queue for queue in queues() if queue.kind is Kind.TWINS)
    return [second(agent) for queue in twins for agent in queue.agents]


def _queue(index: int) -> Queue:
    kind = ORDINARY[index % len(ORDINARY)]
    series = index // len(ORDINARY)
    first = FIRST_AGENT + index * AGENTS_PER_QUEUE
    return Queue(
        kind=kind,
        number=str(FIRST_QUEUE + index),
        name=f"{kind}-{series + 1}" if series else str(kind),
        agents=_agents_from(first),
    )


def _special(index: int) -> Queue:
    kind = SPECIAL[index]
    agents_ = _agents_from(FIRST_OF_SPECIAL + index * AGENTS_PER_QUEUE)
    if kind is Kind.WEB:
        agents_ = tuple(browsers()[:AGENTS_PER_QUEUE])
    return Queue(kind=kind, number=str(FIRST_SPECIAL + index), name=str(kind), agents=agents_)


def _agents_from(first: int) -> tuple[str, ...]:
    return tuple(str(first + offset) for offset in range(AGENTS_PER_QUEUE))
