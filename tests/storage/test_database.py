"""What the base must do on both engines: lose no update, keep zones, keep the audit."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, StatementError

import storage.settings
from fixtures import bases
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


async def test_a_text_with_nul_is_no_error_of_the_base(database: Database) -> None:
    rows = [{"key": f"k{n}", "value": value} for n, value in enumerate(("a\0b", "plain"))]
    sent = "a\0b" if database.is_sqlite else "a\N{REPLACEMENT CHARACTER}b"
    async with database.writing() as session:
        await session.execute(text("CREATE TABLE told (key TEXT, value TEXT)"))
        await session.execute(text("INSERT INTO told VALUES (:key, :value)"), rows)
        found = await session.execute(text("SELECT value FROM told ORDER BY key"))
        assert found.scalars().all() == [sent, "plain"]
        asked = text("SELECT key FROM told WHERE value = :value")
        assert await session.scalar(asked, {"value": "a\0b"}) == "k0"


async def test_a_crowd_of_writers_waits_in_line(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.database.BUSY_SECONDS", 0.2)  # less than the crowd takes
    async with bases.fresh_sqlite(sqlite_template, tmp_path) as crowded:

        async def write(n: int) -> None:
            async with crowded.writing() as session:
                await storage.settings.put(session, f"count {n}", {"n": n}, by=None)
                await asyncio.sleep(0.02)

        await asyncio.gather(*(write(n) for n in range(40)))
        async with crowded.reading() as session:
            assert await storage.settings.get(session, "count 39") == {"n": 39}


async def test_a_transaction_inside_a_transaction_of_sqlite_is_told_at_once(
    sqlite_template: Path, tmp_path: Path
) -> None:
    async with bases.fresh_sqlite(sqlite_template, tmp_path) as base, base.writing():
        with pytest.raises(RuntimeError, match="wait for itself"):
            async with base.writing():
                pass


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
