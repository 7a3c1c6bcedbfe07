"""After hang-up: wait until the PBX's file is complete, copy it to the shelf, say so in its row."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import structlog

import storage.pickups
import storage.recordings
from pbx_bridge.call import Call
from pbx_bridge.matching import msgid
from recordings import sources, verdicts
from recordings.formats import sided
from recordings.naming import BadName, shelf_key
from recordings.places import Places
from recordings.shelf import Shelf
from recordings.spools import Folders
from recordings.verdicts import Look, Patience, Verdict
from storage.database import Database
from storage.pickups import Awaited, was_recorded
from storage.recordings import RecordingState, Sound

POLL = 0.5  # seconds between looks
RETRY = 15.0  # seconds until the next try where our own side failed
ROW_PATIENCE = 600.0  # seconds that a recording may be without its row: storing runs behind
NO_ROOM = msgid("Ringbook cannot store the file now and tries again. Is its disk full?")

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Wait:
    """One recording that is waited for; times are of the injected clock."""

    awaited: Awaited
    began: float  # when the call ended
    look: Look | None = None
    since: float = 0.0  # when the file was first seen as `look`
    not_before: float = 0.0


class Pickup:
    """Fetches the recordings of ended calls, one after another, and survives restarts.

    `folders` tells for each PBX how it names its recordings folder and where that is here; it may
    be replaced while running. The PBX's own file is left where it is, unless this one `clears`:
    then it goes once the shelf has it, was read back, and its row says so.
    """

    def __init__(
        self,
        database: Database,
        shelf: Shelf,
        folders: Folders,
        *,
        patience: Patience | None = None,
        clears: bool = False,
        raw_channels: int | None = None,
        on_shelved: Callable[[UUID], None] = lambda _key: None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._places = Places(database, folders, clock)
        self._database, self._shelf = database, shelf
        self._patience = patience or Patience()
        self._clock, self._sleep = clock, sleep
        self.refused = False  # the shelf did not take the last file
        self._clears, self._on_shelved = clears, on_shelved
        self._again, self._raw_channels = False, raw_channels
        self._waits: dict[UUID, _Wait] = {}
        self._something = asyncio.Event()

    @property
    def backlog(self) -> int:
        """How many recordings are waited for."""
        return len(self._waits)

    @property
    def folders(self) -> Folders:
        """Where each PBX's recordings are."""
        return self._places.folders

    @folders.setter
    def folders(self, folders: Folders) -> None:
        self._places.folders = folders

    def expect(self, call: Call) -> None:
        """The call ended: fetch its recordings as soon as they are complete. Returns at once."""
        ids = {leg.id: leg.uniqueid for leg in call.legs}
        for recording in call.recordings:
            self._add(
                Awaited(
                    id=recording.id,
                    call_id=call.id,
                    pbx_id=call.pbx,
                    path_there=recording.path,
                    ended_at=call.ended_at or call.started_at,
                    lasted=storage.pickups.should_last(
                        recording.started_at, recording.ended_at, call.talk_seconds
                    ),
                    uniqueid=ids.get(recording.leg, ""),
                    recorded=was_recorded(recording.started_at, recording.ended_at),
                ),
                already=0.0,
            )

    async def resume(self, *, afresh: bool = False) -> None:
        """Take up what was still waited for when we stopped; `afresh` waits from now on."""
        async with self._database.reading() as session:
            for awaited in await storage.pickups.awaited(session):
                already = (datetime.now(UTC) - awaited.ended_at).total_seconds()
                self._add(awaited, already=0.0 if afresh else max(0.0, already))

    def look_again(self) -> None:
        """A person or the scan gave recordings another chance (after commit). Returns at once."""
        self._again = True
        self._something.set()

    async def run(self) -> None:
        """Fetch until cancelled."""
        while True:
            await self._something.wait()
            try:
                if self._again:
                    self._again = False
                    await self.resume(afresh=True)
                await self.poll()
            except Exception:
                log.exception("pickup_failed")
            await self._sleep(POLL)

    async def poll(self) -> None:
        """Look once at every file that is waited for, and settle those that are decided."""
        now = self._clock()
        due = [wait for wait in self._waits.values() if wait.not_before <= now]
        seen = await asyncio.to_thread(lambda: [(wait, self._judge(wait)) for wait in due])
        for wait, verdict in seen:
            if verdict is not None:
                await self._settle(wait, verdict)
        if not self._waits:
            self._something.clear()

    def _add(self, awaited: Awaited, *, already: float) -> None:
        wait = _Wait(awaited, began=self._clock() - already)
        self._waits.setdefault(awaited.id, wait)
        self._something.set()

    def _judge(self, wait: _Wait) -> Verdict | None:
        """Look at the file and decide; runs in a thread."""
        now = self._clock()
        try:
            look = self._places.look(wait.awaited)
        except BadName as error:
            return Verdict(RecordingState.BROKEN, str(error))
        except KeyError:
            return Verdict(RecordingState.MISSING, sources.NO_FOLDER)
        except sources.NotSeen:
            return None
        except sources.FolderAway as error:
            return Verdict(RecordingState.PENDING, str(error))
        except OSError as error:
            late = now - wait.began >= self._patience.appear
            denied = isinstance(error, PermissionError)
            cause = sources.NOT_ALLOWED if denied else sources.UNREADABLE
            return Verdict(RecordingState.BROKEN, cause) if late else None
        seen = now if look is None or look.seen is None else look.seen
        if look != wait.look or look is None:
            wait.look, wait.since = look, seen
        return verdicts.judge(
            look, waited=now - wait.began, unchanged=seen - wait.since, patience=self._patience
        )

    async def _settle(self, wait: _Wait, verdict: Verdict) -> None:
        """Act on a decision; where our own side fails, the recording stays pending."""
        key = wait.awaited.id
        try:
            sound = None
            if verdict.state is RecordingState.PENDING:
                wait.not_before = self._clock() + RETRY
                await self._explain(key, verdict.cause)
                return
            if verdict.state is RecordingState.READY:
                if wait.look and await self._places.is_anothers(wait.awaited, wait.look):
                    wait.look = None
                    return
                sound = await asyncio.to_thread(self._fetch, wait)
                if sound is None:
                    return
                self.refused = False
            if await self._write(key, verdict, sound):
                del self._waits[key]
                if sound is not None:
                    self._on_shelved(key)
                    release = self._places.release
                    await asyncio.to_thread(release, wait.awaited, wait.look, clear=self._clears)
            elif self._is_orphan(wait):
                del self._waits[key]
        except OSError as error:
            log.warning("recording_not_shelved", recording=str(key), error=str(error))
            self.refused, wait.not_before = True, self._clock() + RETRY
            await self._explain(key, NO_ROOM)
        except Exception:
            log.exception("recording_not_settled", recording=str(key))
            wait.not_before = self._clock() + RETRY

    async def _write(self, key: UUID, verdict: Verdict, sound: Sound | None) -> bool:
        async with self._database.writing() as session:
            if sound is not None:
                return await storage.recordings.shelved(session, key, sound)
            return await storage.recordings.failed(session, key, verdict.state, verdict.cause)

    def _fetch(self, wait: _Wait) -> Sound | None:
        """Copy the file to the shelf, or None where it changed meanwhile; runs in a thread."""
        awaited, look = wait.awaited, wait.look
        if look is None or look.audio is None or look.name is None:
            return None
        key = shelf_key(awaited.call_id, awaited.id)
        _, name = self._places.of(awaited)
        try:
            with self._places.source(awaited, look) as source:
                stored = self._shelf.put(source.file, key)
        except sources.NotSeen:  # it is fetched from another host, or its sides are written
            return None
        if not self._places.is_still(awaited, look) or stored.size != source.size:
            wait.look = None
            return None
        audio = sided(source.audio or look.audio, look.name, awaited.recorded, self._raw_channels)
        worth = verdicts.measured(audio.seconds, awaited.lasted)
        return Sound(
            shelf_key=key,
            media_type=audio.media_type,
            size=stored.size,
            seconds=round(audio.seconds, 3),
            sha256=stored.sha256,
            state=worth.state,
            cause=worth.cause,
            path_found=str(look.name) if look.name != name else None,
        )

    def _is_orphan(self, wait: _Wait) -> bool:
        """Whether no row has come for the recording in all the time that storing may take."""
        return self._clock() - wait.began >= max(ROW_PATIENCE, self._patience.appear)

    async def _explain(self, key: UUID, cause: str) -> None:
        async with self._database.writing() as session:
            await storage.recordings.delayed(session, key, cause)
