"""Which customer is calling: known, likely or unknown, best first, and why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from pbx_bridge.phone import Kind

_NEVER = datetime.min.replace(tzinfo=UTC)


class Level(StrEnum):
    """How sure we are who is on the other side."""

    KNOWN = "known"
    LIKELY = "likely"  # several customers share the number, or it is a company's line
    UNKNOWN = "unknown"
    WITHHELD = "withheld"
    INTERNAL = "internal"  # a colleague: never matched


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A customer who may be calling: has the number, or speaks for a company that has it."""

    customer: UUID
    name: str
    kind: str  # person, company
    owns: bool = True  # the number is theirs, not only their company's
    closed: bool = False
    chosen: bool = False  # a person said that calls of this number are theirs
    role: str = ""  # what they are there
    company: UUID | None = None  # the one they speak for, where that is why they are here
    last_contact: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why, as a sentence to translate and what to put into it."""

    text: str
    params: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text.format(**self.params)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Who is calling; `customer` is set only where that is known."""

    level: Level
    why: Reason
    customer: UUID | None = None
    candidates: tuple[Candidate, ...] = ()


def msgid(text: str) -> str:
    """Mark a text for translation where no language is at hand (xgettext keyword)."""
    return text


WITHHELD = msgid("The caller withholds the number.")
INTERNAL = msgid("A colleague: internal numbers are never matched.")
UNREADABLE = msgid("This is no public number, so it is nobody's.")
NOBODY = msgid("No customer has this number.")
ONLY_CLOSED = msgid("Only customers who are no longer served have this number.")
ONE_OWNER = msgid("The number is {name}'s alone.")
CHOSEN = msgid("A colleague said that calls of this number are {name}'s.")
COMPANY_LINE = msgid("The line of {name}: anyone there may be calling.")
SHARED = msgid("{count} customers share this number.")
BY_HAND = msgid("A colleague said who was on the other side.")
FOLLOWED = msgid("A colleague gave the number to {name}, and its earlier unknown calls followed.")


def match(kind: Kind, candidates: Iterable[Candidate] = ()) -> Match:
    """Say who is calling from a number of this kind, given those who may be."""
    if kind == "withheld":
        return Match(level=Level.WITHHELD, why=Reason(text=WITHHELD))
    if kind == "internal":
        return Match(level=Level.INTERNAL, why=Reason(text=INTERNAL))
    if kind == "odd":
        return Match(level=Level.UNKNOWN, why=Reason(text=UNREADABLE))
    everyone = tuple(candidates)
    live = _best_first(candidate for candidate in everyone if not candidate.closed)
    owners = [candidate for candidate in live if candidate.owns]
    if not owners:
        return Match(level=Level.UNKNOWN, why=Reason(text=ONLY_CLOSED if everyone else NOBODY))
    return _among(owners, live)


def _among(owners: list[Candidate], live: tuple[Candidate, ...]) -> Match:
    chosen = [candidate for candidate in live if candidate.chosen]
    if len(chosen) == 1:
        return _known(chosen[0], live, CHOSEN)
    if len(owners) > 1:
        why = Reason(text=SHARED, params={"count": str(len(owners))})
        return Match(level=Level.LIKELY, why=why, candidates=live)
    [owner] = owners
    if owner.kind == "company":
        why = Reason(text=COMPANY_LINE, params=_named(owner))
        return Match(level=Level.LIKELY, why=why, candidates=live)
    return _known(owner, live, ONE_OWNER)


def _known(customer: Candidate, live: tuple[Candidate, ...], text: str) -> Match:
    others = tuple(candidate for candidate in live if candidate is not customer)
    return Match(
        level=Level.KNOWN,
        why=Reason(text=text, params=_named(customer)),
        customer=customer.customer,
        candidates=(customer, *others),
    )


def _named(customer: Candidate) -> dict[str, str]:
    """Whom a reason is about: what keeps it keeps the customer, whose name may change."""
    return {"name": customer.name, "customer": str(customer.customer)}


def _best_first(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Order by the latest contact; a customer who appears twice stands once, as an owner."""
    once: dict[UUID, Candidate] = {}
    for candidate in candidates:
        seen = once.get(candidate.customer)
        if seen is None or (candidate.owns, candidate.chosen) > (seen.owns, seen.chosen):
            once[candidate.customer] = candidate
    return tuple(sorted(once.values(), key=_rank))


def _rank(candidate: Candidate) -> tuple[float, bool, bool, str, UUID]:
    since = ((candidate.last_contact or _NEVER) - _NEVER).total_seconds()
    is_person = candidate.kind != "company"  # the company before its people, all else being equal
    name = candidate.name.casefold()
    return (-since, not candidate.owns, is_person, name, candidate.customer)
