"""Rules look for calls by themselves, beside the loop; a fault ends nothing."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

from structlog.testing import capture_logs

import storage.calls
import storage.picks
import web.picking
from fixtures.calls import NOW, Teller, after, set_stage
from storage.background import Background
from storage.picks import PickState, RuleFacts, keeping
from storage.rules.picks import Rule, RuleKind
from web.picking import Look, Looks, Picking


async def test_calls_are_picked_beside_the_loop(database) -> None:
    stage = await set_stage(database)
    now = datetime.now(UTC)
    call = Teller(stage.pbx, now.replace(microsecond=0), tag="1.1").ended(seconds=0.5)
    rule = Rule(id=UUID(int=0), kind=RuleKind.RANDOM, share=100)
    async with database.writing() as session:
        await storage.calls.save(session, call, context=stage.context())
        await keeping.create(session, RuleFacts(name="All", rule=rule), by=None, now=now)
    picking, aside = Picking(database, leads=lambda: True), Background(database.url)
    try:
        await picking.go(aside)
    finally:
        await aside.close()
    async with database.reading() as session:
        [line] = await storage.picks.listed(session, [PickState.OPEN], reach=None)
        [row] = await storage.picks.rules(session)
    assert line.pick.call_id == call.id
    assert row.looked_at is not None


async def test_one_look_is_enough_for_all_who_ask_and_says_how_it_went(
    database, monkeypatch
) -> None:
    began, looks = asyncio.Event(), Looks(database)
    loops = set()

    async def slow(_base: object) -> int:
        loops.add(asyncio.get_running_loop())
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(began.wait(), home))
        return 3

    home = asyncio.get_running_loop()
    monkeypatch.setattr(web.picking, "look", slow)
    looks.begin(now=NOW)
    looks.begin(now=after(5))
    assert looks.last == Look(NOW)
    began.set()
    await looks._going
    assert (looks.last.fresh, looks.last.failed, looks.last.began) == (3, False, NOW)
    assert len(loops) == 1
    assert home not in loops  # beside the loop that sends cards

    async def broken(_base: object) -> int:
        raise OSError("the disk is gone")

    monkeypatch.setattr(web.picking, "look", broken)
    looks.begin(now=NOW)
    await looks._going
    assert looks.last.failed
    await looks.close()


async def test_a_fault_is_told_and_ends_nothing(database) -> None:
    class Broken:
        async def run(self, _work: object) -> None:
            raise OSError("the disk is gone")

    with capture_logs() as logs:
        await Picking(database, leads=lambda: True).go(Broken())
    assert [log["event"] for log in logs] == ["picks_not_made"]
