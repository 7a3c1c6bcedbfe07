"""A file becomes customers all or not at all, and a second time nothing."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

import storage.importers
import storage.imports
import storage.searches
from fixtures.calls import add_customer
from storage.audit import AuditEntry
from storage.contacts import Contact
from storage.customers import Customer
from storage.database import Database
from storage.errors import NotFound, Refused
from storage.imports import ImportRow, ImportRun, ImportState
from storage.numbers import Home, Number
from storage.rules.drafts import Draft, Phone
from storage.rules.imports import Seen, Verdict, judge

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
HOME = Home("DE", 5)
NUMBER = "+49301234567"


def a_draft(line: int, name: str, *numbers: str, **fields: str) -> Draft:
    phones = tuple(Phone(number, number, "office") for number in numbers)
    return Draft(line=line, name=name, phones=phones, **fields)


async def begin(database: Database, content: bytes = b"x") -> ImportRun:
    async with database.writing() as session:
        return await storage.imports.begin(
            session, file_name="../../etc/passwd\n", content=content, encoding="utf-8",
            delimiter=";", has_header=True, region="DE", columns=[], by=None, now=NOW,
        )  # fmt: skip


async def dry_run(database: Database, drafts: Sequence[Draft]) -> ImportRun:
    run = await begin(database)
    seen = Seen()
    async with database.writing() as session:
        await storage.imports.remember(session, drafts, seen)
        judged = [judge(draft, seen) for draft in drafts]
        await storage.imports.keep_rows(session, run.id, judged)
    async with database.writing() as session:
        return await storage.imports.conclude(session, run.id, now=NOW)


async def carry_out(
    database: Database, run: ImportRun, *, with_doubtful: bool = False
) -> ImportRun:
    async with database.writing() as session:
        return await storage.importers.carry_out(
            session, run.id, with_doubtful=with_doubtful, by=None, now=NOW
        )


async def count(database: Database, table: type) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table))


FILE = [
    a_draft(2, "Erika Müller", NUMBER, company="Acme", role="buyer", email="e@x.de", about="tea"),
    a_draft(3, "Max", "+49301234568", company="ACME"),
    a_draft(4, "Acme", "+49301234500", kind="company"),
    a_draft(5, "Zoe"),
    a_draft(6, "Erika Twin", NUMBER),
]


async def test_accepted_rows_become_customers_with_numbers_and_companies(
    database: Database,
) -> None:
    run = await dry_run(database, FILE)
    assert run.counts == {"accepted": 4, "doubtful": 1, "present": 0, "refused": 0}
    done = await carry_out(database, run)
    assert done.state is ImportState.DONE
    made = [done.counts[name] for name in ("customers", "companies", "numbers", "contacts")]
    assert made == [4, 0, 3, 2]
    async with database.reading() as session:
        page = await storage.searches.search(session, "030 1234567", home=HOME)
        [erika] = page.customers
        contacts = (await session.scalars(select(Contact))).all()
        acme = (await session.scalars(select(Customer).where(Customer.name == "Acme"))).one()
        by_name = await storage.searches.search(session, "mueller", home=HOME)
        actions = set(await session.scalars(select(AuditEntry.action)))
    assert (erika.name, erika.about, erika.email) == ("Erika Müller", "tea", "e@x.de")
    assert {contact.company_id for contact in contacts} == {acme.id}
    assert [customer.id for customer in by_name.customers] == [erika.id]
    assert actions == {"import.uploaded", "import.done"}
    assert await count(database, ImportRow) == 0


async def test_doubtful_rows_are_imported_where_a_person_says_so(database: Database) -> None:
    done = await carry_out(database, await dry_run(database, FILE), with_doubtful=True)
    assert done.counts["customers"] == 5
    assert done.counts["doubtful_taken"] is True


async def test_the_same_file_again_adds_nothing(database: Database) -> None:
    await carry_out(database, await dry_run(database, FILE), with_doubtful=True)
    before = [await count(database, table) for table in (Customer, Number, Contact)]
    again = await dry_run(database, FILE)
    assert again.counts == {"accepted": 0, "doubtful": 1, "present": 4, "refused": 0}
    await carry_out(database, again)
    assert [await count(database, table) for table in (Customer, Number, Contact)] == before


async def test_who_is_there_already_gets_the_number_they_lack(database: Database) -> None:
    erika = await add_customer(database, "Erika", NUMBER)
    run = await dry_run(database, [a_draft(2, "Erika", NUMBER, "+49301234568")])
    assert run.counts["present"] == 1
    done = await carry_out(database, run)
    assert (done.counts["customers"], done.counts["numbers"]) == (0, 1)
    async with database.reading() as session:
        assert set(await session.scalars(select(Number.customer_id))) == {erika}


async def test_a_customer_who_came_since_the_dry_run_is_not_added_twice(database: Database) -> None:
    run = await dry_run(database, [a_draft(2, "Erika", NUMBER), a_draft(3, "Max", "+49301234568")])
    await add_customer(database, "Erika", NUMBER)
    done = await carry_out(database, run)
    assert done.counts["customers"] == 1
    assert await count(database, Customer) == 2


async def test_people_of_a_company_that_is_there_join_it(database: Database) -> None:
    await carry_out(database, await dry_run(database, [a_draft(2, "Acme", kind="company")]))
    drafts = [a_draft(2, "Erika", company="Acme"), a_draft(3, "Max", company="New Ltd")]
    done = await carry_out(database, await dry_run(database, drafts))
    assert (done.counts["customers"], done.counts["companies"]) == (3, 1)
    assert done.counts["contacts"] == 2


async def test_an_import_that_fails_half_way_leaves_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage.importers, "BATCH", 1)
    run = await dry_run(database, FILE)
    insert = storage.importers._Importer._insert
    batches = 0

    async def fail_at_the_third(self: object, made: object) -> None:
        nonlocal batches
        batches += 1
        if batches == 3:
            raise ConnectionError("the cable is cut")
        await insert(self, made)

    monkeypatch.setattr(storage.importers._Importer, "_insert", fail_at_the_third)
    with pytest.raises(ConnectionError):
        await carry_out(database, run)
    assert [await count(database, table) for table in (Customer, Number, Contact)] == [0, 0, 0]
    assert await count(database, ImportRow) == 5
    monkeypatch.undo()
    assert (await carry_out(database, run)).counts["customers"] == 4


async def test_an_import_is_carried_out_once_and_only_after_its_dry_run(database: Database) -> None:
    with pytest.raises(Refused, match="no dry run"):
        await carry_out(database, await begin(database))
    run = await dry_run(database, FILE)
    await carry_out(database, run)
    with pytest.raises(Refused, match="no dry run"):
        await carry_out(database, run)
    with pytest.raises(Refused, match="imported already"):
        async with database.writing() as session:
            await storage.imports.conclude(session, run.id, now=NOW)


async def test_naming_the_columns_again_forgets_the_dry_run(database: Database) -> None:
    run = await dry_run(database, FILE)
    async with database.writing() as session:
        again = await storage.imports.describe(
            session, run.id, encoding="cp1251", delimiter=",", has_header=False, region="RU",
            columns=["name"], now=NOW,
        )  # fmt: skip
    assert (again.state, again.counts, again.encoding) == (ImportState.UPLOADED, {}, "cp1251")
    assert await count(database, ImportRow) == 0


async def test_a_file_is_kept_for_a_day_and_can_be_thrown_away(database: Database) -> None:
    run = await dry_run(database, FILE)
    assert run.file_name == "../../etc/passwd"
    async with database.reading() as session:
        rows = await storage.imports.rows_of(session, run.id, limit=2)
        assert [row.line for row in rows[Verdict.ACCEPTED]] == [2, 3]
        content = await storage.imports.get(session, run.id, now=NOW, with_content=True)
        assert content.content == b"x"
        with pytest.raises(NotFound):
            await storage.imports.get(session, run.id, now=NOW + timedelta(hours=25))
        with pytest.raises(NotFound):
            await storage.imports.get(session, UUID(int=1), now=NOW)
    async with database.writing() as session:
        await storage.imports.forget(session, run.id, by=None)
    assert [await count(database, table) for table in (ImportRun, ImportRow)] == [0, 0]


async def test_an_older_file_goes_when_the_next_is_uploaded(database: Database) -> None:
    async with database.writing() as session:
        session.add(
            ImportRun(
                id=UUID(int=1), user_id=None, file_name="old", content=b"x", encoding="utf-8",
                delimiter=";", has_header=True, region="DE", created_at=NOW,
                expires_at=NOW - timedelta(seconds=1),
            )
        )  # fmt: skip
    await begin(database)
    async with database.reading() as session:
        assert UUID(int=1) not in set(await session.scalars(select(ImportRun.id)))


async def test_a_file_that_is_too_large_is_refused(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage.imports, "LARGEST", 3)
    with pytest.raises(Refused, match="larger than 32 MB"):
        await begin(database, b"four")
