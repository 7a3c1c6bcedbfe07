"""The black box: what every PBX says is kept before it is used, and can be told again."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import structlog

import storage.calls
import storage.queues
from pbx_bridge.ami import LinkState
from pbx_bridge.call import Call
from pbx_bridge.journal import (
    Journal,
    JournalError,
    Kind,
    Range,
    Reader,
    Retelling,
    Retold,
    Writer,
    differences,
    erase,
    retell,
)
from storage.calls import CallFilters, CallRecord, Story
from storage.cards import Cards
from storage.database import Database
from storage.errors import NotFound
from storage.pbxs import Pbx
from storage.secrets import SecretBox
from web.config import Settings
from web.journey import contexts, seats
from web.journey.seats import Line
from web.journey.stored import call_of

log = structlog.get_logger(__name__)

SKEW = timedelta(days=1)  # the PBX's clock may be wrong by as much
LEAD = timedelta(hours=1)  # of what went before, so that the tracker knows what was up
NEW, SILENT = "is not stored", ("is not in the journal",)


class Box:
    """The journal of one PBX, told what its link and its phones do.

    A disk that refuses costs the journal, never a call: then there is none, and the log says so.
    """

    def __init__(self, journal: Journal | None) -> None:
        self.journal = journal
        self._was_up = False

    def hear(self, raws: Sequence[bytes], at: float) -> int:
        """Keep messages that came at this time (epoch seconds); never waits.

        Return the first's number, or 0 where there is no journal.
        """
        return 0 if self.journal is None else self.journal.hear(*raws, at=at)

    def phones(self, phones: Mapping[str, str]) -> None:
        """These phones are ours from now on."""
        if self.journal is not None:
            self.journal.phones(dict(phones))

    def link(self, state: LinkState) -> None:
        """The link is in another state."""
        is_up = state.status == "connected"
        if self.journal is None or is_up is self._was_up:
            return
        self._was_up = is_up
        at = state.since.isoformat()
        if is_up:
            startup = state.startup.isoformat() if state.startup else None
            self.journal.note(Kind.UP, at=at, startup=startup, asterisk=state.asterisk)
        else:
            self.journal.note(Kind.DOWN, at=at, cause=state.cause)

    async def close(self) -> None:
        """Write the rest and let go."""
        if self.journal is not None:
            await asyncio.to_thread(self.journal.close)


class BlackBox:
    """The journals of this installation."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def open(self, line: Line) -> Box:
        """Open the PBX's journal for writing."""
        try:
            return Box(await asyncio.to_thread(self._journal, line.id))
        except (JournalError, OSError) as error:
            why = str(error) if isinstance(error, JournalError) else error.strerror
            log.error("blackbox.no_journal", pbx=line.name, why=why)  # noqa: TRY400 - said plainly
            return Box(None)

    def _journal(self, pbx: UUID) -> Journal:
        keys, days = self._settings.secret_keys, self._settings.journal_days
        return Journal(Writer(folder(self._settings, pbx), pbx, keys, days=days))


def folder(settings: Settings, pbx: UUID) -> Path:
    """Return where the PBX's journal lies."""
    return (settings.journal_dir or settings.data_dir / "journal") / str(pbx)


def reader(settings: Settings, pbx: UUID) -> Reader:
    """Return the PBX's journal for reading; it may be written meanwhile."""
    return Reader(folder(settings, pbx), pbx, settings.secret_keys)


def around(call: CallRecord) -> Range:
    """Return when messages about the call can have been heard, by whatever clock."""
    until = call.ended_at + SKEW if call.ended_at else None
    return Range(since=call.started_at - SKEW, until=until)


