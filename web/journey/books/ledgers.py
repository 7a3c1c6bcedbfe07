"""The books of a PBX read and told, and calls stored as they tell; for recovery and reconciling."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

import storage.books
import storage.calls
import storage.queues
import storage.recoveries
from pbx_bridge import books
from pbx_bridge.books import Books, Recovered
from pbx_bridge.call import Call, CallState
from pbx_bridge.journal import differences
from storage.calls import Parts
from storage.cards import Cards
from storage.database import Database
from storage.pbxs import Pbx
from storage.recoveries import Reason
from storage.secrets import SecretBox
from web.journey import contexts, seats
from web.journey.books import mending
from web.journey.pickups import Expects
from web.journey.stored import call_of


class Outcome(StrEnum):
    """What came of a call that the books told."""

    NEW = "new"
    MENDED = "mended"
    UNCHANGED = "unchanged"
    WAITS = "waits"  # it is up, by the books or by what we hear: it is told when it is over


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why calls are told anew: a gap since some moment, or reconciliation."""

    reason: Reason
    gap_id: UUID | None = None
    deaf_since: datetime | None = None


class Ledger:
    """The books of one PBX, and who sits at its phones now; use as `async with Ledger(…)`."""

    def __init__(
        self, database: Database, secrets: SecretBox, pbx: Pbx, *, pickup: Expects | None = None
    ) -> None:
        self.pbx = pbx
        self._database = database
        self._secrets = secrets
        self._pickup = pickup
        self._seats = seats.Seats()
        self._cards = Cards.of(database)

    async def __aenter__(self) -> Self:
        self._seats = await seats.read(self._database, self._secrets)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._cards.close()

    @property
    def has_books(self) -> bool:
        """Whether somebody said where they are."""
        pbx = self.pbx
        return any((pbx.books_cdr, pbx.books_cel, pbx.books_queue_log, pbx.books_sql))

    async def read(self, since: datetime, until: datetime) -> Books:
        """Return what the books say of the calls of a period; trouble is said in them."""
        folder = storage.books.folder(self.pbx)
        found = await asyncio.to_thread(books.read, folder, since=since, until=until)
        tables = storage.books.tables(self.pbx, self._secrets)
        if tables is not None:
            base = await storage.books.read(tables, since=since, until=until)
            found = storage.books.merged(found, base)
        return found

    async def tell(self, found: Books) -> tuple[Recovered, ...]:
        """Return the calls that the books tell of."""
        phones = self._seats.phones.get(self.pbx.id, {})
        return await asyncio.to_thread(books.tell, self.pbx.id, phones, found)

    async def stored(self, call: Call) -> list[Parts]:
        """Return the stored calls that have legs of this one, the oldest first."""
        began = {leg.uniqueid: leg.started_at for leg in call.legs}
        async with self._database.reading() as session:
            owners = await storage.calls.owners(session, self.pbx.id, began)
            found = await storage.calls.parts(session, set(owners.values()))
        return sorted(found, key=lambda parts: parts.call.id)

    async def store(self, told: Recovered, cause: Cause) -> Outcome:
        """Store a call as the books tell it, under the ids that it has; none that is still up."""
        rows = await self.stored(told.call)
        before = [call_of(row) for row in rows]
        if told.is_open or any(call.state is not CallState.ENDED for call in before):
            return Outcome.WAITS
        call = told.call
        if before:
            call = mending.mended(before, told, deaf_since=cause.deaf_since)
            if len(before) == 1 and not differences(before[0], call):
                return Outcome.UNCHANGED
        context = await contexts.of(
            self._cards, self._seats.users, self.pbx, call, rows[0].call if rows else None
        )
        now = datetime.now(UTC)
        async with self._database.writing() as session:
            for queue in {segment.queue for segment in call.segments if segment.queue}:
                await storage.queues.ensure(session, self.pbx.id, queue)
            await storage.calls.retell(
                session, call, context=context, reason=cause.reason.value, by=None
            )
            unseen = mending.new_answers(before, call)
            await storage.calls.put_away(session, unseen, at=now)
            await storage.recoveries.note(
                session, call.id, reason=cause.reason, gap_id=cause.gap_id, is_new=not before,
                uncertain=told.uncertain, at=now,
            )  # fmt: skip
        if self._pickup is not None and call.recordings:
            self._pickup.expect(call)
        return Outcome.MENDED if before else Outcome.NEW


def names(found: Books) -> tuple[str, ...]:
    """Return the books that were there."""
    there = {"cel": found.has_cel, "queue_log": found.has_queue_log, "cdr": found.has_cdr}
    return tuple(name for name, is_there in there.items() if is_there)


def doubts(found: Books, told: Collection[Recovered]) -> tuple[str, ...]:
    """Return sentences about what stays uncertain: what could not be read, what is not told."""
    unsure = [one for one in told if one.uncertain]
    said = list(found.troubles)
    if unsure:
        words = sorted({word for one in unsure for word in one.uncertain})
        said.append(f"Not certain of {len(unsure)} of {len(told)} calls: {', '.join(words)}.")
    return tuple(said)
