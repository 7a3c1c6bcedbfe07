"""What an agent sees of a caller: who it is, what was said, noted and promised."""

from collections.abc import Awaitable
from datetime import datetime
from uuid import UUID

from pbx_bridge.matching import Candidate, Level, Match, Reason, match, msgid
from pbx_bridge.phone import Kind
from storage.cards import owed, queries
from storage.cards.aside import reader_of
from storage.cards.readers import Reader, Reading
from storage.cards.statements import Row
from storage.cards.values import (
    Card,
    CardCustomer,
    CardNote,
    CardPromise,
    CardTask,
    Choice,
    Company,
    Interaction,
    StoredWrapUp,
    Unfinished,
)
from storage.database import Database

SAID = msgid("A colleague said who this is.")
SAID_NOBODY = msgid("A colleague said that this is none of our customers.")


class Cards:
    """Reads cards past the pages' engine; every method raises CardsUnreadable."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    @classmethod
    def of(cls, database: Database, *, aside: bool = False) -> "Cards":
        """Read from the same base as the pages; `aside` asks for a process where that helps."""
        return cls(reader_of(database.url, aside=aside, warm=_prepared))

    @property
    def is_beside(self) -> bool:
        """Whether cards are read while the loop goes on, taking no turns from it."""
        return self._reader.is_beside

    async def prepare(self) -> None:
        """Connect and compile every statement, so that the first pop does not wait for that."""
        await self._reader.run(_prepared)

    def find(self, kind: Kind, e164: str | None) -> Awaitable[Card]:
        """Begin to read the card of a number of this kind; raises where it is awaited."""
        return self._reader.run(_found, kind, e164)

    def decided(self, call: UUID, kind: Kind, e164: str | None) -> Awaitable[Card]:
        """Begin to read the card of a stored call: who a person said it is, else as `find`."""
        return self._reader.run(_decided, call, kind, e164)

    async def wrap_up(self, call: UUID, user: UUID) -> StoredWrapUp | None:
        """Return what the user stored after the call."""
        return await self._reader.run(_wrap_up, call, user)

    async def unfinished(self, *, since: datetime) -> tuple[Unfinished, ...]:
        """Return the cards that were open when the server stopped."""
        return await self._reader.run(_unfinished, since)

    async def close(self) -> None:
        """Let go of the connection."""
        await self._reader.close()


def _prepared() -> Reading[None]:
    nobody, nothing = UUID(int=0), ""
    yield queries.candidates, {"e164": nothing}
    yield queries.calls_of_number, {"e164": nothing}
    yield queries.decision, {"call": nobody}
    yield from _card(Match(level=Level.KNOWN, why=Reason(text=""), customer=nobody), None)
    yield from _wrap_up(nobody, nobody)


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
    rows = yield owed.owed, whose  # each of the two in its order
    return Card(
        match=found,
        customer=customer,
        interactions=_interactions(calls),
        notes=tuple(CardNote(at=at, by=by, text=text) for at, by, text in notes),
        promises=tuple(
            CardPromise(id=key, text=text, due_on=due_on, by=by)
            for is_task, key, text, due_on, _, by in rows
            if not is_task
        ),
        tasks=tuple(
            CardTask(id=key, title=text, due_at=due_at, whose=by)
            for is_task, key, text, _, due_at, by in rows
            if is_task
        ),
        outcomes=outcomes,
    )


def _customer(key: UUID) -> Reading[CardCustomer | None]:
    rows = yield queries.customer, {"customer": key}
    firms = yield queries.companies, {"customer": key}
    if not rows:
        return None
    _, name, kind, address_as, email, about, lifecycle = rows[0]
    companies = tuple(Company(id=firm, name=called, role=role) for firm, called, role in firms)
    return CardCustomer(
        id=key,
        name=name,
        kind=str(kind),
        address_as=address_as,
        email=email,
        about=about,
        lifecycle=lifecycle,
        companies=companies,
    )


def _wrap_up(call: UUID, user: UUID) -> Reading[StoredWrapUp | None]:
    rows = yield queries.wrap_up, {"call": call, "user": user}
    return StoredWrapUp(outcome=rows[0][0], note=rows[0][1]) if rows else None


def _unfinished(since: datetime) -> Reading[tuple[Unfinished, ...]]:
    rows = yield queries.unfinished, {"since": since}
    return tuple(Unfinished(call=call, offer=offer, user=user) for call, offer, user in rows)


def _candidate(row: Row) -> Candidate:
    key, name, kind, closed_at, owns, chosen_at, company, role, last_contact = row
    return Candidate(
        customer=key,
        name=name,
        kind=str(kind),
        owns=owns,
        closed=closed_at is not None,
        chosen=chosen_at is not None,
        company=company,
        role=role or "",
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
