"""Before a PBX's news are followed, what its journal holds and the base does not is told again."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

import structlog

import storage.positions
from pbx_bridge.ami.message import FALLBACK
from pbx_bridge.call import Call
from pbx_bridge.journal import Journal
from storage.database import Database
from storage.positions import Position
from web.config import Settings
from web.journey import blackbox, stored
from web.journey.blackbox import Box
from web.journey.callers import Callers
from web.journey.journey import Journey
from web.journey.progress import NO_JOURNAL
from web.journey.records import Records
from web.journey.seats import Line
from web.journey.tails import Tail
from web.journey.takeovers import Known, known

T = TypeVar("T")
log = structlog.get_logger(__name__)

RETRY_SECONDS = 1.0
FORGOTTEN_SECONDS = 90.0  # a tracker keeps what ended for two minutes
LOOK_SECONDS = 0.02
LOOKUP_SECONDS = 5.0  # for the callers of a slice; later ones are stored when they are found
MOST_WAITING = 500  # calls that wait to be stored, before more is told


class Openings:
    """Brings journeys to where the journals of their PBXs end."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        callers: Callers,
        records: Records,
        on_resumed: Callable[[], Awaitable[None]],
    ) -> None:
        self._settings = settings
        self.database = database
        self._callers = callers
        self._records = records
        self._on_resumed = on_resumed
        self._told: set[UUID] = set()  # whose cards may wait for a wrap-up
        self._showing: asyncio.Task[None] | None = None
        self._recalling: asyncio.Task[None] | None = None

    async def resume(self, journey: Journey, box: Box, phones: dict[str, str]) -> None:
        """Tell the tail of the journal; live news wait meanwhile."""
        line, journal = journey.line, box.journal
        if journal and journey.acts:
            await self._read(line, lambda: self._begin(line.id, journal))
        position, open_calls = await self._read(line, lambda: self._stored(line.id))
        tail = Tail(
            pbx=line.id,
            reader=blackbox.reader(self._settings, line.id),
            journal=journal.id if journal else NO_JOURNAL,
            before=journal.first if journal else 0,
            position=position,
            phones=phones,
            encoding=line.config.encoding if line.config else FALLBACK,
            open_calls=open_calls,
        )
        if journey.acts:
            self._records.follow(journey.progress)
        told = tail.told()
        while (calls := await asyncio.to_thread(next, told, None)) is not None:
            await self._store(journey, tail, calls)
        up = {*tail.tracker.calls, *(call.id for call in open_calls)}
        tail.settle(await self._read(line, lambda: stored.calls(self.database, up)))
        await self._store(journey, tail, tail.rest())
        if tail.reader.troubles:
            log.warning("openings.troubles", pbx=line.name, troubles=tail.reader.troubles)
        journey.resume(tail)
        if self._told:
            self._showing = asyncio.create_task(self._show())

    def recall(self, journey: Journey) -> None:
        """Have the calls stored that were left to the journal, once the base takes some again."""
        is_busy = self._recalling is not None and not self._recalling.done()
        if journey.progress.left and not is_busy and not self._records.waiting:
            self._recalling = asyncio.create_task(self._recall(journey))

    async def _recall(self, journey: Journey) -> None:
        left, line = journey.progress.left, journey.line
        wanted = set(left)
        position, _ = await self._stored(line.id)
        tail = Tail(
            pbx=line.id,
            reader=blackbox.reader(self._settings, line.id),
            journal=position.journal if position else NO_JOURNAL,
            before=journey.progress.here.n + 1,
            position=position,
            phones=dict(journey.seated_as.phones) if journey.seated_as else {},
            encoding=line.config.encoding if line.config else FALLBACK,
            open_calls=(),
        )
        told = tail.told()
        while (calls := await asyncio.to_thread(next, told, None)) is not None:
            await self._keep(journey, [call for call in calls if call.id in left])
        await self._keep(journey, [call for call in tail.rest() if call.id in left])
        untold = wanted & left
        log.info("openings.recalled", pbx=line.name, calls=len(wanted), untold=len(untold))
        journey.progress.give_up(untold)  # the PBX's books may know them

    async def close(self) -> None:
        """Show and recall no more."""
        tasks = [task for task in (self._showing, self._recalling) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def compare(self, journey: Journey) -> Known | None:
        """Return what a node that leads from now on can go on with; None: it must begin anew.

        So it must where the last leader stored nothing for so long that our tracker may have
        forgotten what ended since; the journal has not.
        """
        line = journey.line.id
        async with self.database.reading() as session:
            position = await storage.positions.of(session, line)
        behind = journey.progress.here.at - position.heard_at.timestamp() if position else 0.0
        if journey.owes or not journey.has_begun or behind > FORGOTTEN_SECONDS:
            return None
        return await known(self.database, line, journey.tracker, journey.continuity)

    async def _stored(self, pbx: UUID) -> tuple[Position | None, list[Call]]:
        async with self.database.reading() as session:
            position = await storage.positions.of(session, pbx)
        return position, await stored.open_calls(self.database, pbx)

    async def _begin(self, pbx: UUID, journal: Journal) -> None:
        """Where the PBX was never heard, everything from now on is to be stored."""
        now = datetime.now(UTC)
        before = Position(
            pbx_id=pbx,
            journal=journal.id,
            n=journal.first - 1,
            heard_at=now,
            first=journal.first,
            first_at=now,
        )
        async with self.database.writing() as session:
            if await storage.positions.of(session, pbx) is None:
                await storage.positions.put(session, [before])

    async def _read(self, line: Line, read: Callable[[], Awaitable[T]]) -> T:
        """Return what the base knows, however long it takes to answer."""
        while True:
            try:
                return await read()
            except Exception as error:  # noqa: BLE001 - whatever it is, it must be read
                log.warning("openings.unread", pbx=line.name, error=type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)

    async def _store(self, journey: Journey, tail: Tail, calls: Sequence[Call]) -> None:
        """Have calls stored that are over: nobody's screen is told of them."""
        if not journey.acts:
            journey.owes |= bool(calls)
            return
        journey.progress.here = tail.start
        await self._keep(journey, calls)

    async def _keep(self, journey: Journey, calls: Sequence[Call]) -> None:
        for call in calls:
            self._callers.meet(call, journey.line)
            journey.retold[call.id] = call
            self._told.add(call.id)
            self._records.note(call, recalled=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOKUP_SECONDS):
                while self._looked_for(journey) or self._records.waiting > MOST_WAITING:  # noqa: ASYNC110 - of two others
                    await asyncio.sleep(LOOK_SECONDS)
        journey.retold = self._looked_for(journey)

    async def _show(self) -> None:
        """Show the cards of what was told, once it is stored."""
        while any(map(self._records.has, self._told)):  # noqa: ASYNC110 - of another
            await asyncio.sleep(LOOK_SECONDS)
        self._told.clear()
        await self._on_resumed()

    def _looked_for(self, journey: Journey) -> dict[UUID, Call]:
        """Return those calls whose callers are not known yet."""
        found = ((call, self._callers.known(key)) for key, call in journey.retold.items())
        return {call.id: call for call, caller in found if caller and caller.card is None}
