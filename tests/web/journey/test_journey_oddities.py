"""Events that fit no transition: counted and kept behind the pops, and nothing else changed."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import text

import storage.oddities
from pbx_bridge.ami import Message
from pbx_bridge.changes import ImpossibleEvent
from storage.calls import CallRecord
from web.journey import oddities
from web.journey.oddities import Oddities
from web.journey.seats import Line
from web.live.metrics import Metrics

RINGALL = "ringall_queue_answered_asterisk_22"
GHOST = (
    b"Event: Hangup\r\nChannel: PJSIP/ghost-1\r\n"
    b"Uniqueid: 1795343000.99\r\nLinkedid: 1795343000.99\r\nCause: 16\r\n\r\n"
)
FLOOD = 100_000


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oddities, "STORE_SECONDS", 0.05)


async def listed(database):
    async with database.reading() as session:
        return await storage.oddities.listed(session)


async def until(database, is_so):
    async with asyncio.timeout(20):
        while not is_so(found := await listed(database)):  # noqa: ASYNC110 - nobody tells us
            await asyncio.sleep(0.02)
    return found


async def so(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - nobody tells us
            await asyncio.sleep(0.01)


async def test_an_odd_event_is_kept_with_its_call_and_number_and_changes_nothing(stage):
    await stage.start()
    acts = stage.pbx.now(RINGALL)
    stage.pbx.say(b"".join(acts))
    [call] = await stage.stored(lambda calls: calls and calls[0].ended_at)
    last = max(block for block in b"".join(acts).split(b"\r\n\r\n") if b"Event: Hangup" in block)
    stage.pbx.say(last + b"\r\n\r\n" + GHOST)
    found = await until(stage.database, lambda kinds: len(kinds) == 2)
    by_why = {one.why: one for one in found}
    gone = by_why["a leg that is gone already"]
    assert (gone.event, gone.count, gone.cases[0].call) == ("Hangup", 1, call.id)
    unseen = by_why["a leg that we never saw"]
    assert (unseen.count, unseen.cases[0].call) == (1, None)
    case = unseen.cases[0]
    await asyncio.sleep(0.3)  # the journal's group
    entry = await oddities.message(stage.settings, stage.pbx_id, case.n, case.at)
    assert entry is not None
    before = case.at - timedelta(minutes=1)  # that number in another node's journal
    assert await oddities.message(stage.settings, stage.pbx_id, case.n, before) is None
    assert entry.raw + b"\r\n\r\n" == GHOST
    async with stage.database.reading() as session:
        again = await session.get(CallRecord, call.id)
    assert (again.revision, again.ended_at) == (call.revision, call.ended_at)


async def test_events_that_nobody_asked_for_never_become_odd_or_even_events(stage):
    await stage.start()
    metrics = stage.bridge.metrics
    await stage.eventually(lambda: counted(metrics.events))  # the list that we asked for
    before = counted(metrics.events)
    stage.pbx.say(b"Event: RTCPSent\r\nSSRC: 0x1\r\nX-Unknown: y\r\n\r\n" * 500)
    stage.pbx.say(b"Event: NeverHeardOf\r\nUniqueid: 1.1\r\n\r\n" * 500)
    stage.pbx.say(GHOST.replace(b"Cause: 16", b"Cause: 16\r\nX-Unknown: some"))
    [one] = await until(stage.database, lambda kinds: kinds)
    assert one.event == "Hangup"
    assert counted(metrics.events) - before == 1
    assert counted(metrics.impossible) == 1


def counted(counter):
    return counter.labels("lab")._value.get()


def line(stage):
    return Line(id=stage.pbx_id, name="lab", region="GB", internal_digits=5, config=None)


def odd(why="a leg that is gone"):
    return ImpossibleEvent(object(), why, UUID(int=5))


async def test_a_flood_fills_neither_memory_nor_the_base(database, stage):
    box = Oddities(database, Metrics(CollectorRegistry()))
    message = Message(GHOST, 1795343000.0, n=7)
    for _ in range(FLOOD):
        box.note(line(stage), odd(), message)
    [waiting] = box._waiting.values()
    assert (waiting.count, len(waiting.cases)) == (FLOOD, storage.oddities.FIRST)
    await box.close()
    [one] = await listed(database)
    assert one.count == FLOOD
    assert len(one.cases) == storage.oddities.FIRST


async def test_very_many_kinds_are_counted_together(database, stage, monkeypatch):
    monkeypatch.setattr(oddities, "MOST_KINDS", 10)
    box = Oddities(database, Metrics(CollectorRegistry()))
    for n in range(1000):
        box.note(line(stage), odd(f"reason {n}"), Message(GHOST, 1795343000.0))
    await box.close()
    found = {one.why: one.count for one in await listed(database)}
    assert len(found) == 11
    assert found[oddities.FURTHER] == 990


async def test_a_base_that_is_away_gets_them_when_it_is_back(database, stage):
    box = Oddities(database, Metrics(CollectorRegistry()))
    async with database.writing() as session:
        await session.execute(text("ALTER TABLE oddities RENAME TO elsewhere"))
    box.note(line(stage), odd(), Message(GHOST, 1795343000.0, n=1))
    await so(lambda: box._storing is not None and box._storing.done())  # it was tried
    box.note(line(stage), odd(), Message(GHOST, 1795343001.0, n=2))
    await so(lambda: [one.count for one in box._waiting.values()] == [2])
    async with database.writing() as session:
        await session.execute(text("ALTER TABLE elsewhere RENAME TO oddities"))
    [one] = await until(database, lambda kinds: kinds and kinds[0].count == 2)
    assert [case.n for case in one.cases] == [2, 1]
    await box.close()
