"""Rules look for calls by themselves, beside the loop; a fault ends nothing."""

from datetime import UTC, datetime
from uuid import UUID

from structlog.testing import capture_logs

import storage.calls
import storage.picks
from fixtures.calls import Teller, set_stage
from storage.background import Background
from storage.picks import PickState, RuleFacts, keeping
from storage.rules.picks import Rule, RuleKind
from web.picking import Picking


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


async def test_a_fault_is_told_and_ends_nothing(database) -> None:
    class Broken:
        async def run(self, _work: object) -> None:
            raise OSError("the disk is gone")

    with capture_logs() as logs:
        await Picking(database, leads=lambda: True).go(Broken())
    assert [log["event"] for log in logs] == ["picks_not_made"]
