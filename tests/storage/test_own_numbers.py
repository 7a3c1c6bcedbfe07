"""Our own numbers: what people call them, and where their callers come from."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

import storage.calls
import storage.own_numbers
from fixtures.calls import Teller, set_stage
from storage.audit import AuditEntry
from storage.database import Database
from storage.errors import Conflict, NotFound, Refused

NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)


async def name(database: Database, pbx, written: str, label: str = "Hotline", source: str = ""):
    async with database.writing() as session:
        return await storage.own_numbers.add(
            session, pbx, written, label=label, source=source, by=None, now=NOW
        )


async def test_a_number_is_one_in_whatever_spelling(database: Database) -> None:
    stage = await set_stage(database)
    number = await name(database, stage.pbx, "+44 20 7946 0100", " Hot\nline ", "Web site")
    assert (number.dialled, number.label, number.source) == (
        "+442079460100",
        "Hot line",
        "Web site",
    )
    with pytest.raises(Conflict, match="has a name already: Hot line"):
        await name(database, stage.pbx, "+442079460100", "Other")
    assert storage.own_numbers.key_of("4000", "GB", 5) == "4000"


@pytest.mark.parametrize(("written", "label"), [(" ", "Hotline"), ("4000", " ")])
async def test_a_number_needs_digits_and_a_name(
    database: Database, written: str, label: str
) -> None:
    stage = await set_stage(database)
    with pytest.raises(Refused):
        await name(database, stage.pbx, written, label)


async def test_each_change_is_audited(database: Database) -> None:
    stage = await set_stage(database)
    number = await name(database, stage.pbx, "4000")
    async with database.writing() as session:
        await storage.own_numbers.change(session, number.id, label="Shop", source="", by=None)
    async with database.writing() as session:
        await storage.own_numbers.remove(session, number.id, by=None)
        with pytest.raises(NotFound):
            await storage.own_numbers.get(session, number.id)
    async with database.reading() as session:
        acts = await session.scalars(
            select(AuditEntry.action).where(AuditEntry.key == number.id).order_by(AuditEntry.id)
        )
        assert list(acts) == ["own_number.added", "own_number.changed", "own_number.removed"]


async def test_what_was_dialled_and_has_no_name_is_found(database: Database) -> None:
    stage = await set_stage(database)
    call = Teller(stage.pbx).abandoned()
    async with database.writing() as session:
        await storage.calls.save(session, call, context=stage.context())
    since = call.started_at - timedelta(days=1)
    async with database.reading() as session:
        [found] = await storage.own_numbers.nameless(session, since=since)
        assert (found.pbx_id, found.dialled, found.calls) == (stage.pbx, call.dialled, 1)
        later = call.started_at + timedelta(days=1)
        assert await storage.own_numbers.nameless(session, since=later) == []
    await name(database, stage.pbx, call.dialled)
    async with database.reading() as session:
        assert await storage.own_numbers.nameless(session, since=since) == []


async def test_calls_say_which_of_our_numbers_was_dialled(database: Database) -> None:
    stage = await set_stage(database)
    call = replace(Teller(stage.pbx, tag="1.1").ended(), dialled="+44 20 7946 0100")
    async with database.writing() as session:
        await storage.calls.save(session, call, context=stage.context())
    async with database.reading() as session:
        story = await storage.calls.get(session, call.id)
        assert await storage.own_numbers.of_calls(session, [story.call]) == {}
    number = await name(database, stage.pbx, "+442079460100", "Hotline", "Web site")
    async with database.reading() as session:
        found = await storage.own_numbers.of_calls(session, [story.call])
    assert {key: one.id for key, one in found.items()} == {call.id: number.id}
