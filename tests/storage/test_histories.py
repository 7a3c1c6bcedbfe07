"""One history of a customer, by sort and by words."""

from datetime import UTC, date, datetime, timedelta

import storage.calls
import storage.customers
import storage.histories
import storage.notes
import storage.promises
import storage.tasks
from fixtures.calls import Teller, add_customer, set_stage
from pbx_bridge.matching import Level
from storage.database import Database
from storage.histories import Sort
from storage.tasks import TaskFacts

NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)


async def test_a_history_is_searched_by_sort_and_words(database: Database) -> None:
    stage = await set_stage(database)
    erika = await add_customer(database, "Erika")
    context = stage.context(match=Level.KNOWN, customer_id=erika)
    call = Teller(stage.pbx, NOW - timedelta(hours=5)).abandoned()
    async with database.writing() as session:
        await storage.calls.save(session, call, context=context)
        await storage.notes.add(session, erika, "Trinkt Grünen Tee", by=None, now=NOW)
        await storage.promises.add(
            session, erika, "Tee senden", due_on=date(2027, 1, 1), by=None,
            now=NOW + timedelta(hours=1),
        )  # fmt: skip
        facts = TaskFacts(title="Anrufen", customer_id=erika)
        await storage.tasks.add(session, facts, by=None, now=NOW + timedelta(hours=2))

    async def sorts(**asked: object) -> list[Sort]:
        async with database.reading() as session:
            found = await storage.histories.found(session, erika, **{"limit": 9} | asked)
        return [moment.sort for moment in found.shown]

    assert await sorts() == [Sort.TASK, Sort.PROMISE, Sort.NOTE, Sort.CALL]
    assert await sorts(text="tee") == [Sort.PROMISE, Sort.NOTE]
    assert await sorts(text="TEE grun") == [Sort.NOTE]
    assert await sorts(text="tee", sort=Sort.PROMISE) == [Sort.PROMISE]
    assert await sorts(sort=Sort.CALL) == [Sort.CALL]
    assert await sorts(text="sales") == [Sort.CALL]
    assert await sorts(text="ee") == []
    assert await sorts(skip=1, limit=2) == [Sort.PROMISE, Sort.NOTE]
    async with database.reading() as session:
        found = await storage.histories.found(session, erika, limit=3)
        assert (len(found.shown), found.more) == (3, True)
        found = await storage.histories.found(session, erika, limit=3, skip=1)
        assert (len(found.shown), found.more) == (3, False)
