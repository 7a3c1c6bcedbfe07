"""Strays: what was made of a recording, lies on the shelf and no row names, as a kill leaves it.

Only what can be made again goes, of recordings that the base knows, and nothing of the last day:
a run that is still going on has written later than that.
"""

import asyncio
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import storage.shelved
from recordings.naming import is_shelf_key
from recordings.shelf import HEAD, Shelf
from recordings.stores import PART, Kept
from storage.database import Database

YOUNG = timedelta(days=1)
BATCH = 400
MADE = re.compile(r".*-([0-9a-f]{32})\.[0-9a-f]{16}\.(?:opus|waveform|words)\.sealed")


async def sweep(database: Database, shelf: Shelf, *, now: datetime) -> int:
    """Delete the strays; gives how many files went. Raises OSError where the shelf is away."""
    old = await asyncio.to_thread(_old, shelf, now - YOUNG)
    gone = 0
    for some in _batches(old):
        made = {
            key: UUID(found[1]) for name in some if (found := MADE.fullmatch(key := _key(name)))
        }
        async with database.reading() as session:
            strays = await storage.shelved.strays(session, made)
        for name in some:
            if name.endswith(PART) or _key(name) in strays:
                await asyncio.to_thread(shelf.store.delete, name)
                gone += 1
    return gone


def _old(shelf: Shelf, before: datetime) -> list[str]:
    """Return the names that may be strays, those that open others first."""
    found = [kept.name for kept in _ours(shelf.store.listed()) if kept.changed_at < before]
    return sorted(found, key=lambda name: (_key(name), not name.endswith(HEAD)))


def _ours(listed: Iterator[Kept]) -> Iterator[Kept]:
    for kept in listed:
        key = _key(kept.name)
        if is_shelf_key(key) and (kept.name.endswith(PART) or MADE.fullmatch(key)):
            yield kept


def _key(name: str) -> str:
    return name.removesuffix(PART).removesuffix(HEAD)


def _batches(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for n in range(0, len(names), BATCH):
        yield names[n : n + BATCH]
