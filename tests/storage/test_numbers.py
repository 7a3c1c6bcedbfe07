"""A number is kept in E.164 beside how it was written; the pair with its customer is unique."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select, update

import storage.numbers
from fixtures.calls import add_customer, set_stage
from pbx_bridge.ids import uuid7
from storage.audit import AuditEntry
from storage.database import Database
from storage.errors import Conflict, NotFound, Refused
from storage.numbers import Home, Number
from storage.pbxs import Pbx

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
HOME = Home("DE", 5)
NUMBER = "+49301234567"


async def give(database: Database, customer_id: UUID, written: str, **options: object) -> Number:
    async with database.writing() as session:
        return await storage.numbers.add(
            session, customer_id, written, home=HOME, by=None, now=NOW, **options
        )


async def test_a_number_is_kept_in_e164_and_as_it_was_written(database: Database) -> None:
    erika = await add_customer(database, "Erika")
    await give(database, erika, " 030/123 45-67 ", label="office")
    async with database.reading() as session:
        [number] = await storage.numbers.of_customer(session, erika)
        query = select(AuditEntry).where(AuditEntry.action == "number.added")
        entry = (await session.scalars(query)).one()
    assert (number.e164, number.written, number.label) == (NUMBER, "030/123 45-67", "office")
    assert (entry.key, entry.details) == (number.id, {"customer": str(erika)})


async def test_the_same_number_twice_is_a_sentence_and_not_a_row(database: Database) -> None:
    erika = await add_customer(database, "Erika")
    await give(database, erika, "030 1234567")
    with pytest.raises(Conflict, match=r"Erika already has the number \+49301234567"):
        await give(database, erika, "0049 30 1234567")
    async with database.writing() as session:
        again = await storage.numbers.ensure(session, erika, NUMBER, by=None, now=NOW)
        fresh = await storage.numbers.ensure(session, erika, "+4930999999", by=None, now=NOW)
    assert again.written == "030 1234567"
    assert fresh.e164 == "+4930999999"


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("101", "101 is an internal number"),
        ("", "A number is needed"),
        ("anonymous", "A number is needed"),
        ("12 34 56", "is no phone number"),
        ("Erika", "Erika is no phone number"),
    ],
)
async def test_what_is_no_public_number_is_refused(
    database: Database, written: str, sentence: str
) -> None:
    erika = await add_customer(database, "Erika")
    with pytest.raises(Refused, match=sentence):
        await give(database, erika, written)


async def test_a_number_can_be_taken_away(database: Database) -> None:
    erika = await add_customer(database, "Erika")
    number = await give(database, erika, NUMBER)
    async with database.writing() as session:
        await storage.numbers.remove(session, number.id, by=None)
    async with database.writing() as session:
        assert await storage.numbers.of_customer(session, erika) == []
        with pytest.raises(NotFound):
            await storage.numbers.remove(session, number.id, by=None)


async def test_a_customer_who_is_not_there_gets_no_number(database: Database) -> None:
    with pytest.raises(NotFound):
        await give(database, UUID(int=1), NUMBER)


async def test_one_choice_at_most_stands_for_a_number(database: Database) -> None:
    first = await give(database, await add_customer(database, "Erika"), NUMBER)
    second = await give(database, await add_customer(database, "Max"), NUMBER)
    for number in (first, second):
        async with database.writing() as session:
            await storage.numbers.choose(session, number.id, by=None, now=NOW)

    async def chosen() -> list[UUID]:
        async with database.reading() as session:
            query = select(Number.id).where(Number.chosen_at.is_not(None))
            return list(await session.scalars(query))

    assert await chosen() == [second.id]
    async with database.writing() as session:
        await storage.numbers.unchoose(session, second.id, by=None)
    assert await chosen() == []


async def test_it_shows_who_else_has_a_number(database: Database) -> None:
    erika = await add_customer(database, "Erika", NUMBER)
    await add_customer(database, "Max", NUMBER, closed=True)
    async with database.reading() as session:
        beside = await storage.numbers.sharers(session, [NUMBER], beside=erika)
        everyone = await storage.numbers.sharers(session, [NUMBER])
        both = await storage.numbers.of_customers(session, [erika])
    assert [(owner.name, owner.closed) for owner in beside] == [("Max", True)]
    assert [owner.name for owner in everyone] == ["Erika", "Max"]
    assert [number.e164 for number in both[erika]] == [NUMBER]


async def test_the_first_pbx_says_how_numbers_are_read_here(database: Database) -> None:
    async with database.reading() as session:
        assert await storage.numbers.home(session) == Home("GB", 5)
    await set_stage(database)
    async with database.writing() as session:
        await session.execute(update(Pbx).values(region="DE", internal_digits=4))
    async with database.reading() as session:
        home = await storage.numbers.home(session)
    assert home == Home("DE", 4)
    assert home.read("030 1234567") == NUMBER


async def test_a_row_that_another_part_adds_is_found_by_its_last_digits(database: Database) -> None:
    erika = await add_customer(database, "Erika")
    async with database.writing() as session:
        row = Number(id=uuid7(NOW), e164=NUMBER, written="x", customer_id=erika, created_at=NOW)
        session.add(row)
    assert row.backwards == "76543210394+"
