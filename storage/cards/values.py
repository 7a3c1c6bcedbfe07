"""What a card holds, as plain values."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from pbx_bridge.call import CallResult, Direction
from pbx_bridge.matching import Candidate, Match, Reason
from storage.crossing import crosses
from storage.rules.lifecycles import Lifecycle


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A firm that the customer speaks for."""

    id: UUID
    name: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardCustomer:
    """The customer as the card shows them."""

    id: UUID
    name: str
    kind: str
    address_as: str | None
    email: str | None
    about: str
    lifecycle: Lifecycle | None = None
    companies: tuple[Company, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """An earlier call, with what its agent wrote after it."""

    call: UUID
    at: datetime
    direction: Direction
    result: CallResult | None
    queue: str | None
    talk_seconds: float
    agent: str | None
    outcome: str | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardNote:
    """What a colleague wrote about the customer."""

    at: datetime
    by: str | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPromise:
    """What the customer was promised and waits for."""

    id: UUID
    text: str
    due_on: date
    by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardTask:
    """What is to be done for the customer."""

    id: UUID
    title: str  # may be empty for a callback
    due_at: datetime | None
    whose: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An outcome that the agent can choose."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """All of it, as it was read at one moment."""

    match: Match
    customer: CardCustomer | None = None
    interactions: tuple[Interaction, ...] = ()  # newest first
    notes: tuple[CardNote, ...] = ()
    promises: tuple[CardPromise, ...] = ()
    tasks: tuple[CardTask, ...] = ()
    outcomes: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredWrapUp:
    """What an agent stored after a call."""

    outcome: UUID | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """An answered offer whose agent neither wrapped up nor put the card away."""

    call: UUID
    offer: UUID
    user: UUID


crosses(Match, Reason, Candidate)
crosses(Card, CardCustomer, Company, Interaction, CardNote, CardPromise, CardTask, Choice)
