"""Which calls are to be reviewed: rules, what they look at, and why a call was picked.

A call of an agent draws a number below 1 from its id and the rule's, so that anyone can draw it
again: chance without a memory, whatever is looked at first.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from storage.rules.scorecards import monday_of

DIGITS = 6  # of a number that was drawn, as it is told


class RuleKind(StrEnum):
    """What a rule looks at."""

    RANDOM = "random"  # a share of each agent's calls, and so many of a week at least
    OUTCOME = "outcome"  # what the agent chose after the call: also a customer's no
    HOLD = "hold"  # seconds on hold in all, at least
    WAIT = "wait"  # seconds until somebody answered, at least
    TALK = "talk"  # seconds of talk, at least
    HANDS = "hands"  # so many agents talked in it, at least
    COMMENTS = "comments"  # so many comments of colleagues at moments of the recording, at least
    SILENCE = "silence"  # seconds in which nobody spoke, in a row, at least
    FEEDBACK = "feedback"  # what a script asked for as a number, at most


LEAST = (
    RuleKind.HOLD,
    RuleKind.WAIT,
    RuleKind.TALK,
    RuleKind.HANDS,
    RuleKind.COMMENTS,
    RuleKind.SILENCE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule; no queues or no teams are all of them."""

    id: UUID
    kind: RuleKind
    share: float = 0.0  # percent of an agent's calls
    least: int = 0  # calls of an agent and week
    limit: float = 0.0  # seconds, agents, comments, or the highest answer
    outcomes: frozenset[str] = frozenset()  # ids
    script: str = ""  # a script's id, and the question in it
    question: str = ""
    queues: frozenset[str] = frozenset()  # ids
    teams: frozenset[str] = frozenset()


class Silence(NamedTuple):
    """Where in a call nobody spoke."""

    seconds: float  # how long
    at: float  # seconds from the recording's beginning
    recording: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What rules may look at of a call and one agent who talked in it."""

    call: UUID
    agent: UUID
    at: datetime  # when the call began
    queue: str = ""  # its id
    teams: frozenset[str] = frozenset()  # of the agent
    outcomes: frozenset[str] = frozenset()  # that this agent chose
    hold: float = 0.0  # seconds
    wait: float = 0.0
    talk: float = 0.0
    hands: int = 1
    comments: int = 0
    silence: Silence | None = None  # the longest of its recordings
    answers: Mapping[tuple[str, str], float] = field(default_factory=dict)  # (script, question)


class Picked(NamedTuple):
    """A call of an agent that a rule picks, and the facts by which it did."""

    call: UUID
    agent: UUID
    why: dict[str, Any]


def pick(rule: Rule, facts: Sequence[Facts], *, zone: tzinfo, today: date) -> list[Picked]:
    """Return what the rule picks of these calls.

    Of a random rule's `least` only weeks that are over before `today` are filled up: until then
    nobody knows which numbers are the lowest.
    """
    within = [one for one in facts if _concerns(rule, one)]
    if rule.kind is RuleKind.RANDOM:
        return _drawn(rule, within, zone=zone, today=today)
    told = ((one, _why(rule, one)) for one in within)
    return [Picked(one.call, one.agent, why) for one, why in told if why]


def draw(rule: UUID, call: UUID, agent: UUID) -> float:
    """Return the number from 0 to below 1 that this call of this agent draws."""
    digest = sha256(rule.bytes + call.bytes + agent.bytes).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def _concerns(rule: Rule, one: Facts) -> bool:
    in_queue = not rule.queues or one.queue in rule.queues
    return in_queue and (not rule.teams or not rule.teams.isdisjoint(one.teams))


def _why(rule: Rule, one: Facts) -> dict[str, Any]:
    """The facts that speak for the call; empty where none do."""
    if rule.kind is RuleKind.OUTCOME:
        chosen = sorted(rule.outcomes & one.outcomes)
        return {"outcomes": chosen} if chosen else {}
    if rule.kind is RuleKind.FEEDBACK:
        answer = one.answers.get((rule.script, rule.question))
        fits = answer is not None and answer <= rule.limit
        return {"answer": answer, "limit": rule.limit} if fits else {}
    value = {
        RuleKind.HOLD: one.hold, RuleKind.WAIT: one.wait, RuleKind.TALK: one.talk,
        RuleKind.HANDS: float(one.hands), RuleKind.COMMENTS: float(one.comments),
        RuleKind.SILENCE: one.silence.seconds if one.silence else 0.0,
    }[rule.kind]  # fmt: skip
    if not value >= rule.limit > 0:
        return {}
    told: dict[str, Any] = {"value": round(value), "limit": rule.limit}
    if rule.kind is RuleKind.SILENCE and one.silence:
        told |= {"at": round(one.silence.at, 1), "recording": str(one.silence.recording)}
    return told


def _drawn(rule: Rule, facts: Iterable[Facts], *, zone: tzinfo, today: date) -> list[Picked]:
    groups: dict[tuple[UUID, date], list[tuple[float, Facts]]] = defaultdict(list)
    for one in facts:
        week = (one.agent, monday_of(one.at, zone))
        groups[week].append((draw(rule.id, one.call, one.agent), one))
    picked = []
    for (_agent, monday), drawn in groups.items():
        drawn.sort(key=lambda pair: (pair[0], pair[1].call))
        is_over = monday + timedelta(days=7) <= today
        for place, (number, one) in enumerate(drawn, 1):
            told = {"drew": round(number, DIGITS), "share": rule.share, "week": monday.isoformat()}
            if number < rule.share / 100:
                picked.append(Picked(one.call, one.agent, told))
            elif is_over and place <= rule.least:
                more = {"place": place, "calls": len(drawn), "least": rule.least}
                picked.append(Picked(one.call, one.agent, told | more))
    return picked
