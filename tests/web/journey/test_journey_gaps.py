"""The link breaks, the server restarts, the base is away: nothing is lost, nothing is a zombie."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy.exc import OperationalError

import storage.calls
from pbx_bridge.call import CallResult, CallState
from storage.cards import CardsUnreadable
from web.journey import pops, records

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
        channel(ids[name], name, first, bridge="b") for name in (CALLER, "PJSIP/101-00000001")
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
        channel(ids[name], name, first, bridge="b") for name in (CALLER, "PJSIP/101-00000001")
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


async def test_pops_do_not_wait_for_a_base_that_is_away_and_nothing_is_lost(stage, monkeypatch):
    await stage.start()
    monkeypatch.setattr(pops, "PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr(records, "BEHIND_SECONDS", 0.2)
    save, away = storage.calls.save_many, [True]

    async def no_base(*args: object, **options: object) -> None:
        if away:
            raise OperationalError("insert", {}, Exception("gone"))
        await save(*args, **options)

    async def no_card(*args: object, **options: object) -> None:
        raise CardsUnreadable("gone")

    monkeypatch.setattr(storage.calls, "save_many", no_base)
    find = stage.bridge._cards.find
    monkeypatch.setattr(stage.bridge._cards, "find", no_card)
    agent = await stage.screen("101")
    stage.pbx.say_act(ABANDONED, 0)
    card = await agent.hear("pop.opened")
    assert card["number"]["e164"] == "+442071230006"
    assert not card["is_complete"]
    behind = await agent.hear("storage.changed")
    assert behind["behind"]
    assert not await stage.calls()

    monkeypatch.setattr(stage.bridge._cards, "find", find)
    away.clear()
    await agent.until(lambda s: [c for c in s.of("pop.changed") if c["is_complete"]])
    await stage.stored(lambda calls: len(calls) == 1)
    caught_up = await agent.hear("storage.changed", 2)
    assert not caught_up["behind"]


async def test_a_revision_that_was_not_stored_is_stored_when_the_base_is_back(stage, monkeypatch):
    await stage.start()
    save, tries = storage.calls.save_many, []

    async def no_base(*args: object, **options: object) -> None:
        tries.append(1)
        if len(tries) < 4:
            raise OperationalError("insert", {}, Exception("gone"))
        await save(*args, **options)

    monkeypatch.setattr(storage.calls, "save_many", no_base)
    stage.pbx.say_act(ABANDONED)
    [call] = await stage.stored(lambda calls: calls)
    assert (call.state, call.result) == (CallState.ENDED, CallResult.ABANDONED)
    assert len(tries) >= 4


async def test_one_call_that_cannot_be_stored_keeps_no_other_away(stage, monkeypatch):
    await stage.start()
    save, poisoned = storage.calls.save_many, []

    async def choke(session: object, told: list) -> None:
        poisoned.extend(call.id for call, _ in told if not poisoned)
        if any(call.id in poisoned for call, _ in told):
            raise ValueError("poison")
        await save(session, told)

    monkeypatch.setattr(storage.calls, "save_many", choke)
    stage.pbx.say_act(RINGALL)
    await stage.eventually(lambda: poisoned)
    for act in stage.pbx.later(ABANDONED, seconds=3600):
        stage.pbx.say(act)
    [call] = await stage.stored(lambda calls: calls and calls[0].state is CallState.ENDED)
    assert call.id not in poisoned
    monkeypatch.setattr(storage.calls, "save_many", save)


@pytest.mark.parametrize("by_hand", [True, False], ids=["by hand", "by a number"])
async def test_a_card_follows_what_people_decide_about_its_customer(stage, by_hand):
    await stage.start()
    agent = await stage.screen("101")
    stage.pbx.say_act(ABANDONED, 0)
    card = await agent.hear("pop.opened")
    assert card["match"]["level"] == "unknown"
    [call] = await stage.stored(lambda calls: calls)
    if by_hand:
        zoe = await stage.add_customer("Zoë")
        async with stage.database.writing() as session:
            await storage.calls.match_by_hand(session, call.id, zoe, by=None)
        await stage.bridge.call_matched(call.id)
    else:
        zoe = await stage.add_customer("Zoë", "+442071230006")
        await stage.bridge.customer_changed(zoe)
    changed = await agent.until(lambda s: [c for c in s.of("pop.changed") if c["customer"]])
    assert changed[0]["customer"]["id"] == str(zoe)
    await stage.stored(lambda calls: calls[0].customer_id == zoe)


async def test_a_dismissed_card_is_gone_on_every_screen_of_its_agent_only(stage):
    await stage.start()
    tabs = [await stage.screen("101") for _ in range(2)]
    other = await stage.screen("102")
    stage.pbx.say_act(RINGALL, 0)
    card = await tabs[0].hear("pop.opened")
    await other.hear("pop.opened")
    await stage.bridge.dismissed(stage.users["102"].id, UUID(card["id"]))
    await stage.bridge.dismissed(stage.users["101"].id, UUID(card["id"]))
    for tab in tabs:
        assert (await tab.hear("pop.closed"))["why"] == "dismissed"
    assert not other.of("pop.closed")
    assert not tabs[0].view.pops
