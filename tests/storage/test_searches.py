"""Search by name and number, page by page, on both engines."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

import storage.customers
import storage.numbers
import storage.searches
from storage.customers import CustomerKind, Profile
from storage.database import Database
from storage.numbers import Home
from storage.searches import Narrowing

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
HOME = Home("DE", 5)


@pytest.fixture
async def people(database: Database) -> Database:
    """Some customers with numbers, added a second apart."""
    rows = [
        ("Maria Schmidt", "030 1234567", CustomerKind.PERSON),
        ("Maria Marin", "+49 30 1234568", CustomerKind.PERSON),
        ("Mario Schmidt", "0171 7654321", CustomerKind.PERSON),
        ("Schmidt & Söhne", "030 1234567", CustomerKind.COMPANY),
        ("4711 Duft", "+44 20 7946 0018", CustomerKind.COMPANY),
        ("Семён Петров", "+7 495 123-45-67", CustomerKind.PERSON),
    ]
    for second, (name, number, kind) in enumerate(rows):
        at = NOW + timedelta(seconds=second)
        async with database.writing() as session:
            profile = Profile(name=name, kind=kind)
            customer = await storage.customers.create(session, profile, by=None, now=at)
            await storage.numbers.add(session, customer.id, number, home=HOME, by=None, now=at)
            if name == "Mario Schmidt":
                await storage.customers.close(session, customer.id, by=None, now=at)
    return database


async def found(database: Database, text: str, **options: object) -> list[str]:
    async with database.reading() as session:
        page = await storage.searches.search(session, text, home=HOME, **options)
    return sorted(customer.name for customer in page.customers)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("mar", ["Maria Marin", "Maria Schmidt", "Mario Schmidt"]),
        ("maria schm", ["Maria Schmidt"]),
        ("schm maria", ["Maria Schmidt"]),
        ("SOEHNE", ["Schmidt & Söhne"]),
        ("петр", ["Семён Петров"]),
        ("семен", ["Семён Петров"]),
        ("chmidt", []),
        ("maria maria", ["Maria Marin", "Maria Schmidt"]),
        ("%", []),
        ("mar%", ["Maria Marin", "Maria Schmidt", "Mario Schmidt"]),
        ("' OR 1=1 --", []),
    ],
)
async def test_a_name_is_found_by_the_beginning_of_its_words(
    people: Database, text: str, names: list[str]
) -> None:
    assert await found(people, text) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("030/123 45 67", ["Maria Schmidt", "Schmidt & Söhne"]),
        ("0049301234567", ["Maria Schmidt", "Schmidt & Söhne"]),
        ("tel:+49-30-1234567", ["Maria Schmidt", "Schmidt & Söhne"]),
        ("030 123456", ["Maria Marin", "Maria Schmidt", "Schmidt & Söhne"]),
        ("+4930", ["Maria Marin", "Maria Schmidt", "Schmidt & Söhne"]),
        ("4568", ["Maria Marin"]),
        ("54321", ["Mario Schmidt"]),
        ("4712", []),
        ("4711", ["4711 Duft"]),
    ],
)
async def test_a_number_is_found_in_any_spelling_by_its_beginning_and_end(
    people: Database, text: str, names: list[str]
) -> None:
    assert await found(people, text) == names


async def test_a_search_can_be_narrowed(people: Database) -> None:
    companies = Narrowing(kind=CustomerKind.COMPANY)
    assert await found(people, "schmidt", narrowing=companies) == ["Schmidt & Söhne"]
    assert await found(people, "0301234567", narrowing=companies) == ["Schmidt & Söhne"]
    served = Narrowing(closed=False)
    assert await found(people, "mar", narrowing=served) == ["Maria Marin", "Maria Schmidt"]
    assert await found(people, "mar", narrowing=Narrowing(closed=True)) == ["Mario Schmidt"]


@pytest.mark.parametrize("newest_first", [False, True])
async def test_the_pages_of_a_list_hold_everyone_once_in_order(
    people: Database, newest_first: bool
) -> None:
    names: list[str] = []
    after = None
    async with people.reading() as session:
        for _ in range(3):
            page = await storage.searches.listed(
                session, newest_first=newest_first, after=after, limit=2
            )
            names += [customer.name for customer in page.customers]
            after = page.after
    assert after is None
    alphabet = [
        "4711 Duft", "Maria Marin", "Maria Schmidt",
        "Mario Schmidt", "Schmidt & Söhne", "Семён Петров",
    ]  # fmt: skip
    newest = [
        "Семён Петров", "4711 Duft", "Schmidt & Söhne",
        "Mario Schmidt", "Maria Marin", "Maria Schmidt",
    ]  # fmt: skip
    assert names == (newest if newest_first else alphabet)


async def test_a_list_of_closed_customers_holds_only_those(people: Database) -> None:
    async with people.reading() as session:
        page = await storage.searches.listed(session, narrowing=Narrowing(closed=True))
    assert [customer.name for customer in page.customers] == ["Mario Schmidt"]


async def test_the_pages_of_a_search_hold_every_match_once(people: Database) -> None:
    seen: list[UUID] = []
    after = None
    async with people.reading() as session:
        for _ in range(3):
            page = await storage.searches.search(session, "mar", home=HOME, after=after, limit=1)
            seen += [customer.id for customer in page.customers]
            after = page.after
    assert after is None
    assert len(seen) == len(set(seen)) == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [("030 12", True), ("+49", False), ("+493", True), ("Anna 123", False), ("12", False)],
)
def test_three_digits_and_nothing_but_a_number_are_looked_for_as_one(
    text: str, expected: bool
) -> None:
    assert storage.searches.is_number(text) is expected
