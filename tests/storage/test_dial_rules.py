"""What a role may dial is chosen, kept and audited; what is placed is counted."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from fixtures.cast import add_user
from pbx_bridge.ids import uuid7
from storage import audit, dial_rules, originates
from storage.audit import Search
from storage.database import Database
from storage.originates import Order, Originate, OriginateState
from storage.pbxs import Pbx
from storage.rules.dialling import DEFAULTS, DialCaps, DialRule, NumberKind, Usage
from storage.rules.permissions import RoleName

NOW = datetime(2026, 11, 28, 15, 0, tzinfo=UTC)
ABROAD = DialRule(
    kinds=frozenset({NumberKind.INTERNAL, NumberKind.INTERNATIONAL}), per_minute=3, at_once=1
)


@pytest.fixture
async def order(database: Database) -> Order:
    user = await add_user(database, "ann", "agent")
    pbx = uuid7(NOW)
    async with database.writing() as session:
        session.add(
            Pbx(id=pbx, name="lab", host="h", port=1, username="u", secret="s", created_at=NOW)
        )
    return Order(
        key="1", pbx_id=pbx, user_id=user.id, device="PJSIP/101", exten="+442071234567",
        kind=NumberKind.NATIONAL,
    )  # fmt: skip


async def test_until_somebody_chooses_the_defaults_hold(database: Database) -> None:
    async with database.reading() as session:
        assert await dial_rules.of_all(session) == DEFAULTS
        assert await dial_rules.caps(session) == DialCaps()
        nobody = await dial_rules.of_role(session, "nobody")
    assert (nobody.kinds, nobody.at_once) == (frozenset(), 0)


async def test_a_rule_is_chosen_for_one_role_and_audited_once(database: Database) -> None:
    ann = (await add_user(database, "ann", "administrator")).id
    for _ in range(2):
        async with database.writing() as session:
            await dial_rules.choose(session, RoleName.SUPERVISOR, ABROAD, by=ann)
            await dial_rules.choose_caps(session, DialCaps(per_minute=9, at_once=4), by=ann)
    async with database.reading() as session:
        rules = await dial_rules.of_all(session)
        told = await audit.search(session, Search(action="dial_rule.changed"), limit=9)
        assert await dial_rules.caps(session) == DialCaps(per_minute=9, at_once=4)
    assert rules == {**DEFAULTS, RoleName.SUPERVISOR: ABROAD}
    assert [(entry.user_id, entry.details["kinds"]) for entry in told] == [
        (ann, "internal international")
    ]


async def _claim(database: Database, order: Order, key: str, at: datetime) -> UUID:
    async with database.writing() as session:
        row, _ = await originates.claim(
            session,
            Order(key=key, pbx_id=order.pbx_id, user_id=order.user_id, device=order.device,
                  exten=order.exten, kind=order.kind),
            now=at,
        )  # fmt: skip
    return row.id


async def test_what_was_placed_lately_is_counted(database: Database, order: Order) -> None:
    await _claim(database, order, "long ago", NOW - timedelta(minutes=5))
    await _claim(database, order, "lately", NOW - timedelta(seconds=59))
    refused = await _claim(database, order, "refused", NOW)
    async with database.writing() as session:
        await originates.settle(session, refused, OriginateState.REFUSED)
    async with database.writing() as session:
        mine = await originates.usage(session, order.user_id, now=NOW)
        others = await originates.usage(session, None, now=NOW)
    assert mine == Usage(mine=1, mine_now=1, all=1, all_now=1)
    assert others == Usage(all=1, all_now=1)


async def test_a_call_to_the_same_number_that_is_not_over_is_found(
    database: Database, order: Order
) -> None:
    placed = await _claim(database, order, "first", NOW)
    async with database.reading() as session:
        soon = await originates.going_on(session, order, now=NOW + timedelta(seconds=30))
        later = await originates.going_on(session, order, now=NOW + timedelta(seconds=90))
        assert soon is not None
        assert soon.id == placed
        assert later is None


async def test_two_who_count_at_once_do_not_both_take_the_last_place(
    database: Database, order: Order
) -> None:
    async def place(number: int) -> None:
        async with database.writing() as session:
            if (await originates.usage(session, order.user_id, now=NOW)).mine_now < 3:
                one = Order(key=f"click {number}", pbx_id=order.pbx_id, user_id=order.user_id,
                            device=order.device, exten=order.exten)  # fmt: skip
                await originates.claim(session, one, now=NOW)

    await asyncio.gather(*(place(number) for number in range(12)))
    async with database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Originate)) == 3
