"""What the base must do on both engines: lose no update, keep zones, keep the audit."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, StatementError

import storage.settings
from pbx_bridge.ids import uuid7
from storage import audit
from storage.audit import AuditEntry
from storage.database import Database
from storage.users import LoginFailure

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


async def test_writers_that_read_first_lose_no_update(database: Database) -> None:
    async with database.writing() as session:
        await storage.settings.put(session, "count", {"n": 0}, by=None)

    async def add_one() -> None:
        async with database.writing() as session:
            if not database.is_sqlite:
                await session.execute(text("LOCK TABLE settings IN EXCLUSIVE MODE"))
            value = await storage.settings.get(session, "count")
            await storage.settings.put(session, "count", {"n": value["n"] + 1}, by=None)

    async with asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(add_one())
    async with database.reading() as session:
        assert await storage.settings.get(session, "count") == {"n": 20}


async def test_a_time_comes_back_aware_and_in_utc(database: Database) -> None:
    moscow = NOW.astimezone(timezone(timedelta(hours=3)))
    async with database.writing() as session:
        session.add(LoginFailure(id=uuid7(NOW), login="a", address="b", at=moscow))
    async with database.reading() as session:
        [row] = (await session.scalars(select(LoginFailure))).all()
    assert row.at == NOW
    assert row.at.utcoffset() == timedelta(0)


async def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(StatementError, match="without a zone"):
        async with database.writing() as session:
            session.add(LoginFailure(id=uuid7(NOW), login="a", address="b", at=naive))


@pytest.mark.parametrize("attempt", ["UPDATE audit SET action = 'x'", "DELETE FROM audit"])
async def test_an_audit_row_cannot_be_changed(database: Database, attempt: str) -> None:
    async with database.writing() as session:
        audit.record(session, "user.created", by=None, key=uuid7(NOW))
    with pytest.raises(DBAPIError, match="audit rows cannot be changed"):
        async with database.writing() as session:
            await session.execute(text(attempt))
    async with database.reading() as session:
        [row] = (await session.scalars(select(AuditEntry))).all()
    assert row.action == "user.created"
