"""Several PBXs at once, whose ids are equal; and one whose clock goes back."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from stage.offices import NOW
from stage.pbxs import FakePbx

import storage.clock_steps
from pbx_bridge.ids import uuid7
from storage.agents import Agent
from storage.calls import LegRecord
from storage.pbxs import Pbx
from storage.secrets import SecretBox
from web.journey import stored

RINGALL = "ringall_queue_answered_asterisk_22"


@pytest.fixture
async def twin(stage):
    """Another PBX with the same phones, at which other agents sit."""
    pbx = FakePbx()
    await pbx.open()
    key = uuid7(NOW)
    secret = SecretBox(stage.settings.secret_keys).close("secret")
    async with stage.database.writing() as session:
        session.add(
            Pbx(
                id=key, name="twin", host="127.0.0.1", port=pbx.port, username="ringbook",
                secret=secret, created_at=NOW,
            )
        )  # fmt: skip
        await session.flush()
        session.add(
            Agent(
                id=uuid7(NOW), user_id=stage.users["131"].id, pbx_id=key, extension="101",
                interface="PJSIP/101", created_at=NOW,
            )
        )  # fmt: skip
    yield key, pbx
    await pbx.close()


async def test_equal_ids_on_two_pbxs_are_two_calls_with_their_own_agents(stage, twin):
    key, pbx = twin
    await stage.start()
    await stage.eventually(pbx.connected.is_set)
    here, there = await stage.screen("101"), await stage.screen("131")
    acts = stage.pbx.later(RINGALL, seconds=0)
    for act in acts:  # news of equal ids, in turns
        stage.pbx.say(act)
        pbx.say(act)
    calls = await stage.stored(lambda cs: len(cs) == 2 and all(c.ended_at for c in cs))
    assert {call.pbx_id for call in calls} == {stage.pbx_id, key}
    by_pbx = {call.pbx_id: call for call in calls}
    assert by_pbx[stage.pbx_id].user_id == stage.users["101"].id
    assert by_pbx[key].user_id == stage.users["131"].id
    for screen, call in ((here, by_pbx[stage.pbx_id]), (there, by_pbx[key])):
        await screen.until(lambda s: s.of("pop.opened"))
        assert {c["call"] for c in screen.of("pop.opened")} == {str(call.id)}
    one, two = await stored.calls(stage.database, [calls[0].id, calls[1].id])
    assert [leg.uniqueid for leg in one.legs] == [leg.uniqueid for leg in two.legs]
    async with stage.database.reading() as session:
        ids = (await session.scalars(select(LegRecord.id))).all()
    assert len(set(ids)) == len(one.legs) + len(two.legs)


async def test_a_restart_of_one_pbx_ends_no_call_of_the_other(stage, twin):
    _, pbx = twin
    await stage.start()
    await stage.eventually(pbx.connected.is_set)
    for one in (stage.pbx, pbx):
        one.say_act(RINGALL, 0, 1)
    await stage.stored(lambda calls: len([c for c in calls if c.answered_at]) == 2)
    pbx.startup = "09:00:00"
    pbx.cut()
    ended = await stage.stored(lambda calls: [c for c in calls if c.ended_at])
    assert {call.pbx_id: call.ended_at is not None for call in ended}[stage.pbx_id] is False


async def test_a_clock_that_goes_back_is_told_with_the_link(stage):
    await stage.start()
    later, now = (stage.pbx.later(RINGALL, seconds=s) for s in (60, 0))
    screen = await stage.screen("101")
    stage.pbx.say(later[0])
    stage.pbx.say(now[0])
    told = await screen.until(lambda s: [x for x in s.of("link.changed") if x["why"]])
    assert "Its clock went back by" in told[0]["why"]
    [link] = stage.bridge.links()
    assert (link.status, link.why) == ("connected", told[0]["why"])
    counted = stage.bridge.metrics.clock_back.labels("lab")._value.get()
    assert counted == 1
    assert isinstance(link.pbx_id, UUID)


async def test_a_step_of_the_clock_is_still_told_after_a_start(stage):
    async with stage.database.writing() as session:
        await storage.clock_steps.note(
            session, stage.pbx_id, seconds=40.0, at=datetime.now(UTC) - timedelta(hours=3)
        )
    await stage.start()
    screen = await stage.screen("101")
    await screen.until(lambda s: [x for x in s.view.links.values() if x["why"]])
    [link] = stage.bridge.links()
    assert link.why is not None
    assert "Its clock went back by 40 seconds" in link.why


async def test_a_step_of_the_clock_is_kept_for_who_looks_later(stage):
    await stage.start()
    later, now = (stage.pbx.later(RINGALL, seconds=s) for s in (60, 0))
    stage.pbx.say(later[0])
    stage.pbx.say(now[0])

    async def kept() -> float:
        async with stage.database.reading() as session:
            step = await storage.clock_steps.of(session, stage.pbx_id)
        return step.seconds if step else 0.0

    async with asyncio.timeout(20):
        while not await kept():  # noqa: ASYNC110 - a base is asked
            await asyncio.sleep(0.05)
    assert 55 < await kept() <= 61
