"""Why agents pause: a list in an order, whose words the PBX can take."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import select

import storage.pause_reasons
from storage.audit import AuditEntry
from storage.database import Database
from storage.errors import Conflict, NotFound, Refused

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)


async def add(database: Database, *names: str) -> list:
    async with database.writing() as session:
        return [
            await storage.pause_reasons.create(session, name, now=NOW, by=None) for name in names
        ]


async def names(database: Database, *, closed: bool = False) -> list[str]:
    async with database.reading() as session:
        listed = await storage.pause_reasons.listed(session, closed=closed)
    return [each.name for each in listed]


async def test_reasons_stand_in_their_order_and_a_closed_one_is_kept(database: Database) -> None:
    lunch, tea, _ = await add(database, "Lunch", "Tea", "Перерыв")
    async with database.writing() as session:
        await storage.pause_reasons.move(session, tea.id, "up", by=None)
        await storage.pause_reasons.move(session, tea.id, "up", by=None)
        await storage.pause_reasons.change(session, lunch.id, name="Midday", active=False, by=None)
    assert await names(database) == ["Tea", "Перерыв"]
    assert await names(database, closed=True) == ["Tea", "Midday", "Перерыв"]
    async with database.reading() as session:
        actions = set(await session.scalars(select(AuditEntry.action)))
    assert actions == {"pause_reason.created", "pause_reason.moved", "pause_reason.changed"}


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("lunch", Conflict),
        ("Wrap-up", Refused),
        ("auto-pause", Refused),
        ("a, b", Refused),
        ("a\r\nAction: Hangup", Refused),
        ("x" * 81, Refused),
        ("", Refused),
    ],
)
async def test_a_name_that_is_taken_or_that_no_pbx_takes_is_refused(
    database: Database, name: str, error: type[Exception]
) -> None:
    _, tea = await add(database, "Lunch", "Tea")
    with pytest.raises(error):
        await add(database, name)
    with pytest.raises(error):
        async with database.writing() as session:
            await storage.pause_reasons.change(session, tea.id, name=name, active=True, by=None)
    assert await names(database) == ["Lunch", "Tea"]


async def test_a_reason_that_is_not_there_is_not_found(database: Database) -> None:
    async with database.writing() as session:
        with pytest.raises(NotFound):
            await storage.pause_reasons.get(session, uuid4())
        with pytest.raises(NotFound):
            await storage.pause_reasons.move(session, uuid4(), "up", by=None)
