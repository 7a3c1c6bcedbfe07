"""The link breaks, the server restarts, the base is away: nothing is lost, nothing is a zombie."""

import asyncio
import re

import storage.calls
from pbx_bridge.call import CallResult, CallState

RINGALL = "ringall_queue_answered_asterisk_22"
ABANDONED = "abandoned_in_queue_asterisk_22"
CALLER = "PJSIP/anonymous-00000000"


def channel(uniqueid: str, name: str, linkedid: str, *, bridge: str = "", up: bool = True) -> dict:
    """A channel as CoreShowChannels lists it."""
    return {
        "Channel": name,
        "ChannelState": "6" if up else "5",
        "ChannelStateDesc": "Up" if up else "Ringing",
        "CallerIDNum": "",
        "CallerIDName": "",
        "Context": "x",
        "Exten": "s",
        "Uniqueid": uniqueid,
        "Linkedid": linkedid,
        "Duration": "00:00:09",
        "BridgeId": bridge,
    }


def uniqueids(stage, stream: str) -> dict[str, str]:
    """The uniqueid of each channel of a stream."""
    found = {}
    for act in stage.pbx.later(stream, seconds=0):
        for block in act.split(b"\r\n\r\n"):
            if block.startswith(b"Event: Newchannel"):
                headers = dict(
                    line.split(": ", 1) for line in block.decode().split("\r\n") if ": " in line
                )
                found[headers["Channel"]] = headers["Uniqueid"]
    return found


def bridge_of(stage, stream: str) -> str:
    """The bridge in which the parties of a stream talk."""
    raw = b"".join(stage.pbx.later(stream, seconds=0))
    return re.search(rb"BridgeUniqueid: (\S+)", raw)[1].decode()


async def test_a_broken_link_is_told_to_every_screen_with_the_reason(stage):
    await stage.start()
    agent = await stage.screen("101")
    stage.pbx.cut()
    down = await agent.until(lambda s: [x for x in s.of("link.changed") if x["status"] == "down"])
    assert down[0]["why"]
    assert down[0]["name"] == "lab"
    [link] = stage.bridge.links()
    assert (link.pbx, link.status, link.why) == ("lab", "down", down[0]["why"])


async def test_a_call_that_ended_in_the_gap_is_closed_and_its_cards_withdrawn(stage):
    await stage.start()
    agent = await stage.screen("101")
    stage.pbx.say_act(RINGALL, 0)
    await agent.hear("pop.opened")
    stage.pbx.cut()
    closed = await agent.hear("pop.closed")
    assert closed["why"] == "withdrawn"
    [call] = await stage.stored(lambda calls: calls and calls[0].state is CallState.ENDED)
    assert call.result is not CallResult.ANSWERED


async def test_a_call_that_outlives_the_gap_stays(stage):
    await stage.start()
    agent = await stage.screen("101")
    stage.pbx.say_act(RINGALL, 0, 1)
    await agent.until(lambda s: [c for c in s.view.pops.values() if c["state"] == "answered"])
    ids = uniqueids(stage, RINGALL)
    first = ids[CALLER]
    stage.pbx.channels = [
        channel(ids[name], name, first, bridge=bridge_of(stage, RINGALL))
        for name in (CALLER, "PJSIP/101-00000001")
    ]
    stage.pbx.cut()
    async with asyncio.timeout(10):
        await stage.pbx.connected.wait()
    stage.pbx.say_act(RINGALL, 2)
    await agent.until(lambda s: [c for c in s.view.pops.values() if c["state"] == "wrap_up"])
    assert not agent.of("pop.closed")
    assert len(await stage.calls()) == 1