def erase_call(settings: Settings, story: Story) -> int:
    """Make tombstones of the messages of a call that is to be erased; return how many.

    To be called while its legs are still stored. Raises NotErased where a block refuses.
    """
    call = story.call
    place = folder(settings, call.pbx_id)
    if not place.is_dir():
        return 0
    ids = {leg.uniqueid for leg in story.legs}
    return erase(place, call.pbx_id, settings.secret_keys, ids, within=around(call))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A call that is told otherwise than it is stored, and what was done about it."""

    call: UUID
    began: datetime
    lines: tuple[str, ...]


class Retellings:
    """Calls that began in a period, told again by today's tracker, beside what is stored."""

    def __init__(
        self, database: Database, settings: Settings, since: datetime, until: datetime
    ) -> None:
        self.troubles: list[str] = []
        self._database = database
        self._settings = settings
        self._since = since
        self._until = until
        self._counts: Counter[str] = Counter()

    def summary(self) -> str:
        """Say what was found."""
        count = self._counts
        return (
            f"{count['told']} calls told again: {count['same']} as stored, "
            f"{count['differ']} otherwise, {count['new']} not stored, "
            f"{count['part']} heard only in part. "
            f"{count['silent']} stored calls are not in the journal. {count['applied']} applied."
        )

    async def of(self, pbx: Pbx, *, applies: bool) -> AsyncIterator[Verdict]:
        """Yield the calls of one PBX that differ; `applies` stores what the journal tells."""
        journal = reader(self._settings, pbx.id)
        lead = self._since - LEAD
        phones = journal.phones(lead)
        retelling = Retelling(pbx.id, phones=phones, encoding=pbx.encoding)
        known: set[UUID] = set()
        for retold in retell(journal.from_volume(lead), retelling, until=self._until):
            known.update((retold.call.id, *retold.call.aliases))
            if self._since <= retold.call.started_at < self._until:
                verdict = await self._judged(pbx, retold, applies=applies)
                if verdict is not None:
                    yield verdict
        known.update(retelling.tracker.calls)
        async for verdict in self._silent(pbx, known):
            yield verdict
        self.troubles += [f"{pbx.name}: {trouble}" for trouble in journal.troubles]

    async def _judged(self, pbx: Pbx, retold: Retold, *, applies: bool) -> Verdict | None:
        call, story = retold.call, None
        async with self._database.reading() as session:
            with suppress(NotFound):
                story = await storage.calls.get(session, call.id)
        if not retold.is_whole:
            self._counts["part"] += 1
            return None
        self._counts["told"] += 1
        if story is not None and story.call.id != call.id:
            lines = [f"is stored as a part of {story.call.id}, and is told as a call of its own"]
        elif story is None:
            lines = [NEW]
        else:
            lines = [str(one) for one in differences(call_of(story), call)]
        self._counts["new" if story is None else "differ" if lines else "same"] += 1
        if not lines:
            return None
        if applies and (story is None or story.call.id == call.id):
            await self._apply(pbx, call, story)
            self._counts["applied"] += 1
        return Verdict(call=call.id, began=call.started_at, lines=tuple(lines))

    async def _apply(self, pbx: Pbx, call: Call, story: Story | None) -> None:
        users = (await seats.read(self._database, SecretBox(self._settings.secret_keys))).users
        row = story.call if story else None
        cards = Cards.of(self._database)
        try:
            context = await contexts.of(cards, users, pbx, call, row)
        finally:
            await cards.close()
        async with self._database.writing() as session:
            for queue in {segment.queue for segment in call.segments if segment.queue}:
                await storage.queues.ensure(session, pbx.id, queue)
            await storage.calls.retell(session, call, context=context, reason="replay", by=None)

    async def _silent(self, pbx: Pbx, known: set[UUID]) -> AsyncIterator[Verdict]:
        """Stored calls of the period that the journal does not tell."""
        filters = CallFilters(since=self._since, until=self._until)
        place, is_first = None, True
        while is_first or place is not None:
            is_first = False
            async with self._database.reading() as session:
                page = await storage.calls.listed(session, filters, reach=None, after=place)
            for line in page.lines:
                row = line.call
                if row.pbx_id == pbx.id and row.id not in known:
                    self._counts["silent"] += 1
                    yield Verdict(call=row.id, began=row.started_at, lines=SILENT)
            place = page.older
