"""People speak for companies, move, and leave a history."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

import storage.contacts
import storage.customers
from fixtures.calls import add_customer
from storage.audit import AuditEntry
from storage.contacts import Contact
from storage.customers import CustomerKind, Profile
from storage.database import Database
from storage.errors import Conflict, NotFound, Refused

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
TODAY = NOW.date()


async def a_company(database: Database, name: str) -> UUID:
    async with database.writing() as session:
        profile = Profile(name=name, kind=CustomerKind.COMPANY)
        return (await storage.customers.create(session, profile, by=None, now=NOW)).id


async def begin(database: Database, person: UUID, company: UUID, role: str = "buyer") -> Contact:
    async with database.writing() as session:
        return await storage.contacts.begin(
            session,
            person_id=person,
            company_id=company,
            role=role,
            began_on=date(2026, 1, 1),
            by=None,
            now=NOW,
        )


async def test_a_person_speaks_for_a_company_and_both_show_it(database: Database) -> None:
    erika, acme = await add_customer(database, "Erika"), await a_company(database, "Acme")
    contact = await begin(database, erika, acme)
    async with database.reading() as session:
        [person] = await storage.contacts.people_of(session, acme)
        [company] = await storage.contacts.companies_of(session, erika)
        entry = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()))).first()
    assert (person.customer.name, person.contact.role) == ("Erika", "buyer")
    assert company.customer.name == "Acme"
    assert (entry.action, entry.key) == ("contact.began", contact.id)


async def test_a_move_ends_one_role_and_begins_another(database: Database) -> None:
    erika = await add_customer(database, "Erika")
    old, new = await a_company(database, "Zeta"), await a_company(database, "Acme")
    contact = await begin(database, erika, old)
    async with database.writing() as session:
        await storage.contacts.end(session, contact.id, ended_on=TODAY, by=None)
    await begin(database, erika, new)
    again = await begin(database, erika, old, role="head")
    async with database.reading() as session:
        roles = await storage.contacts.companies_of(session, erika)
    names = [(role.customer.name, role.contact.ended_on) for role in roles]
    assert names == [("Acme", None), ("Zeta", None), ("Zeta", TODAY)]
    assert again.id != contact.id


async def test_a_second_role_in_the_same_company_at_once_is_a_conflict(database: Database) -> None:
    erika, acme = await add_customer(database, "Erika"), await a_company(database, "Acme")
    await begin(database, erika, acme)
    with pytest.raises(Conflict, match="Erika already speaks for Acme"):
        await begin(database, erika, acme)


async def test_only_a_person_can_speak_for_a_company(database: Database) -> None:
    erika, acme = await add_customer(database, "Erika"), await a_company(database, "Acme")
    for person, company in ((acme, acme), (erika, erika), (acme, erika)):
        with pytest.raises(Refused, match="Only a person"):
            await begin(database, person, company)


async def test_a_role_cannot_end_before_it_began(database: Database) -> None:
    contact = await begin(
        database, await add_customer(database, "Erika"), await a_company(database, "Acme")
    )
    with pytest.raises(Refused, match="before it began"):
        async with database.writing() as session:
            await storage.contacts.end(session, contact.id, ended_on=date(2025, 1, 1), by=None)


async def test_ending_twice_keeps_the_first_date(database: Database) -> None:
    contact = await begin(
        database, await add_customer(database, "Erika"), await a_company(database, "Acme")
    )
    for day in (TODAY, TODAY + timedelta(days=1)):
        async with database.writing() as session:
            ended = await storage.contacts.end(session, contact.id, ended_on=day, by=None)
    assert ended.ended_on == TODAY
    async with database.writing() as session:
        with pytest.raises(NotFound):
            await storage.contacts.end(session, UUID(int=1), ended_on=TODAY, by=None)
