"""Customers are saved once, found at once, and never overwritten unseen."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

import storage.customers
import storage.searches
from pbx_bridge.ids import uuid7
from storage.audit import AuditEntry
from storage.customers import ChangedMeanwhile, Customer, CustomerKind, CustomerWord, Profile
from storage.database import Database
from storage.errors import NotFound, Refused
from storage.numbers import Home

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
BY = UUID(int=7)
HOME = Home("DE", 5)


async def a_customer(database: Database, **fields: object) -> Customer:
    profile = Profile(**({"name": "Erika Mustermann"} | fields))
    async with database.writing() as session:
        return await storage.customers.create(session, profile, by=BY, now=NOW)


async def names_of(database: Database, text: str) -> list[str]:
    async with database.reading() as session:
        page = await storage.searches.search(session, text, home=HOME)
    return [customer.name for customer in page.customers]


async def test_a_new_customer_is_found_by_name_and_stands_in_the_audit(database: Database) -> None:
    customer = await a_customer(database, email="Erika@example.org")
    assert await names_of(database, "muster eri") == ["Erika Mustermann"]
    assert await names_of(database, "erika@exa") == ["Erika Mustermann"]
    async with database.reading() as session:
        [entry] = (await session.scalars(select(AuditEntry))).all()
    assert (entry.action, entry.key, entry.user_id) == ("customer.created", customer.id, BY)
    assert "Erika" not in str(entry.details)


async def test_a_customer_without_a_name_is_refused(database: Database) -> None:
    with pytest.raises(Refused, match="needs a name"):
        await a_customer(database, name=" \x00 ")


async def test_what_a_database_refuses_is_taken_out_of_a_text(database: Database) -> None:
    customer = await a_customer(database, name="Eri\x00ka\n Muster", about="one\r\n\x00two")
    assert (customer.name, customer.about) == ("Erika Muster", "one\ntwo")


async def test_a_row_that_another_part_adds_sorts_by_its_name(database: Database) -> None:
    async with database.writing() as session:
        session.add(
            Customer(
                id=uuid7(NOW),
                kind=CustomerKind.PERSON,
                name="Ärzte",
                created_at=NOW,
                updated_at=NOW,
            )
        )
    await a_customer(database, name="Zoe")
    await a_customer(database, name="apfel")
    async with database.reading() as session:
        page = await storage.searches.listed(session)
    assert [customer.name for customer in page.customers] == ["apfel", "Ärzte", "Zoe"]


async def test_an_edit_is_saved_and_found_under_its_new_name_only(database: Database) -> None:
    customer = await a_customer(database)
    async with database.writing() as session:
        await storage.customers.update(
            session, customer.id, Profile(name="Erika Neu", about="x"), version=1, by=BY, now=LATER
        )
    assert await names_of(database, "mustermann") == []
    assert await names_of(database, "neu") == ["Erika Neu"]
    async with database.reading() as session:
        saved = await storage.customers.get(session, customer.id)
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    assert (saved.version, saved.about, saved.updated_at) == (2, "x", LATER)
    assert entries[-1].details == {"fields": ["about", "name"]}


async def test_a_second_edit_of_the_same_page_gets_both_texts(database: Database) -> None:
    customer = await a_customer(database)
    async with database.writing() as session:
        await storage.customers.update(
            session, customer.id, Profile(name="First"), version=1, by=BY, now=LATER
        )
    with pytest.raises(ChangedMeanwhile) as raised:
        async with database.writing() as session:
            await storage.customers.update(
                session, customer.id, Profile(name="Second"), version=1, by=BY, now=LATER
            )
    assert (raised.value.theirs.name, raised.value.version) == ("First", 2)
    assert raised.value.yours.name == "Second"
    assert await names_of(database, "first") == ["First"]


async def test_saving_what_a_colleague_saved_already_is_no_conflict(database: Database) -> None:
    customer = await a_customer(database)
    for _ in range(2):
        async with database.writing() as session:
            saved = await storage.customers.update(
                session, customer.id, Profile(name="Same"), version=1, by=BY, now=LATER
            )
    assert saved.version == 2


async def test_of_two_edits_at_once_one_gets_the_conflict(database: Database) -> None:
    customer = await a_customer(database)

    async def edit(name: str) -> str:
        try:
            async with database.writing() as session:
                await storage.customers.update(
                    session, customer.id, Profile(name=name), version=1, by=BY, now=LATER
                )
        except ChangedMeanwhile:
            return "conflict"
        return name

    results = await asyncio.gather(*(edit(f"Edit {number}") for number in range(4)))
    assert results.count("conflict") == 3
    [winner] = {*results} - {"conflict"}
    assert await names_of(database, "edit") == [winner]


async def test_a_closed_customer_is_still_found_and_can_be_reopened(database: Database) -> None:
    customer = await a_customer(database)
    async with database.writing() as session:
        await storage.customers.close(session, customer.id, by=BY, now=LATER)
        await storage.customers.close(session, customer.id, by=BY, now=LATER)
    assert await names_of(database, "erika") == ["Erika Mustermann"]
    async with database.writing() as session:
        reopened = await storage.customers.reopen(session, customer.id, by=BY, now=LATER)
        assert reopened.closed_at is None
    async with database.reading() as session:
        actions = (await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))).all()
    assert actions == ["customer.created", "customer.closed", "customer.reopened"]


async def test_a_customer_who_is_not_there_is_said_to_be_missing(database: Database) -> None:
    async with database.reading() as session:
        with pytest.raises(NotFound, match="no customer"):
            await storage.customers.get(session, BY)


async def test_the_words_of_a_customer_are_those_of_the_name_and_address(
    database: Database,
) -> None:
    customer = await a_customer(database, name="Jürgen O'Neil", email="j@x.de")
    async with database.reading() as session:
        words = set(await session.scalars(select(CustomerWord.word)))
    assert words == {"jurgen", "juergen", "oneil", "o", "neil", "j@x.de", "j", "x", "de"}
    assert customer.sort_name == "jurgen oneil"
