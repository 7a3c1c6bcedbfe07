"""Recordings of an older Ringbook are encrypted, and keys are changed, one file after another."""

import asyncio
from collections.abc import AsyncIterator
from typing import BinaryIO, cast

import storage.shelved
from recordings.naming import BadName, shelf_key
from recordings.shelf import Shelf, Stored
from recordings.stores import StoredFile
from storage.database import Database
from storage.shelved import Plain

OTHER = "its sound is not the one that was shelved; it was left as it is"


async def encrypt(database: Database, shelf: Shelf) -> AsyncIterator[tuple[str, str]]:
    """Encrypt what lies in the open; gives each key and what kept it from that, "" if nothing.

    The plain file goes when the row names the sealed one: a stop at any moment loses nothing.
    """
    async with database.reading() as session:
        found = await storage.shelved.plain(session)
    for one in found:
        new = shelf_key(one.call_id, one.id)
        try:
            stored = await asyncio.to_thread(_seal, shelf, one, new)
        except (OSError, BadName) as error:
            yield one.key, str(error)
            continue
        if stored.sha256 != one.sha256:
            await shelf.delete(new)
            yield one.key, OTHER
            continue
        async with database.writing() as session:
            await storage.shelved.moved(session, one.id, old=one.key, new=new)
        await shelf.delete(one.key)
        yield one.key, ""


def rewrap(shelf: Shelf, key: str) -> str | None:
    """Wrap the file's key anew; gives None where there was no need, else what failed or ""."""
    try:
        return "" if shelf.rotate(key) else None
    except (OSError, BadName) as error:
        return str(error)


def _seal(shelf: Shelf, one: Plain, new: str) -> Stored:
    file = shelf.store.open(one.key)
    try:
        return shelf.put(cast("BinaryIO", _Reader(file)), new)
    finally:
        file.close()


class _Reader:
    """A stored file, read from its begin on."""

    def __init__(self, file: StoredFile) -> None:
        self._file = file
        self._at = 0

    def read(self, length: int) -> bytes:
        piece = self._file.read(self._at, length)
        self._at += len(piece)
        return piece
