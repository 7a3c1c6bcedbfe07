"""Who is calling, and what follows when an unknown caller becomes known."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

import storage.callers
import storage.calls
import storage.contacts
import storage.customers
from fixtures.calls import CALLER, Stage, Teller, add_customer, set_stage
from pbx_bridge.call import Direction
from pbx_bridge.matching import Level
from storage.calls import CallRecord
from storage.customers import CustomerKind, Profile
from storage.database import Database
from storage.errors import NotFound
from storage.numbers import Home, Number

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
HOME = Home("GB", 5)


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await set_stage(database)


async def tell(database: Database, stage: Stage, tag: str, **changes: object) -> UUID:
    """Store an abandoned call of CALLER, an hour later for each tag."""
    context = stage.context(**changes.pop("context", {}))
    start = NOW + timedelta(hours=float(tag))
    call = replace(Teller(stage.pbx, start, tag=tag).abandoned(), **changes)
    async with database.writing() as session:
        await storage.calls.save(session, call, context=context)
    return call.id


async def customer_of(database: Database, call_id: UUID) -> tuple[UUID | None, Level]:
    async with database.reading() as session:
        call = await session.get_one(CallRecord, call_id)
    return call.customer_id, call.match


async def the_match(database: Database, e164: str = CALLER) -> tuple[Level, list[str]]:
    async with database.reading() as session:
        found = await storage.callers.match(session, e164)
    return found.level, [candidate.name for candidate in found.candidates]


async def a_company(database: Database, name: str, number: str, *people: str) -> UUID:
    async with database.writing() as session:
        profile = Profile(name=name, kind=CustomerKind.COMPANY)
        company = await storage.customers.create(session, profile, by=None, now=NOW)
        await storage.callers.give_number(session, company.id, number, home=HOME, by=None, now=NOW)
        for person_name in people:
            person = await storage.customers.create(
                session, Profile(name=person_name), by=None, now=NOW
            )
            await storage.contacts.begin(
                session, person_id=person.id, company_id=company.id, role="", by=None, now=NOW
            )
    return company.id


async def test_a_number_of_one_person_is_known(database: Database) -> None:
    await add_customer(database, "Erika", CALLER)
    await add_customer(database, "Max", "+442071234568")
    assert await the_match(database) == (Level.KNOWN, ["Erika"])
    assert await the_match(database, "+442071234569") == (Level.UNKNOWN, [])


async def test_a_closed_customer_is_not_matched(database: Database) -> None:
    await add_customer(database, "Erika", CALLER)
    await add_customer(database, "Max", CALLER, closed=True)
    assert await the_match(database) == (Level.KNOWN, ["Erika"])


async def test_a_company_s_line_is_likely_and_offers_its_people(
    database: Database, stage: Stage
) -> None:
    company = await a_company(database, "Acme", CALLER, "Zoe", "Anna", "Left")
    async with database.writing() as session:
        roles = {
            role.customer.name: role for role in await storage.contacts.people_of(session, company)
        }
        await storage.contacts.end(session, roles["Left"].contact.id, ended_on=NOW.date(), by=None)
        zoe = roles["Zoe"].customer.id
    assert await the_match(database) == (Level.LIKELY, ["Acme", "Anna", "Zoe"])
    await tell(database, stage, "1", context={"customer_id": zoe})
    assert await the_match(database) == (Level.LIKELY, ["Zoe", "Acme", "Anna"])


async def test_the_people_of_a_closed_company_are_not_offered(database: Database) -> None:
    company = await a_company(database, "Acme", CALLER, "Anna")
    async with database.writing() as session:
        await storage.customers.close(session, company, by=None, now=NOW)
    assert await the_match(database) == (Level.UNKNOWN, [])
    await add_customer(database, "Max", CALLER)
    assert await the_match(database) == (Level.KNOWN, ["Max"])


async def test_the_one_spoken_to_last_comes_first(database: Database, stage: Stage) -> None:
    await add_customer(database, "Anna", CALLER)
    berta = await add_customer(database, "Berta", CALLER)
    assert await the_match(database) == (Level.LIKELY, ["Anna", "Berta"])
    await tell(database, stage, "1", context={"customer_id": berta})
    assert await the_match(database) == (Level.LIKELY, ["Berta", "Anna"])


async def test_a_customer_made_from_a_call_has_its_number_and_all_its_unknown_calls(
    database: Database, stage: Stage
) -> None:
    earlier, call = [await tell(database, stage, tag) for tag in ("1", "2")]
    other = await tell(database, stage, "3", context={"e164": "+442071234568"})
    colleague = await tell(database, stage, "4", direction=Direction.INTERNAL)
    async with database.writing() as session:
        customer = await storage.callers.create_from_call(
            session, call, Profile(name="Erika"), by=stage.users[0], now=NOW
        )
    assert await customer_of(database, call) == (customer.id, Level.KNOWN)
    assert await customer_of(database, earlier) == (customer.id, Level.KNOWN)
    assert await customer_of(database, other) == (None, Level.UNKNOWN)
    assert (await customer_of(database, colleague))[0] is None
    assert await the_match(database) == (Level.KNOWN, ["Erika"])
    async with database.reading() as session:
        assert (await session.get_one(CallRecord, call)).matched_by_hand


async def test_a_caller_is_attached_to_a_customer_with_another_number(
    database: Database, stage: Stage
) -> None:
    erika = await add_customer(database, "Erika", "+442071234568")
    earlier, call = [await tell(database, stage, tag) for tag in ("1", "2")]
    async with database.writing() as session:
        followed = await storage.callers.attach(session, call, erika, by=None, now=NOW)
    assert followed == 1
    assert (await customer_of(database, earlier))[0] == erika
    async with database.reading() as session:
        assert set(await session.scalars(select(Number.e164))) == {CALLER, "+442071234568"}


async def test_the_calls_of_a_shared_number_follow_nobody(database: Database, stage: Stage) -> None:
    await add_customer(database, "Anna", CALLER)
    erika = await add_customer(database, "Erika")
    earlier, call = [await tell(database, stage, tag) for tag in ("1", "2")]
    async with database.writing() as session:
        assert await storage.callers.attach(session, call, erika, by=None, now=NOW) == 0
    assert (await customer_of(database, call))[0] == erika
    assert (await customer_of(database, earlier))[0] is None


async def test_who_is_remembered_for_a_shared_number_is_known_from_then_on(
    database: Database, stage: Stage
) -> None:
    await add_customer(database, "Anna", CALLER)
    erika = await add_customer(database, "Erika")
    call = await tell(database, stage, "1")
    async with database.writing() as session:
        await storage.callers.attach(session, call, erika, by=None, now=NOW)
    assert (await the_match(database))[0] is Level.LIKELY
    async with database.writing() as session:
        await storage.callers.attach(session, call, erika, by=None, now=NOW, remember=True)
    assert await the_match(database) == (Level.KNOWN, ["Erika", "Anna"])


async def test_a_withheld_call_is_given_to_a_customer_without_a_number(
    database: Database, stage: Stage
) -> None:
    context = {"e164": None, "match": Level.WITHHELD}
    call = await tell(database, stage, "1", number="", context=context)
    async with database.writing() as session:
        customer = await storage.callers.create_from_call(
            session, call, Profile(name="Erika"), by=None, now=NOW
        )
    assert (await customer_of(database, call))[0] == customer.id
    async with database.reading() as session:
        assert (await session.scalars(select(Number))).all() == []


async def test_a_number_given_by_hand_draws_its_earlier_calls(
    database: Database, stage: Stage
) -> None:
    call = await tell(database, stage, "1")
    erika = await add_customer(database, "Erika")
    async with database.writing() as session:
        followed = await storage.callers.give_number(
            session, erika, "020 7123 4567", home=HOME, by=None, now=NOW
        )
    assert followed == 1
    assert await customer_of(database, call) == (erika, Level.KNOWN)


async def test_nothing_is_made_of_a_call_that_is_not_stored(database: Database) -> None:
    with pytest.raises(NotFound):
        async with database.writing() as session:
            await storage.callers.create_from_call(
                session, UUID(int=1), Profile(name="Erika"), by=None, now=NOW
            )
    assert await the_match(database) == (Level.UNKNOWN, [])
    async with database.reading() as session:
        page = await storage.customers.by_ids(session, [])
    assert page == {}