async def test_a_talk_goes_on_as_the_same_call_after_our_restart(stage):
    await stage.start()
    agent = await stage.screen("101")
    stage.pbx.say_act(RINGALL, 0, 1)
    await agent.until(lambda s: [c for c in s.view.pops.values() if c["state"] == "answered"])
    [before] = await stage.stored(lambda c: c and c[0].state is CallState.TALKING)
    ids = uniqueids(stage, RINGALL)
    first = ids[CALLER]
    stage.pbx.channels = [
        channel(ids[name], name, first, bridge=bridge_of(stage, RINGALL))
        for name in (CALLER, "PJSIP/101-00000001")
    ]
    await stage.stop()

    await stage.start()
    agent = await stage.screen("101")
    [card] = await agent.until(lambda s: list(s.view.pops.values()))
    assert (card["call"], card["state"]) == (str(before.id), "answered")
    assert card["number"]["written"] == "89161234567"
    stage.pbx.say_act(RINGALL, 2)
    await agent.until(lambda s: [c for c in s.view.pops.values() if c["state"] == "wrap_up"])
    [after] = await stage.stored(lambda c: c[0].state is CallState.ENDED)
    assert after.id == before.id
    assert after.answered_at == before.answered_at
    assert after.started_at == before.started_at
    assert after.user_id == stage.users["101"].id
    async with stage.database.reading() as session:
        story = await storage.calls.get(session, after.id)
    assert [s.segment.kind.value for s in story.segments].count("talk") == 1
    assert [o.extension for o in story.offers if o.answered_at] == ["101"]
    assert len(story.recordings) == 1


async def test_a_phone_that_still_rings_after_our_restart_has_its_card(stage):
    await stage.start()
    agent = await stage.screen("101")
    stage.pbx.say_act(RINGALL, 0)
    before = await agent.hear("pop.opened")
    await stage.stored(lambda c: c)
    ids = uniqueids(stage, RINGALL)
    stage.pbx.channels = [
        channel(ids[CALLER], CALLER, ids[CALLER]),
        channel(ids["PJSIP/101-00000001"], "PJSIP/101-00000001", ids[CALLER], up=False),
        channel(ids["PJSIP/102-00000002"], "PJSIP/102-00000002", ids[CALLER], up=False),
    ]
    await stage.stop()
    await stage.start()
    agent = await stage.screen("101")
    [card] = await agent.until(lambda s: list(s.view.pops.values()))
    assert (card["id"], card["call"]) == (before["id"], before["call"])
    assert card["state"] == "ringing"
    stage.pbx.say_act(RINGALL, 1)
    await agent.until(lambda s: [c for c in s.view.pops.values() if c["state"] == "answered"])


async def test_a_call_that_ended_while_we_were_down_is_no_zombie(stage):
    await stage.start()
    stage.pbx.say_act(RINGALL, 0, 1)
    [before] = await stage.stored(lambda c: c and c[0].state is CallState.TALKING)
    await stage.stop()
    await stage.start()
    [after] = await stage.stored(lambda c: c[0].state is CallState.ENDED)
    assert after.id == before.id
    assert after.result is CallResult.ANSWERED
    agent = await stage.screen("101")
    [card] = await agent.until(lambda s: list(s.view.pops.values()))
    assert card["state"] == "wrap_up"


async def test_a_card_that_waited_for_its_wrap_up_is_there_after_our_restart(stage):
    await stage.start()
    agent = await stage.screen("101")
    stage.pbx.move_to_now(RINGALL)
    await agent.until(lambda s: [c for c in s.view.pops.values() if c["state"] == "wrap_up"])
    [call] = await stage.stored(lambda c: c and c[0].state is CallState.ENDED)
    await stage.stop()
    await stage.start()
    agent = await stage.screen("101")
    [card] = await agent.until(lambda s: list(s.view.pops.values()))
    assert (card["call"], card["state"]) == (str(call.id), "wrap_up")
    async with stage.database.writing() as session:
        await storage.calls.wrap_up(
            session, call.id, user_id=stage.users["101"].id, outcome_id=None, note="x", by=None
        )
    await stage.bridge.wrapped_up(stage.users["101"].id, call.id)
    assert (await agent.hear("pop.closed"))["why"] == "wrapped_up"


async def test_a_call_that_was_up_before_us_is_the_same_call_after_our_restart(stage):
    stage.pbx.channels = [
        channel("2.1", "PJSIP/101-00000002", "1.1", bridge="x"),
        channel("1.1", "PJSIP/trunk-00000001", "1.1", bridge="x"),
    ]
    await stage.start()
    [before] = await stage.stored(lambda c: c and c[0].state is CallState.TALKING)
    await stage.stop()
    for _ in range(2):
        await stage.start()
        agent = await stage.screen("101")
        [card] = await agent.until(lambda s: list(s.view.pops.values()))
        assert (card["call"], card["state"]) == (str(before.id), "answered")
        await stage.stop()
    assert [call.id for call in await stage.calls()] == [before.id]
