"""The audio files, encrypted, under names of ours; what a folder and a bucket have in common."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from recordings import sealing
from recordings.naming import BadName, is_sealed, is_shelf_key
from recordings.sealing import CHUNK, LONGEST_HEAD, TAG, Head, Keyring, Seal, Tampered
from recordings.stores import Folder, Space, Store, StoredFile

BLOCK = 256 * 1024
HEAD = ".head"  # beside the sealed sound


class NotStored(OSError):
    """The disk gave back something else than it was given."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that is safely on the shelf."""

    size: int  # bytes of the sound
    sha256: str  # of the sound


class ShelfFile:
    """An open file of the shelf; every read happens in a thread and holds one piece."""

    def __init__(self, file: StoredFile, size: int) -> None:
        self._file = file
        self.size = size  # bytes of the sound

    async def pieces(self, start: int, length: int) -> AsyncIterator[bytes]:
        """Give `length` bytes from `start` on, in pieces of bounded size; fewer where it ends."""
        end = min(start + length, self.size)
        while start < end:
            piece = await asyncio.to_thread(self.piece, start, end - start)
            if not piece:
                return
            start += len(piece)
            yield piece

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def piece(self, start: int, most: int = BLOCK) -> bytes:
        """Return one piece of at most `most` bytes from `start` on; blocks."""
        return self._file.read(start, min(BLOCK, most))


class SealedFile(ShelfFile):
    """An open file that is sealed; of a range only the chunks that it touches are opened."""

    def __init__(self, file: StoredFile, head: Head, seal: Seal) -> None:
        super().__init__(file, head.size)
        self._head = head
        self._seal = seal
        if file.size != head.sealed_size:
            raise Tampered("a recording on the shelf is shorter or longer than it was")

    def piece(self, start: int, most: int = BLOCK) -> bytes:
        """Return what of the chunk at `start` is asked for; blocks. Raises Tampered."""
        number, skipped = divmod(start, self._head.chunk)
        sealed = self._head.chunk + TAG
        content = self._file.read(number * sealed, sealed)
        last = number == self._head.chunks - 1
        return self._seal.open(number, content, last=last)[skipped : skipped + most]


class Shelf:
    """Recordings, each known by its key; `place` is a store, or the path of a local folder."""

    def __init__(self, place: Store | Path, keyring: Keyring) -> None:
        self.store: Store = Folder(place) if isinstance(place, Path) else place
        self._keyring = keyring

    def put(self, source: BinaryIO, key: str) -> Stored:
        """Seal `source` on the shelf: whole, read back and found right, or not at all.

        Blocks: use a thread. Raises OSError where the disk is full or lies.
        """
        _check(key)
        if not is_sealed(key):
            raise BadName(f"{key!r} is a key of old, to be read alone")
        data_key, file = sealing.fresh()
        seal, read = Seal(data_key, file), _Reading(source)
        try:
            self.store.write(key, seal.close_all(read.blocks()))
            bare = Head(
                version=sealing.VERSION, file=file, chunk=CHUNK, size=read.size,
                sha256=read.sha256, key_id="", wrapped="",
            )  # fmt: skip
            self._verify(key, bare, seal)
            self.store.write(key + HEAD, [self._keyring.wrap(bare, key, data_key).to_bytes()])
            self._keyring.unwrap(self._head(key), key)
        except BaseException:
            self._forget(key)
            raise
        return Stored(read.size, read.sha256)

    def check(self, key: str) -> Stored:
        """Read the whole file and hold it against its hash; blocks. Raises Tampered, OSError."""
        file = self._open(key)
        try:
            return _hashed(file)
        finally:
            file.close()

    @asynccontextmanager
    async def open(self, key: str) -> AsyncIterator[ShelfFile]:
        """Open a file of the shelf; raises FileNotFoundError, Tampered."""
        file = await asyncio.to_thread(self._open, key)
        try:
            yield file
        finally:
            file.close()

    @contextmanager
    def opened(self, key: str) -> Iterator[ShelfFile]:
        """Open a file of the shelf for one who may block; raises FileNotFoundError, Tampered."""
        file = self._open(key)
        try:
            yield file
        finally:
            file.close()

    async def size(self, key: str) -> int:
        """Bytes of the sound of a file; raises FileNotFoundError."""
        async with self.open(key) as file:
            return file.size

    async def delete(self, key: str) -> None:
        """Take a file off the shelf; one that is not there is no error."""
        await asyncio.to_thread(self.forget, key)

    def forget(self, key: str) -> None:
        """Take a file off the shelf; blocks."""
        self._forget(_check(key))

    def rotate(self, key: str) -> bool:
        """Wrap the file's key with the newest of ours; gives whether there was need. Blocks."""
        if not is_sealed(_check(key)):
            return False
        head = self._head(key)
        if head.key_id == self._keyring.newest:
            return False
        again = self._keyring.wrap(head, key, self._keyring.unwrap(head, key))
        self.store.write(key + HEAD, [again.to_bytes()])
        return True

    def space(self) -> Space | None:
        """Return the room that is left, None where the store does not say; blocks for a moment."""
        return self.store.space()

    def _open(self, key: str) -> ShelfFile:
        if not is_sealed(_check(key)):
            plain = self.store.open(key)
            return ShelfFile(plain, plain.size)
        head = self._head(key)
        seal = Seal(self._keyring.unwrap(head, key), head.file)
        return _sealed(self.store.open(key), head, seal)

    def _head(self, key: str) -> Head:
        file = self.store.open(key + HEAD)
        try:
            return Head.from_bytes(file.read(0, LONGEST_HEAD))
        finally:
            file.close()

    def _verify(self, key: str, head: Head, seal: Seal) -> None:
        try:
            file = _sealed(self.store.open(key), head, seal)
        except (Tampered, FileNotFoundError):
            raise NotStored(f"{key} was not stored as it was read") from None
        try:
            good = _hashed(file).sha256 == head.sha256
        except Tampered:
            good = False
        finally:
            file.close()
        if not good:
            raise NotStored(f"{key} was not stored as it was read")

    def _forget(self, key: str) -> None:
        if is_sealed(key):
            self.store.delete(key + HEAD)  # without it nobody can open what is left
        self.store.delete(key)


class _Reading:
    """Reads a file once, and knows afterwards how much it was and its hash."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._digest = hashlib.sha256()
        self.size = 0

    def blocks(self) -> Iterator[bytes]:
        while block := self._source.read(BLOCK):
            self._digest.update(block)
            self.size += len(block)
            yield block

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


def _sealed(file: StoredFile, head: Head, seal: Seal) -> SealedFile:
    try:
        return SealedFile(file, head, seal)
    except Tampered:
        file.close()
        raise


def _hashed(file: ShelfFile) -> Stored:
    digest, size = hashlib.sha256(), 0
    while size < file.size:
        piece = file.piece(size)
        if not piece:
            raise Tampered("a recording on the shelf is shorter than it was")
        digest.update(piece)
        size += len(piece)
    return Stored(size, digest.hexdigest())


def _check(key: str) -> str:
    if not is_shelf_key(key):
        raise BadName(f"{key!r} is no key of the shelf")
    return key
