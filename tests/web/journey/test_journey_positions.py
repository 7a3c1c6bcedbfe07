"""What was heard is stored, whatever became of us: the journal tells it again from the position."""

import asyncio
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

import storage.calls
import storage.database
import storage.positions
from pbx_bridge.ami.message import Message
from pbx_bridge.call import Call, CallState
from pbx_bridge.journal import differences
from pbx_bridge.tracker import Tracker
from pbx_bridge.translate import translate
from storage.positions import Position
from web.journey import bridge, records, stored

RINGALL = "ringall_queue_answered_asterisk_22"
ABANDONED = "abandoned_in_queue_asterisk_22"
NEWS = b"Event: DeviceStateChange\r\nDevice: PJSIP/103\r\nState: INUSE\r\n\r\n"


@contextmanager
def locked(stage) -> Iterator[None]:
    """Another program holds the base."""
    other = sqlite3.connect(stage.database.url.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()


def lately(stage, stream: str) -> list[bytes]:
    """The acts of a stream as if they had happened just now."""
    first = re.search(rb"Timestamp: (\d+)", b"".join(stage.pbx.later(stream, seconds=0)))
    return stage.pbx.later(stream, seconds=int(time.time()) - int(first[1]) - 30)


def told(stage, acts: list[bytes]) -> Call:
    """The call of the acts as a tracker tells it that nothing happened to."""
    tracker = Tracker(stage.pbx_id, {f"PJSIP/{n}": str(n) for n in (101, 102, 103, 131, 132)})
    for raw in b"".join(acts).split(b"\r\n\r\n"):
        event = translate(Message(raw, 0.0)) if raw else None
        if event is not None:
            tracker.feed(event)
    [call] = tracker.told()
    return call


async def position(stage) -> Position | None:
    async with stage.database.reading() as session:
        return await storage.positions.of(session, stage.pbx_id)


async def moved(stage, beyond: int) -> Position:
    async with asyncio.timeout(30):
        while True:
            found = await position(stage)
            if found is not None and found.n > beyond:
                return found
            await asyncio.sleep(0.02)


async def test_the_position_goes_on_while_messages_come(stage, monkeypatch):
    monkeypatch.setattr(records, "POSITION_SECONDS", 0.1)
    await stage.start()
    first = await moved(stage, 0)
    stage.pbx.say(NEWS)
    second = await moved(stage, first.n)
    assert second.heard_at > first.heard_at
    assert (second.journal, second.first) == (first.journal, second.n + 1)


async def test_a_call_that_is_up_is_told_from_its_beginning(stage):
    await stage.start()
    stage.pbx.say_act(RINGALL, 0)
    await stage.stored(lambda calls: calls)
    begun = (await moved(stage, 0)).n
    stage.pbx.say_act(RINGALL, 1)
    await stage.stored(lambda calls: calls[0].state is CallState.TALKING)
    later = await moved(stage, begun)
    assert later.first <= begun < later.n


async def test_what_was_heard_before_we_died_is_stored_when_we_are_back(stage, monkeypatch):
    monkeypatch.setattr(storage.database, "BUSY_SECONDS", 0.05)
    monkeypatch.setattr(bridge, "LAST_WORDS_SECONDS", 0.1)
    await stage.start()
    agent, other = await stage.screen("101"), await stage.screen("102")
    acts = lately(stage, RINGALL)
    with locked(stage):
        stage.pbx.say(b"".join(acts))
        await agent.until(lambda s: [c for c in s.view.pops.values() if c["state"] == "wrap_up"])
        stage.pbx.say(NEWS)
        await stage.stop()
    assert not await stage.calls()

    await stage.start()
    [row] = await stage.stored(lambda calls: calls and calls[0].ended_at)
    [found] = await stored.calls(stage.database, [row.id])
    assert differences(found, told(stage, acts)) == []
    agent, other = await stage.screen("101"), await stage.screen("102")
    [card] = await agent.until(lambda s: list(s.view.pops.values()))
    assert (card["call"], card["state"]) == (str(row.id), "wrap_up")
    assert not other.view.pops
    assert (await moved(stage, 0)).n > 0


async def test_a_phone_that_rang_when_we_died_rings_on_the_screen(stage, monkeypatch):
    monkeypatch.setattr(storage.database, "BUSY_SECONDS", 0.05)
    monkeypatch.setattr(bridge, "LAST_WORDS_SECONDS", 0.1)
    await stage.start()
    agent = await stage.screen("101")
    with locked(stage):
        stage.pbx.say_act(RINGALL, 0)
        before = await agent.hear("pop.opened")
        await stage.stop()
    call = told(stage, stage.pbx.later(RINGALL, seconds=0))
    stage.pbx.channels = [
        {
            "Channel": leg.channel,
            "ChannelState": "6" if leg is call.legs[0] else "5",
            "Uniqueid": leg.uniqueid,
            "Linkedid": leg.linkedid,
            "Duration": "00:00:09",
        }
        for leg in call.legs
    ]
    first = stage.pbx.channels[0]
    stage.pbx.callers = [
        {"Queue": "sales", "Wait": "1"} | {name: first[name] for name in ("Channel", "Uniqueid")}
    ]
    await stage.start()
    agent = await stage.screen("101")
    [card] = await agent.until(lambda s: list(s.view.pops.values()))
    assert (card["id"], card["state"]) == (before["id"], "ringing")
    stage.pbx.say_act(RINGALL, 1, 2)
    [row] = await stage.stored(lambda calls: calls and calls[0].ended_at)
    [found] = await stored.calls(stage.database, [row.id])
    assert differences(found, call) == []


async def test_a_restart_in_good_order_tells_nothing_twice(stage, monkeypatch):
    monkeypatch.setattr(records, "POSITION_SECONDS", 0.1)
    await stage.start()
    stage.pbx.say_act(ABANDONED)
    [before] = await stage.stored(lambda calls: calls and calls[0].ended_at)
    await stage.stop()
    at_end = await position(stage)
    await stage.start()
    await moved(stage, at_end.n)
    [after] = await stage.calls()
    assert (after.id, after.revision, after.settled_at) == (
        before.id, before.revision, before.settled_at,
    )  # fmt: skip


async def test_what_memory_has_no_room_for_is_told_from_the_journal(stage, monkeypatch):
    monkeypatch.setattr(storage.database, "BUSY_SECONDS", 0.05)
    monkeypatch.setattr(records, "MOST_WAITING", 3)
    await stage.start()
    await moved(stage, 0)
    [one] = stage.bridge.lines._open.values()
    with locked(stage):
        for number in range(12):
            stage.pbx.say(b"".join(stage.pbx.later(RINGALL, seconds=200 * number)))
        await stage.eventually(lambda: len(one.journey.progress.left) >= 8)
        assert len(stage.bridge._records._waiting) <= 4
    rows = await stage.stored(lambda calls: len(calls) == 12 and all(c.ended_at for c in calls))
    assert {row.user_id for row in rows} == {stage.users["101"].id}
    await stage.eventually(lambda: not one.journey.progress.left)
    last = await moved(stage, one.journey.progress.here.n - 1)
    assert last.n == one.journey.progress.here.n
