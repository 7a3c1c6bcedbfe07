"""Notes stand newest first, with who wrote them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

import storage.notes
from fixtures.calls import add_customer, set_stage
from storage.audit import AuditEntry
from storage.database import Database
from storage.errors import NotFound, Refused

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


async def test_the_newest_note_comes_first_and_is_signed(database: Database) -> None:
    ann = (await set_stage(database)).users[0]
    erika = await add_customer(database, "Erika")
    for minute, by in enumerate([ann, None, ann]):
        at = NOW + timedelta(minutes=minute)
        async with database.writing() as session:
            await storage.notes.add(session, erika, f"note {minute}\x00", by=by, now=at)
    async with database.reading() as session:
        notes = await storage.notes.latest_of(session, erika, limit=2)
        written = select(AuditEntry).where(AuditEntry.noun == "note")
        entries = (await session.scalars(written)).all()
    assert [(note.text, author) for note, author in notes] == [("note 2", "Ann"), ("note 1", None)]
    assert [entry.action for entry in entries] == ["note.added"] * 3
    assert "note 1" not in str([entry.details for entry in entries])


async def test_an_empty_note_is_refused(database: Database) -> None:
    erika = await add_customer(database, "Erika")
    with pytest.raises(Refused, match="needs a text"):
        async with database.writing() as session:
            await storage.notes.add(session, erika, " \n", by=None, now=NOW)


async def test_a_note_needs_its_customer(database: Database) -> None:
    with pytest.raises(NotFound):
        async with database.writing() as session:
            await storage.notes.add(session, UUID(int=1), "x", by=None, now=NOW)
