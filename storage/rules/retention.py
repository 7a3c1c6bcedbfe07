"""For how long a recording is kept: which rule decides, and when it goes; pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID


class Consent(StrEnum):
    """What the caller said to being recorded; where nothing is told, nothing is known."""

    ANNOUNCED = "announced"  # they were told of it and stayed
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Wins(StrEnum):
    """Which of several rules that fit decides."""

    LONGEST = "longest"
    SHORTEST = "shortest"


class Refusal(StrEnum):
    """What becomes of the recording of a caller who refuses."""

    DISCARD = "discard"  # it goes at once
    RESTRICT = "restrict"  # it is kept by the rules, and nobody hears it


class Ground(StrEnum):
    """Why a recording goes."""

    POLICY = "policy"  # its time is over
    REFUSED = "refused"  # the caller did not want it
    ERASURE = "erasure"  # the person is erased
    HAND = "hand"  # somebody who may deleted it


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A rule: recordings of calls for which all that it names holds are kept for some days."""

    id: UUID
    name: str
    days: int | None  # None: for ever
    queue: str | None = None
    tag_id: UUID | None = None
    outcome_id: UUID | None = None
    consent: Consent | None = None

    def fits(self, facts: "Facts") -> bool:
        """Whether the rule is for this call."""
        return (
            self.queue in {None, facts.queue}
            and (self.tag_id is None or self.tag_id in facts.tags)
            and (self.outcome_id is None or self.outcome_id in facts.outcomes)
            and self.consent in {None, facts.consent}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What of a call the rules ask for."""

    at: datetime  # when it ended
    queue: str | None = None
    tags: Collection[UUID] = field(default_factory=frozenset)
    outcomes: Collection[UUID] = field(default_factory=frozenset)
    consent: Consent = Consent.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the company chose."""

    policies: tuple[Policy, ...] = ()
    wins: Wins = Wins.LONGEST
    refusal: Refusal = Refusal.DISCARD


@dataclass(frozen=True, slots=True)
class End:
    """When a recording goes, and why."""

    at: datetime
    ground: Ground
    policy: Policy | None = None


def end_of(terms: Terms, facts: Facts) -> End | None:
    """Return when the recording of such a call goes; None is never. A hold is not asked here."""
    if facts.consent is Consent.REFUSED and terms.refusal is Refusal.DISCARD:
        return End(facts.at, Ground.REFUSED)
    policy = _deciding((one for one in terms.policies if one.fits(facts)), terms.wins)
    if policy is None or policy.days is None:
        return None
    return End(facts.at + timedelta(days=policy.days), Ground.POLICY, policy)


def least_days(terms: Terms) -> int | None:
    """Return after how many days the first recording could go; None: never, 0: at once."""
    if terms.refusal is Refusal.DISCARD:
        return 0
    return min((one.days for one in terms.policies if one.days is not None), default=None)


def _deciding(fitting: Iterable[Policy], wins: Wins) -> Policy | None:
    """Of rules with the same days the one that was made first decides, so that it is told."""
    found = sorted(fitting, key=lambda one: one.id)
    if not found:
        return None
    if wins is Wins.SHORTEST:
        return min(found, key=_length)
    return max(found, key=_length)


def _length(policy: Policy) -> float:
    return float("inf") if policy.days is None else policy.days
