"""Volumes: the files of a journal, each of one day (UTC), and the way from block to block."""

import os
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pbx_bridge.journal import blocks
from pbx_bridge.journal.blocks import HEADER, MAGIC, Header, Index
from pbx_bridge.journal.entries import Entry
from pbx_bridge.journal.errors import JournalError
from pbx_bridge.journal.keys import DayKeys

NAME = struct.Struct(">4sH16s10s")  # magic, number of the salt, PBX, day: blocks are bound to it
_MAGIC = b"RBj1"
_FILE = re.compile(r"(\d{4}-\d\d-\d\d)\.(\d{20})\.journal")


@dataclass(frozen=True, slots=True, order=True)
class Volume:
    """A file of the journal; `first` is the number of its first entry."""

    first: int
    day: str
    path: Path


@dataclass(frozen=True, slots=True)
class Place:
    """Where a block stands in its volume."""

    at: int
    header: Header


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes of a volume that are no block: a torn tail, where nothing whole follows."""

    at: int
    size: int
    is_tail: bool


@dataclass(frozen=True, slots=True)
class OpenVolume:
    """A volume with its key."""

    file: BinaryIO
    name: bytes
    key: AESGCM

    def places(self) -> Iterator[Place | Damage]:
        """Every block, and what is none."""
        return walk(self.file)

    def index(self, place: Place) -> Index:
        """Whom a block is about; raises JournalError where it is not what was written."""
        at = place.at + HEADER.size
        sealed = os.pread(self.file.fileno(), place.header.index_size, at)
        return blocks.open_index(place.header, sealed, self.key, self.name)

    def entries(self, place: Place) -> list[Entry]:
        """A block's entries; raises JournalError where it is not what was written."""
        content = _content(self.file, place)
        return blocks.open_body(place.header, content, self.key, self.name)


@contextmanager
def opened(volume: Volume, keys: DayKeys) -> Iterator[OpenVolume]:
    """Open a volume for reading; raises JournalError, and DayClosed where there is no key."""
    with volume.path.open("rb") as file:
        name = os.pread(file.fileno(), NAME.size, 0)
        if len(name) < NAME.size or not name.startswith(_MAGIC):
            raise JournalError(f"{volume.path.name} is no volume of a journal")
        yield OpenVolume(file, name, keys.to_read(volume.day, NAME.unpack(name)[1]))


def volumes(folder: Path) -> list[Volume]:
    """Return the volumes in a PBX's folder in the order they were written."""
    found = ((_FILE.fullmatch(path.name), path) for path in folder.glob("*.journal"))
    return sorted(Volume(int(match[2]), match[1], path) for match, path in found if match)


def identity(folder: Path) -> UUID:
    """Return what tells this journal from another of the same PBX; it is made the first time."""
    path = folder / "id"
    with suppress(FileNotFoundError, ValueError):
        return UUID(path.read_text())
    made = uuid4()
    path.write_text(str(made))
    return made


def path_of(folder: Path, day: str, first: int) -> Path:
    """Return where the volume of a day that begins with the entry `first` lies."""
    return folder / f"{day}.{first:020d}.journal"


def name_of(pbx: UUID, day: str, salt: int) -> bytes:
    """Return the header of a volume."""
    return NAME.pack(_MAGIC, salt, pbx.bytes, day.encode())


def walk(file: BinaryIO, *, careful: bool = False) -> Iterator[Place | Damage]:
    """Go from block to block, past what is none; `careful` reads each block's checksum too."""
    at, end = NAME.size, os.fstat(file.fileno()).st_size
    while at < end:
        header = _header_at(file, at, end, careful=careful)
        if header is not None:
            yield Place(at, header)
            at += header.size
            continue
        following = _next_block(file, at + 1, end, careful=careful)
        yield Damage(at, (following or end) - at, is_tail=following is None)
        at = following or end


def _header_at(file: BinaryIO, at: int, end: int, *, careful: bool) -> Header | None:
    header = blocks.read_header(os.pread(file.fileno(), HEADER.size, at))
    if header is None or at + header.size > end:
        return None
    if careful and not blocks.is_whole(header, _content(file, Place(at, header))):
        return None
    return header


def _next_block(file: BinaryIO, start: int, end: int, *, careful: bool) -> int | None:
    rest = os.pread(file.fileno(), end - start, start)
    found = rest.find(MAGIC)
    while found >= 0:
        if _header_at(file, start + found, end, careful=careful) is not None:
            return start + found
        found = rest.find(MAGIC, found + 1)
    return None


def _content(file: BinaryIO, place: Place) -> bytes:
    """Index and body of a block."""
    size = place.header.size - HEADER.size
    return os.pread(file.fileno(), size, place.at + HEADER.size)
