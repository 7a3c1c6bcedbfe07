"""An erased call's messages become tombstones: number and time stay, nothing that was said."""

import fcntl
import os
import struct
import zlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from pbx_bridge.journal import blocks, volumes
from pbx_bridge.journal.entries import Entry, Kind, ids_of
from pbx_bridge.journal.errors import DayClosed, JournalError, NotErased
from pbx_bridge.journal.keys import DayKeys
from pbx_bridge.journal.ranges import Range
from pbx_bridge.journal.volumes import OpenVolume, Place, Volume

_MEND = struct.Struct(">QII")  # where, how much, checksum


def erase(
    folder: Path,
    pbx: UUID,
    secrets: Sequence[str],
    ids: Collection[str],
    *,
    within: Range | None = None,
) -> int:
    """Erase every message of the days in the range about a channel of `ids`; return how many.

    Works beside the one who writes: a block is rewritten where it stands. Days that cannot be
    read any more have nothing left to erase. Raises NotErased where a block could not be rewritten.
    """
    wanted = {one.encode() for one in ids}
    keys = DayKeys(folder, pbx, secrets)
    days = within or Range()
    with _alone(folder):
        _mend_all(folder)
        return sum(
            _erase_in(volume, keys, wanted)
            for volume in volumes.volumes(folder)
            if days.has_day(volume.day)
        )


def mend(folder: Path) -> None:
    """Finish what a crash interrupted while blocks were rewritten."""
    if any(folder.glob("*.mend")):
        with _alone(folder):
            _mend_all(folder)


def _erase_in(volume: Volume, keys: DayKeys, wanted: set[bytes]) -> int:
    try:
        with volumes.opened(volume, keys) as opened:
            return sum(
                _rewrite(volume.path, opened, place, wanted)
                for place in opened.places()
                if isinstance(place, Place) and not opened.index(place).ids.isdisjoint(wanted)
            )
    except DayClosed:
        return 0


def _rewrite(path: Path, volume: OpenVolume, place: Place, wanted: set[bytes]) -> int:
    entries = volume.entries(place)
    left = [_tombstone(entry) if _concerns(entry, wanted) else entry for entry in entries]
    try:
        block = blocks.reseal(left, volume.key, volume.name, place.header)
    except JournalError as error:
        raise NotErased(f"{path.name}: {error}") from None
    _replace(path, place.at, block)
    return sum(1 for before, now in zip(entries, left, strict=True) if before is not now)


def _concerns(entry: Entry, wanted: set[bytes]) -> bool:
    return entry.kind is Kind.MESSAGE and not ids_of(entry.raw).isdisjoint(wanted)


def _tombstone(entry: Entry) -> Entry:
    return replace(entry, kind=Kind.ERASED, raw=b"")


def _replace(path: Path, at: int, block: bytes) -> None:
    """Write a block over another so that a crash leaves the old one or the new one."""
    intent = path.with_name(path.name + ".mend")
    with intent.open("wb") as file:
        file.write(_MEND.pack(at, len(block), zlib.crc32(block)) + block)
        file.flush()
        os.fsync(file.fileno())
    _overwrite(path, at, block)
    intent.unlink()


def _mend_all(folder: Path) -> None:
    for intent in folder.glob("*.mend"):
        raw = intent.read_bytes()
        path = intent.with_suffix("")
        if len(raw) > _MEND.size and path.exists():
            at, size, checksum = _MEND.unpack_from(raw)
            block = raw[_MEND.size :]
            if len(block) == size and zlib.crc32(block) == checksum:
                _overwrite(path, at, block)
        intent.unlink()


def _overwrite(path: Path, at: int, block: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(block)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until nobody else rewrites blocks."""
    with (folder / "erasing").open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
