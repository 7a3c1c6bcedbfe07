"""A recovery whose only link a test moves, and the gaps that it makes."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

import storage.gaps
from fixtures.calls import Stage
from pbx_bridge.call import Call
from storage.calls import CallRecord
from storage.database import Database
from storage.gaps import Gap
from storage.secrets import SecretBox, new_key
from web.journey.books.recovery import Recovery
from web.keys import PbxLink

SECOND = timedelta(seconds=1)


def now() -> datetime:
    return datetime.now(UTC)


class Watch:
    """A recovery whose only link a test moves."""

    def __init__(self, database: Database, stage: Stage) -> None:
        self.database, self.stage = database, stage
        self.secrets = SecretBox([new_key()])
        self.status, self.since, self.why = "connecting", now(), None
        self.recovery = self.anew()

    def anew(self) -> Recovery:
        """The same after a restart of the server."""
        self.recovery = Recovery(self.database, self.secrets, links=self.links)
        return self.recovery

    def links(self) -> tuple[PbxLink, ...]:
        return (
            PbxLink(
                pbx_id=self.stage.pbx, pbx="Head office", status=self.status, since=self.since,
                why=self.why,
            ),
        )  # fmt: skip

    async def see(self, status: str, since: datetime, why: str | None = None) -> None:
        self.status, self.since, self.why = status, since, why
        await self.recovery.follow()

    async def gaps(self) -> list[Gap]:
        async with self.database.reading() as session:
            return list(await storage.gaps.listed(session))

    async def stored(self) -> list[CallRecord]:
        async with self.database.reading() as session:
            return list(await session.scalars(select(CallRecord)))

    async def gap_over(self, call: Call, *, since: datetime | None = None) -> Gap:
        """A gap that swallowed the call, or what of it came after `since`."""
        async with self.database.writing() as session:
            began = since or call.started_at - SECOND
            gap = await storage.gaps.opened(session, self.stage.pbx, since=began, cause="x")
            assert call.ended_at is not None
            await storage.gaps.ended(session, self.stage.pbx, at=call.ended_at + SECOND)
        return gap

    async def fill(self) -> Gap:
        await self.recovery.fill()
        [gap] = await self.gaps()
        return gap

    async def fill_again(self) -> Gap:
        [gap] = await self.gaps()
        async with self.database.writing() as session:
            await storage.gaps.fill_again(session, gap.id, by=None)
        return await self.fill()
