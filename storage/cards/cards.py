"""What an agent sees of a caller: who it is, what was said, noted and promised."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from pbx_bridge.call import CallResult, Direction
from pbx_bridge.matching import Candidate, Level, Match, Reason, match, msgid
from pbx_bridge.phone import Kind
from storage.cards import queries
from storage.cards.readers import Reader, Reading, reader_of
from storage.cards.statements import Row
from storage.database import Database

SAID = msgid("A colleague said who this is.")
SAID_NOBODY = msgid("A colleague said that this is none of our customers.")


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


class Cards:
    """Reads cards past the pages' engine; every method raises CardsUnreadable."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    @classmethod
    def of(cls, database: Database) -> "Cards":
        """Read from the same base as the pages."""
        return cls(reader_of(database.url))

    async def find(self, kind: Kind, e164: str | None) -> Card:
        """Return the card of a number of this kind."""
        return await self._reader.run(_found(kind, e164))

    async def decided(self, call: UUID, kind: Kind, e164: str | None) -> Card:
        """Return the card of a stored call: who a person said it is, else as `find`."""
        return await self._reader.run(_decided(call, kind, e164))

    async def wrap_up(self, call: UUID, user: UUID) -> StoredWrapUp | None:
        """Return what the user stored after the call."""
        return await self._reader.run(_wrap_up(call, user))

    async def unfinished(self, *, since: datetime) -> tuple[Unfinished, ...]:
        """Return the cards that were open when the server stopped."""
        return await self._reader.run(_unfinished(since))

    async def close(self) -> None:
        """Let go of the connection."""
        await self._reader.close()


def _found(kind: Kind, e164: str | None) -> Reading[Card]:
    if kind != "public" or e164 is None:
        return (yield from _card(match(kind), None))
    rows = yield queries.candidates, {"e164": e164}
    return (yield from _card(match(kind, map(_candidate, rows)), e164))


def _decided(call: UUID, kind: Kind, e164: str | None) -> Reading[Card]:
    rows = yield queries.decision, {"call": call}
    if not rows or not rows[0][1]:
        return (yield from _found(kind, e164))
    customer = rows[0][0]
    if customer is None:
        said = Match(level=Level.UNKNOWN, why=Reason(text=SAID_NOBODY))
    else:
        said = Match(level=Level.KNOWN, why=Reason(text=SAID), customer=customer)
    return (yield from _card(said, e164))


def _card(found: Match, e164: str | None) -> Reading[Card]:
    choices = yield queries.outcomes, {}
    outcomes = tuple(Choice(id=row[0], name=row[1]) for row in choices)
    if found.customer is None:
        rows = (yield queries.calls_of_number, {"e164": e164}) if e164 else []
        return Card(match=found, interactions=_interactions(rows), outcomes=outcomes)
    whose = {"customer": found.customer}
    customer = yield from _customer(found.customer)
    calls = yield queries.calls_of_customer, whose
    notes = yield queries.notes, whose
    promises = yield queries.promises, whose
    return Card(
        match=found,
        customer=customer,
        interactions=_interactions(calls),
        notes=tuple(CardNote(at=at, by=by, text=text) for at, by, text in notes),
        promises=tuple(
            CardPromise(id=key, text=text, due_on=due, by=by) for key, text, due, by in promises
        ),
        outcomes=outcomes,
    )


def _customer(key: UUID) -> Reading[CardCustomer | None]:
    rows = yield queries.customer, {"customer": key}
    firms = yield queries.companies, {"customer": key}
    if not rows:
        return None
    _, name, kind, address_as, email, about, _ = rows[0]
    companies = tuple(Company(id=firm, name=called, role=role) for firm, called, role in firms)
    return CardCustomer(
        id=key,
        name=name,
        kind=str(kind),
        address_as=address_as,
        email=email,
        about=about,
        companies=companies,
    )


def _wrap_up(call: UUID, user: UUID) -> Reading[StoredWrapUp | None]:
    rows = yield queries.wrap_up, {"call": call, "user": user}
    return StoredWrapUp(outcome=rows[0][0], note=rows[0][1]) if rows else None


def _unfinished(since: datetime) -> Reading[tuple[Unfinished, ...]]:
    rows = yield queries.unfinished, {"since": since}
    return tuple(Unfinished(call=call, offer=offer, user=user) for call, offer, user in rows)


def _candidate(row: Row) -> Candidate:
    key, name, kind, closed_at, owns, chosen_at, company, last_contact = row
    return Candidate(
        customer=key,
        name=name,
        kind=str(kind),
        owns=owns,
        closed=closed_at is not None,
        chosen=chosen_at is not None,
        company=company,
        last_contact=last_contact,
    )


def _interactions(rows: list[Row]) -> tuple[Interaction, ...]:
    """One for each call, with the last wrap-up's outcome and every agent's note."""
    found: dict[UUID, Interaction] = {}
    for call, at, direction, result, queue, seconds, agent, outcome, note, writer in rows:
        before = found.get(call)
        notes = [text for text in (before.note if before else "", note or "") if text]
        found[call] = Interaction(
            call=call,
            at=at,
            direction=direction,
            result=result,
            queue=queue,
            talk_seconds=seconds,
            agent=agent or writer,
            outcome=outcome or (before.outcome if before else None),
            note="\n".join(notes),
        )
    return tuple(found.values())
