"""A person is erased everywhere: from the journals, the base, the shelf and the PBXs' folders."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import storage.calls
import storage.erasures
from recordings.purges import Purge, Purged
from storage.database import Database
from storage.erasures import Erasure, Scope
from web.config import Settings
from web.journey import blackbox


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased, and how many recordings still have a file that could not be removed."""

    erasure: Erasure
    left: int


async def look(database: Database, customer_id: UUID) -> Scope:
    """Return what would go; raises NotFound."""
    async with database.reading() as session:
        return await storage.erasures.scope_of(session, customer_id)


async def erase(
    settings: Settings, database: Database, purge: Purge, customer_id: UUID, reason: str, *,
    by: UUID | None, now: datetime,
) -> Erased:  # fmt: skip
    """Erase a customer; raises NotFound, Refused, NotErased. Stopped anywhere, it can be repeated.

    The journals go first: the uniqueids by which their messages are found are in the base.
    """
    scope = await look(database, customer_id)
    storage.erasures.refuse(scope, reason)
    messages = 0
    for call in scope.calls:
        async with database.reading() as session:
            story = await storage.calls.get(session, call)
        messages += await asyncio.to_thread(blackbox.erase_call, settings, story)
    async with database.writing() as session:
        scope = await storage.erasures.scope_of(session, customer_id)
        erasure = await storage.erasures.erase(
            session, scope, reason, messages=messages, by=by, now=now
        )
    done = Purged()
    await purge.finish(done, now=now)
    await storage.erasures.settle(database)
    return Erased(erasure, done.left)
