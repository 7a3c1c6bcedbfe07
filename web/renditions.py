"""The renditions that the settings describe, made in a process beside this one or in a thread."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from recordings.rendering import politely
from recordings.renditions import Renditions, in_process, in_thread
from recordings.shelf import Shelf
from storage.aside import Aside
from storage.database import Database
from web.config import Settings
from web.shelves import shelf_of


def renditions_of(settings: Settings, database: Database, shelf: Shelf) -> Renditions:
    """Return renditions that are made in threads of this process."""
    return Renditions(database, shelf, in_thread(shelf), keeps_originals=settings.keep_originals)


@asynccontextmanager
async def making_renditions(
    settings: Settings, database: Database, shelf: Shelf, *, aside: bool
) -> AsyncIterator[Renditions]:
    """Give renditions; `aside` has them made in a process of its own, begun by the first."""
    if not aside:
        yield renditions_of(settings, database, shelf)
        return
    child = Aside(partial(politely, partial(shelf_of, settings)), name="renditions")
    work = in_process(child)
    made = Renditions(database, shelf, work, keeps_originals=settings.keep_originals)
    try:
        yield made
    finally:
        await made.close()
        await child.close()
