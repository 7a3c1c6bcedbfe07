"""Rules look for calls to review, beside the loop: for a page, and every hour by themselves."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web

import storage.picks
import storage.settings
from storage.background import Background
from storage.database import Database

SECONDS = 3600.0  # between looks
AT_ONCE = 50  # calls of one transaction

log = structlog.get_logger(__name__)


async def look(database: Database) -> int:
    """Have every rule look for calls; gives how many are new on the list.

    They are kept in short transactions, so that nobody else who writes waits for long.
    """
    now = datetime.now(UTC)
    async with database.reading() as session:
        zone = ZoneInfo(await storage.settings.time_zone(session))
        wanted = await storage.picks.wanted(session, now=now, zone=zone)
        rules = [rule.id for rule in await storage.picks.rules(session) if rule.active]
    fresh = 0
    for start in range(0, len(wanted), AT_ONCE):
        async with database.writing() as session:
            some = wanted[start : start + AT_ONCE]
            fresh += await storage.picks.add(session, some, now=now)
    if rules:
        async with database.writing() as session:
            await storage.picks.looked(session, rules, now=now)
    return fresh


@dataclass(frozen=True, slots=True)
class Look:
    """One look for calls; it goes on while `ended` is None."""

    began: datetime
    ended: datetime | None = None
    fresh: int = 0  # calls that it put on the list
    failed: bool = False


class Looks:
    """Looks for pages, one look at a time, on a thread of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._going: asyncio.Task[None] | None = None
        self.last: Look | None = None

    def begin(self, *, now: datetime) -> None:
        """Begin a look and return at once; one that goes on is enough for all who ask."""
        if self._going is None or self._going.done():
            self.last = Look(now)
            self._going = asyncio.create_task(self._go(now))

    async def close(self) -> None:
        """Let go of a look that goes on."""
        if self._going is not None:
            self._going.cancel()
            await asyncio.gather(self._going, return_exceptions=True)

    async def _go(self, began: datetime) -> None:
        aside = Background(self._database.url, guard=self._database.guard)
        try:
            fresh = await aside.run(look)
        except Exception:
            log.exception("picks_not_made")
            self.last = Look(began, datetime.now(UTC), failed=True)
        else:
            self.last = Look(began, datetime.now(UTC), fresh)
        finally:
            await aside.close()


LOOKS = web.AppKey("looks", Looks)


class Picking:
    """Looks by itself while `leads` says so."""

    def __init__(self, database: Database, *, leads: Callable[[], bool]) -> None:
        self._database = database
        self._leads = leads

    async def run(self) -> None:
        """Look for ever; what went wrong is told in the log, and tried again the next time."""
        while True:
            await asyncio.sleep(SECONDS)
            if self._leads():
                aside = Background(self._database.url, guard=self._database.guard)
                try:
                    await self.go(aside)
                finally:
                    await aside.close()

    async def go(self, aside: Background) -> None:
        """Look once."""
        try:
            fresh = await aside.run(look)
        except Exception:
            log.exception("picks_not_made")
            return
        if fresh:
            log.info("picks_made", fresh=fresh)
