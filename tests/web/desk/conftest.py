"""An agent at the desk, two colleagues whose phones rang too, and calls as they were stored."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from aiohttp import ClientResponse
from sqlalchemy import select

import storage.calls
from fixtures.calls import CALLER, Stage, Teller, set_stage
from fixtures.cast import Browser
from fixtures.middays import midday
from pbx_bridge.call import Call
from storage.database import Database

JSON = {"Accept": "application/json"}


@pytest.fixture(autouse=True)
def _midday() -> Iterator[None]:
    """Calls of some minutes ago are of today, and today does not end meanwhile."""
    with midday():
        yield


class Desk:
    """Ann's desk: the browser she is logged in with, and the calls of her office."""

    def __init__(self, database: Database, stage: Stage, ann: Browser, bob: Browser) -> None:
        self.database = database
        self.stage = stage
        self.ann = ann
        self.bob = bob
        self._calls = 0

    async def call(
        self,
        *,
        by: str = "101",
        customer: UUID | None = None,
        e164: str | None = CALLER,
        tell: Callable[[Teller], Call] | None = None,
        ago: float = 600,
    ) -> Call:
        """Store a call that `by` answered, or as `tell` tells it; `ago` in seconds."""
        self._calls += 1
        teller = Teller(
            self.stage.pbx,
            datetime.now(UTC) - timedelta(seconds=ago),
            tag=f"{self._calls}.0",
        )
        call = tell(teller) if tell else teller.ended(by)
        context = self.stage.context(e164=e164, customer_id=customer)
        async with self.database.writing() as session:
            await storage.calls.save(session, call, context=context)
        return call

    async def send(
        self, path: str, fields: dict[str, object] | None = None, *, by: Browser | None = None
    ) -> ClientResponse:
        """Send a form as the desk's script does."""
        return await (by or self.ann).post(path, fields or {}, headers=JSON)

    async def rows(self, table: type, **where: Any) -> list[Any]:
        async with self.database.reading() as session:
            return list(await session.scalars(select(table).filter_by(**where)))


@pytest.fixture
async def desk(database: Database, sign_in: Callable[..., Awaitable[Browser]]) -> Desk:
    """Ann sits at 101, Bob at 102."""
    ann, bob = await sign_in("agent", "ann"), await sign_in("agent", "bob")
    stage = await set_stage(database, [ann.user, bob.user])
    return Desk(database, stage, ann, bob)
