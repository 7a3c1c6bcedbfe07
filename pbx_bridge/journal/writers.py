"""Puts entries on the disk: the right volume for each day, whole blocks, nothing kept too long."""

import fcntl
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from typing import IO, BinaryIO
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pbx_bridge.journal import blocks, erasures, volumes
from pbx_bridge.journal.entries import Entry, Kind
from pbx_bridge.journal.errors import JournalBusy, JournalError
from pbx_bridge.journal.keys import DayKeys, erase_day, sync_folder
from pbx_bridge.journal.masking import mask
from pbx_bridge.journal.volumes import Damage, Place, Volume

BLOCK_ENTRIES = 256  # a block is read as a whole
WRITE_ENTRIES = 4096
VOLUME_BYTES = 64 * 1024 * 1024
UNSEEN = 10_000_000  # numbers left out after a crash: nothing that was lost shares one


class Disk:
    """The slow part; a test gives another one."""

    def write(self, handle: int, raw: bytes, at: int) -> None:
        """Write all of `raw` at this place of the file."""
        while raw:
            done = os.pwrite(handle, raw, at)
            raw, at = raw[done:], at + done

    def sync(self, handle: int) -> None:
        """Wait until the disk has it."""
        os.fsync(handle)


@dataclass(frozen=True, slots=True)
class Found:
    """What was there when the journal was opened."""

    journal: UUID  # its numbers are its own
    next: int  # number of the next entry
    torn: int  # bytes that a crash left half written at the end; they were cut


@dataclass(slots=True)
class _Open:
    """The volume that is written."""

    day: str
    file: BinaryIO
    name: bytes
    key: AESGCM
    end: int


class Writer:
    """Writes one PBX's folder; for one process at a time, and one thread."""

    def __init__(
        self,
        folder: Path,
        pbx: UUID,
        secrets: Sequence[str],
        *,
        days: int,
        volume_bytes: int = VOLUME_BYTES,
        disk: Disk | None = None,
    ) -> None:
        self.begun = 0  # volumes
        self._folder = folder
        self._pbx = pbx
        self._keys = DayKeys(folder, pbx, secrets)
        self._days = days
        self._volume_bytes = volume_bytes
        self._disk = disk or Disk()
        self._lock: IO[bytes] | None = None
        self._volume: _Open | None = None

    def open(self) -> Found:
        """Take the folder, cut what a crash left half written, find the next number.

        Raises JournalBusy, and OSError where the disk does not let us.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = (self._folder / "lock").open("ab")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise JournalBusy(f"another Ringbook writes the journal in {self._folder}") from None
        erasures.mend(self._folder)
        journal, torn = volumes.identity(self._folder), 0
        for volume in reversed(volumes.volumes(self._folder)):
            last, cut = self._repaired(volume)
            torn += cut
            if last is not None:
                return Found(journal, self._after(volume, last), torn)
            volume.path.unlink()
        return Found(journal, 1, torn)

    def write(self, entries: Sequence[Entry]) -> int:
        """Put some of the entries on the disk, wait for it, and return how many it took.

        Typed digits and secrets are taken out before. After an OSError nothing of it counts.
        """
        day = _day(entries[0])
        some = list(takewhile(lambda entry: _day(entry) == day, entries[:WRITE_ENTRIES]))
        volume = self._volume_for(day, some[0].n)
        raw = b"".join(
            self._block(volume, some[at : at + BLOCK_ENTRIES])
            for at in range(0, len(some), BLOCK_ENTRIES)
        )
        handle = volume.file.fileno()
        self._disk.write(handle, raw, volume.end)  # over what a refused try left there
        self._disk.sync(handle)
        volume.end += len(raw)
        return len(some)

    def close(self) -> None:
        """Let go of the folder."""
        if self._volume is not None:
            self._volume.file.close()
            self._volume = None
        if self._lock is not None:
            self._lock.close()

    def _block(self, volume: _Open, entries: Sequence[Entry]) -> bytes:
        masked = [
            replace(entry, raw=mask(entry.raw)) if entry.kind is Kind.MESSAGE else entry
            for entry in entries
        ]
        time.sleep(0)  # the loop's turn: this thread is never in a hurry
        return blocks.seal(masked, volume.key, volume.name)

    def _volume_for(self, day: str, first: int) -> _Open:
        volume = self._volume
        if volume is not None and volume.day == day and volume.end < self._volume_bytes:
            return volume
        self._retire(day)
        number, key = self._keys.to_write(day)
        name = volumes.name_of(self._pbx, day, number)
        file = volumes.path_of(self._folder, day, first).open("wb")
        try:
            self._disk.write(file.fileno(), name, 0)
            sync_folder(self._folder)
        except OSError:
            file.close()
            raise
        if volume is not None:
            volume.file.close()
        self._volume = _Open(day, file, name, key, len(name))
        self.begun += 1
        return self._volume

    def _retire(self, day: str) -> None:
        """Remove what is too old. The newest volume stays, unreadable: it tells the last number."""
        oldest = (date.fromisoformat(day) - timedelta(days=self._days)).isoformat()
        for volume in volumes.volumes(self._folder)[:-1]:
            if volume.day < oldest:
                volume.path.unlink(missing_ok=True)
        salts = {path.name.split(".")[0] for path in self._folder.glob("*.salt")}
        for old in sorted(one for one in salts if one < oldest):
            erase_day(self._folder, old, today=day)

    def _repaired(self, volume: Volume) -> tuple[Place | None, int]:
        """Cut the volume's torn tail; return its last block, and how much was cut."""
        last: Place | None = None
        torn = 0
        with volume.path.open("r+b") as file:
            for found in volumes.walk(file, careful=True):
                match found:
                    case Place():
                        last = found
                    case Damage(is_tail=True):
                        torn = found.size
                        os.ftruncate(file.fileno(), found.at)
                        os.fsync(file.fileno())
        return last, torn

    def _after(self, volume: Volume, last: Place) -> int:
        """Return the number that follows; where we did not stop in good order, a far one."""
        try:
            with volumes.opened(volume, self._keys) as opened:
                entries = opened.entries(last)
        except JournalError:
            entries = []
        is_closed = bool(entries) and entries[-1].kind is Kind.CLOSED
        return last.header.last + 1 + (0 if is_closed else UNSEEN)


def _day(entry: Entry) -> str:
    return datetime.fromtimestamp(entry.at, UTC).date().isoformat()
