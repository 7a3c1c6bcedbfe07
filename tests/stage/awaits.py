"""A house beside a lab's PBX: where the books are, and what is in the base by and by."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from prometheus_client import CollectorRegistry

import storage.agents
import storage.calls
import storage.gaps
import storage.pbxs
from fixtures.cast import add_user
from fixtures.house import House, PbxAt
from lab import books, oracle
from lab.pbx import Pbx
from pbx_bridge.books import BookFolder
from pbx_bridge.call import Call
from storage.database import Database
from storage.gaps import Gap
from web.journey.stored import call_of
from web.live.metrics import Metrics
from web.serving import Serving, serving

PATIENCE = 90.0


def pbx_at(pbx: Pbx, phones: tuple[str, ...]) -> PbxAt:
    """The PBX with its books, for a house."""
    kept = BookFolder(cdr=pbx.cdr_csv, cel=pbx.cel_csv, queue_log=pbx.queue_log)
    return PbxAt(
        pbx.port, pbx.username, pbx.secret, pbx.monitor_as_pbx_names_it, pbx.monitor, phones, kept
    )


def written(pbx: Pbx) -> oracle.Books:
    """What the PBX wrote down, for the oracle."""
    return oracle.Books(
        cel=books.cel_rows(pbx.cel_csv),
        cdr=books.cdr_rows(pbx.cdr_csv),
        queue_log=books.queue_log_rows(pbx.queue_log),
    )


@asynccontextmanager
async def back_again(made: House) -> AsyncIterator[Serving]:
    """Ringbook, started again on its base."""
    metrics = Metrics(CollectorRegistry())
    async with serving(made.settings, database=made.database, metrics=metrics) as running:
        yield running


async def seat(made: House, login: str, extensions: Sequence[str]) -> None:
    user = made.users[login] = await add_user(made.database, login, "agent")
    async with made.database.writing() as session:
        for extension in extensions:
            await storage.agents.create(
                session, user_id=user.id, pbx_id=made.pbx_id, extension=extension,
                now=datetime.now(UTC), by=None,
            )  # fmt: skip


async def stored_calls(database: Database) -> list[Call]:
    """Every call of the one PBX, as it is stored."""
    now = datetime.now(UTC)
    async with database.reading() as session:
        [pbx] = await storage.pbxs.listed(session)
        keys = await storage.calls.touching(
            session, pbx.id, since=now - timedelta(hours=1), until=now
        )
        return [call_of(parts) for parts in await storage.calls.parts(session, keys)]


async def gap_when(database: Database, is_so: Callable[[Gap], bool]) -> Gap:
    """The latest gap, once it is so."""
    async with asyncio.timeout(PATIENCE):
        while True:
            async with database.reading() as session:
                gaps = await storage.gaps.listed(session)
            if gaps and is_so(gaps[0]):
                return gaps[0]
            await asyncio.sleep(0.2)
