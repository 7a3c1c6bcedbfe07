"""An agent's own day."""

from datetime import UTC, date, datetime, timedelta

import storage.calls
import storage.days
import storage.promises
from fixtures.calls import NOW, Teller, add_customer, set_stage
from storage.database import Database

TODAY = date(2026, 11, 22)


async def test_promises_due_are_ones_own_open_and_by_that_day(database: Database) -> None:
    ann, bob, _ = (await set_stage(database)).users
    erika = await add_customer(database, "Erika")
    async with database.writing() as session:
        for text, days, by in [
            ("today", 0, ann), ("overdue", -3, ann), ("tomorrow", 1, ann), ("bob's", 0, bob),
        ]:  # fmt: skip
            due = TODAY + timedelta(days=days)
            await storage.promises.add(session, erika, text, due_on=due, by=by, now=NOW)
        kept = await storage.promises.add(session, erika, "kept", due_on=TODAY, by=ann, now=NOW)
        await storage.promises.keep(session, kept.id, by=ann, now=NOW)
    async with database.reading() as session:
        due = await storage.days.promises_due(session, ann, until=TODAY)
    assert [(one.promise.text, one.customer) for one in due] == [
        ("overdue", "Erika"), ("today", "Erika"),
    ]  # fmt: skip


async def test_the_tally_counts_what_rang_and_what_was_talked_since(database: Database) -> None:
    stage = await set_stage(database)
    ann = stage.users[0]
    start = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
    async with database.writing() as session:
        for hour, by in [(-1, "101"), (1, "101"), (2, "102"), (3, "101")]:
            at = start + timedelta(hours=hour)
            call = Teller(stage.pbx, at, tag=f"{hour}.0").ended(by)
            await storage.calls.save(session, call, context=stage.context())
    async with database.reading() as session:
        assert await storage.days.tally(session, ann, since=start) == (3, 2)
        assert await storage.days.tally(session, ann, since=start + timedelta(days=1)) == (0, 0)
