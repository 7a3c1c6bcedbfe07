"""The black box: what every PBX says goes to its journal before anything else is done with it."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import structlog

from pbx_bridge.ami import LinkState
from pbx_bridge.journal import Journal, JournalError, Kind, Range, Reader, Writer, erase
from storage.calls import CallRecord, Story
from web.config import Settings
from web.journey.seats import Line

SKEW = timedelta(days=1)  # the PBX's clock may be wrong by as much

log = structlog.get_logger(__name__)


class Box:
    """The journal of one PBX, told what its link and its phones do.

    A disk that refuses costs the journal, never a call: then there is none, and the log says so.
    """

    def __init__(self, journal: Journal | None) -> None:
        self.journal = journal
        self._was_up = False

    def hear(self, raw: bytes) -> None:
        """Keep a message; never waits."""
        if self.journal is not None:
            self.journal.hear(raw)

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


def around(call: CallRecord) -> Range:
    """Return when messages about the call can have been heard, by whatever clock."""
    until = call.ended_at + SKEW if call.ended_at else None
    return Range(since=call.started_at - SKEW, until=until)
