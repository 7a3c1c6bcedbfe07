"""One click, one call: whatever is repeated, cut or taken over."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from stage.offices import Stage
from stage.pbxs import FakePbx

import storage.originates
from pbx_bridge.ami import Link
from pbx_bridge.config import AmiConfig
from storage.database import Database
from storage.errors import NotLeader
from storage.originates import Order, OriginateState
from web.journey.dials import Dials

RINGALL = "ringall_queue_answered_asterisk_22"


@pytest.fixture
async def link(pbx: FakePbx) -> AsyncIterator[Link]:
    async with Link(AmiConfig(port=pbx.port, username="ringbook", secret="secret")) as link:
        await link.connected()
        yield link


@pytest.fixture
def order(stage: Stage) -> Order:
    return Order(
        key="click 1", pbx_id=stage.pbx_id, user_id=stage.users["101"].id, device="PJSIP/101",
        exten="4930123",
    )  # fmt: skip


@pytest.fixture
def dials(database: Database) -> Dials:
    return Dials(database, lambda: True, context="internal")


async def test_a_click_that_is_repeated_dials_once(dials, link, order, pbx) -> None:
    placed = await asyncio.gather(*(dials.place(link, order) for _ in range(20)))
    again = await dials.place(link, order)
    assert pbx.asked.count("Originate") == 1
    assert len({one.id for one in placed} | {again.id}) == 1
    assert again.state is OriginateState.QUEUED
    await dials.place(link, replace(order, key="click 2"))
    assert pbx.asked.count("Originate") == 2


async def test_a_call_whose_answer_was_cut_off_is_not_sent_again(
    dials, link, order, pbx, stage: Stage
) -> None:
    pbx.cuts.add("Originate")
    placed = await dials.place(link, order)
    assert placed.state is OriginateState.UNKNOWN
    pbx.cuts.clear()
    await link.connected()
    assert (await dials.place(link, order)).state is OriginateState.UNKNOWN
    assert pbx.asked.count("Originate") == 1
    await stage.start()
    leg = b"1795342885.2"  # the captured call is the one that was placed
    for act in pbx.later(RINGALL, seconds=0):
        pbx.say(act.replace(leg + b"\r\n", placed.channel_id.encode() + b"\r\n"))
    [call] = await stage.stored(lambda calls: calls and calls[0].ended_at)
    async with stage.database.reading() as session:
        assert await storage.originates.call_of(session, placed) == call.id


async def test_what_cannot_be_sent_is_refused_with_the_reason(dials, link, order, pbx) -> None:
    placed = await dials.place(link, replace(order, exten="1\r\nAction: Logoff"))
    assert placed.state is OriginateState.REFUSED
    assert placed.why
    assert "Originate" not in pbx.asked


async def test_a_node_that_does_not_lead_dials_nothing(database, link, order, pbx) -> None:
    answers = iter([True, False])  # the lease runs out while the call is claimed
    dials = Dials(database, lambda: next(answers), context="internal")
    with pytest.raises(NotLeader):
        await dials.place(link, order)
    again = await Dials(database, lambda: True, context="internal").place(link, order)
    assert again.state is OriginateState.CLAIMED
    assert "Originate" not in pbx.asked
