"""One click, one call: whatever is repeated, cut or taken over."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from stage.offices import Stage
from stage.pbxs import FakePbx

import storage.audit
import storage.dial_rules
import storage.misdials
import storage.originates
from pbx_bridge.ami import Link
from pbx_bridge.config import AmiConfig
from storage.database import Database
from storage.errors import Conflict, NotLeader, Refused
from storage.originates import Order, OriginateState
from storage.rules.dialling import DialCaps, Dialled, NumberKind
from storage.rules.permissions import RoleName
from web.journey.dials import Dials

AGENT = RoleName.AGENT
CLICKS = 1000 if "RINGBOOK_PROVE" in os.environ else 50
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
        exten="4930123", kind=NumberKind.NATIONAL,
    )  # fmt: skip


@pytest.fixture
def dials(database: Database) -> Dials:
    return Dials(database, lambda: True)


async def test_a_click_that_is_repeated_dials_once(dials, link, order, pbx) -> None:
    placed = await asyncio.gather(*(dials.place(link, order, role=AGENT) for _ in range(20)))
    again = await dials.place(link, order, role=AGENT)
    assert pbx.asked.count("Originate") == 1
    assert len({one.id for one in placed} | {again.id}) == 1
    assert again.state is OriginateState.QUEUED
    await dials.place(link, replace(order, key="click 2", exten="4930124"), role=AGENT)
    assert pbx.asked.count("Originate") == 2


async def test_a_call_whose_answer_was_cut_off_is_not_sent_again(
    dials, link, order, pbx, stage: Stage
) -> None:
    pbx.cuts.add("Originate")
    placed = await dials.place(link, order, role=AGENT)
    assert placed.state is OriginateState.UNKNOWN
    pbx.cuts.clear()
    await link.connected()
    assert (await dials.place(link, order, role=AGENT)).state is OriginateState.UNKNOWN
    assert pbx.asked.count("Originate") == 1
    await stage.start()
    leg = b"1795342885.2"  # the captured call is the one that was placed
    for act in pbx.later(RINGALL, seconds=0):
        pbx.say(act.replace(leg + b"\r\n", placed.channel_id.encode() + b"\r\n"))
    [call] = await stage.stored(lambda calls: calls and calls[0].ended_at)
    async with stage.database.reading() as session:
        assert await storage.originates.call_of(session, placed) == call.id


async def test_what_cannot_be_sent_is_refused_with_the_reason(dials, link, order, pbx) -> None:
    placed = await dials.place(link, replace(order, exten="1\r\nAction: Logoff"), role=AGENT)
    assert placed.state is OriginateState.REFUSED
    assert placed.why
    assert "Originate" not in pbx.asked


async def test_a_node_that_does_not_lead_dials_nothing(database, link, order, pbx) -> None:
    answers = iter([True, False])  # the lease runs out while the call is claimed
    dials = Dials(database, lambda: next(answers))
    with pytest.raises(NotLeader):
        await dials.place(link, order, role=AGENT)
    again = await Dials(database, lambda: True).place(link, order, role=AGENT)
    assert again.state is OriginateState.CLAIMED
    assert "Originate" not in pbx.asked


async def test_another_click_on_the_same_number_gets_the_call_that_goes_on(
    dials, link, order, pbx
) -> None:
    first = await dials.place(link, order, role=AGENT)
    second = await dials.place(link, replace(order, key="click 2"), role=AGENT)
    assert second.id == first.id
    assert pbx.asked.count("Originate") == 1


async def test_a_key_is_nobody_elses(dials, link, order, pbx, stage: Stage) -> None:
    await dials.place(link, order, role=AGENT)
    with pytest.raises(Conflict):
        await dials.place(link, replace(order, user_id=stage.users["102"].id), role=AGENT)
    assert pbx.asked.count("Originate") == 1


@pytest.mark.bar(50)
async def test_a_thousand_dear_numbers_reach_no_phone_and_are_noted(
    dials, link, order, pbx, database, proof
) -> None:
    for number in range(1000):
        kind = NumberKind.PREMIUM if number % 2 else NumberKind.INTERNATIONAL
        dear = replace(order, key=f"click {number}", exten=f"+49900{number:06}", kind=kind)
        with pytest.raises(Refused, match="does not let you dial"):
            await dials.place(link, dear, role=AGENT)
    assert "Originate" not in pbx.asked
    async with database.reading() as session:
        wanted = storage.audit.Search(action="originate.barred")
        told = await storage.audit.search(session, wanted, limit=2000)
        [alarm] = await storage.misdials.lately(session, now=datetime.now(UTC))
    assert len(told) == 1000
    assert {entry.user_id for entry in told} == {order.user_id}
    assert (alarm.user_id, alarm.count) == (order.user_id, 1000)
    proof.tried(1000, of="numbers")


@pytest.mark.bar(50)
async def test_at_night_nothing_is_dialled_nor_sent_on_but_emergencies(
    dials, link, order, pbx, database, proof
) -> None:
    async with database.writing() as session:
        caps = DialCaps(from_hour=0, to_hour=0)
        await storage.dial_rules.choose_caps(session, caps, by=None)
    with pytest.raises(Refused, match="At this hour"):
        await dials.place(link, order, role=AGENT)
    dialled = Dialled(exten=order.exten, kind=order.kind)
    with pytest.raises(Refused, match="At this hour"):
        await dials.permit(order.user_id, AGENT, dialled)
    assert "Originate" not in pbx.asked
    emergency = replace(order, key="click 2", exten="112", kind=NumberKind.EMERGENCY)
    assert (await dials.place(link, emergency, role=AGENT)).state is OriginateState.QUEUED
    proof.tried(3, of="numbers at night")


@pytest.mark.bar(50)
async def test_no_more_calls_at_once_than_the_caps_allow(
    dials, link, order, pbx, database, proof
) -> None:
    async with database.writing() as session:
        caps = DialCaps(per_minute=60, at_once=1)
        await storage.dial_rules.choose_caps(session, caps, by=None)
    clicks = [replace(order, key=f"click {n}", exten=f"493012{n:04}") for n in range(CLICKS)]
    placed = await asyncio.gather(
        *(dials.place(link, one, role=AGENT) for one in clicks), return_exceptions=True
    )
    assert pbx.asked.count("Originate") == 1
    assert sum(isinstance(one, Refused) for one in placed) == CLICKS - 1
    proof.tried(CLICKS, pbx.asked.count("Originate") - 1, of="clicks beyond a cap")


async def test_an_emergency_is_dialled_whatever_the_caps_say(
    dials, link, order, pbx, database
) -> None:
    async with database.writing() as session:
        caps = DialCaps(per_minute=0, at_once=0)
        await storage.dial_rules.choose_caps(session, caps, by=None)
    emergency = replace(order, exten="112", kind=NumberKind.EMERGENCY)
    assert (await dials.place(link, emergency, role="nobody")).state is OriginateState.QUEUED
