"""A call is claimed once, by whoever comes first."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import pytest

from fixtures.cast import add_user
from pbx_bridge.ids import uuid7
from storage import originates
from storage.database import Database
from storage.errors import Conflict, NotFound
from storage.originates import Order, OriginateState
from storage.pbxs import Pbx

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


@pytest.fixture
async def order(database: Database) -> Order:
    user = await add_user(database, "ann", "agent")
    pbx = uuid7(NOW)
    async with database.writing() as session:
        session.add(
            Pbx(id=pbx, name="lab", host="h", port=1, username="u", secret="s", created_at=NOW)
        )
    return Order(key="click 1", pbx_id=pbx, user_id=user.id, device="PJSIP/101", exten="4930123")


async def claim(database: Database, order: Order) -> tuple[UUID, bool]:
    async with database.writing() as session:
        row, is_first = await originates.claim(session, order, now=datetime.now(UTC))
        return row.id, is_first


async def test_of_a_hundred_who_claim_at_once_one_is_first(
    database: Database, order: Order
) -> None:
    claims = await asyncio.gather(*(claim(database, order) for _ in range(100)))
    assert len({key for key, _ in claims}) == 1
    assert [is_first for _, is_first in claims].count(True) == 1


async def test_a_key_is_for_one_call_only(database: Database, order: Order) -> None:
    await claim(database, order)
    other = Order(
        key=order.key, pbx_id=order.pbx_id, user_id=order.user_id, device=order.device, exten="999"
    )
    with pytest.raises(Conflict):
        await claim(database, other)


async def test_what_came_of_it_is_kept(database: Database, order: Order) -> None:
    key, _ = await claim(database, order)
    async with database.writing() as session:
        await originates.settle(session, key, OriginateState.REFUSED, why="no such phone" * 50)
    async with database.writing() as session:
        row, is_first = await originates.claim(session, order, now=NOW)
        assert (row.state, is_first) == (OriginateState.REFUSED, False)
        assert row.why is not None
        assert row.why.startswith("no such phone")
        with pytest.raises(NotFound):
            await originates.settle(session, uuid7(NOW), OriginateState.QUEUED)
