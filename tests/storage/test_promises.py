"""A promise is open until it is kept or given up, once."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

import storage.promises
from fixtures.calls import add_customer, set_stage
from storage.audit import AuditEntry
from storage.database import Database
from storage.errors import Conflict, NotFound, Refused
from storage.promises import Promise

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
TODAY = date(2026, 11, 22)


async def promise(
    database: Database, customer: UUID, text: str, *, days: int = 0, by: UUID | None = None
) -> Promise:
    due = TODAY + timedelta(days=days)
    async with database.writing() as session:
        return await storage.promises.add(session, customer, text, due_on=due, by=by, now=NOW)


async def test_open_promises_stand_by_their_day_and_are_signed(database: Database) -> None:
    ann = (await set_stage(database)).users[0]
    erika = await add_customer(database, "Erika")
    later = await promise(database, erika, "send offer", days=3, by=ann)
    sooner = await promise(database, erika, "call back", days=1)
    done = await promise(database, erika, "refund")
    broken = await promise(database, erika, "discount")
    async with database.writing() as session:
        await storage.promises.keep(session, done.id, by=ann, now=NOW)
        await storage.promises.give_up(session, broken.id, by=ann, now=NOW)
    async with database.reading() as session:
        still_open = await storage.promises.open_of(session, erika)
        everything = await storage.promises.latest_of(session, erika, limit=10)
        actions = set(await session.scalars(select(AuditEntry.action)))
    assert [(one.promise.id, one.author) for one in still_open] == [
        (sooner.id, None), (later.id, "Ann"),
    ]  # fmt: skip
    states = {one.promise.text: one.promise.state_on(TODAY) for one in everything}
    assert states == {
        "send offer": "open", "call back": "open", "refund": "kept", "discount": "broken",
    }  # fmt: skip
    assert actions >= {"promise.added", "promise.kept", "promise.broken"}


async def test_a_promise_is_due_on_its_day_and_overdue_after_it(database: Database) -> None:
    erika = await add_customer(database, "Erika")
    made = await promise(database, erika, "call back", days=1)
    days = [TODAY + timedelta(days=number) for number in range(3)]
    assert [made.state_on(day) for day in days] == ["open", "due", "overdue"]


async def test_a_promise_is_kept_or_broken_once(database: Database) -> None:
    made = await promise(database, await add_customer(database, "Erika"), "call back")
    async with database.writing() as session:
        await storage.promises.keep(session, made.id, by=None, now=NOW)
    for second in (storage.promises.keep, storage.promises.give_up):
        with pytest.raises(Conflict, match="open no longer"):
            async with database.writing() as session:
                await second(session, made.id, by=None, now=NOW)


async def test_an_empty_promise_and_one_to_nobody_are_refused(database: Database) -> None:
    with pytest.raises(Refused, match="needs a text"):
        await promise(database, await add_customer(database, "Erika"), " ")
    with pytest.raises(NotFound):
        await promise(database, UUID(int=1), "x")
    with pytest.raises(NotFound):
        async with database.writing() as session:
            await storage.promises.keep(session, UUID(int=1), by=None, now=NOW)
