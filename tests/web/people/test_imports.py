"""A customer file from upload to import, through the pages."""

import re
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import FormData
from sqlalchemy import select, update

from fixtures.calls import set_stage
from storage.customers import Customer
from storage.database import Database
from storage.imports import ImportRow, ImportRun, ImportState
from storage.numbers import Number
from storage.pbxs import Pbx

FILE = (
    "Name;Telefon;E-Mail;Firma\n"
    "Jürgen Müller;030 1234567;j@x.de;Acme\n"
    "Zoë Weiß;0171 1234567;;\n"
    "Jemand;12 34 56;;\n"
    "<b>Fett</b>;030 1234567;;\n"
)
Upload = Callable[..., Awaitable[str]]


@pytest.fixture
async def clerk(sign_in, database: Database):
    """An administrator of a company whose PBX stands in Germany."""
    await set_stage(database)
    async with database.writing() as session:
        await session.execute(update(Pbx).values(region="DE"))
    return await sign_in("administrator")


async def send(clerk, content: bytes, name: str = "list.csv"):
    form = FormData()
    form.add_field("file", content, filename=name, content_type="text/csv")
    return await clerk.post("/customers/imports", form)


def chosen(page: str) -> list[str]:
    """What the page of the columns takes each column for."""
    selects = re.findall(r'<select class="field-input" name="column".*?</select>', page, re.DOTALL)
    return [re.search(r'value="(\w*)" selected', one)[1] for one in selects]


SAID = {"encoding": "cp1252", "delimiter": ";", "has_header": "1", "region": "DE"}


async def check(clerk, path: str, columns: list[str], **said: str):
    data = [*(SAID | said).items(), *(("column", column) for column in columns)]
    return await clerk.post(f"{path}/dry-runs", data)


async def test_a_file_is_read_tried_and_imported(clerk, database: Database) -> None:
    response = await send(clerk, FILE.encode("cp1252"))
    assert response.status == 303
    path = response.headers["Location"]
    page = await clerk.get(path)
    assert chosen(page) == ["name", "number", "email", "company"]
    assert 'value="cp1252" selected' in page
    assert 'value=";" selected' in page
    assert "Jürgen Müller" in page
    response = await check(clerk, path, chosen(page))
    assert response.status == 303
    page = await clerk.get(path)
    assert "“12 34 56” is no phone number." in page
    assert "Line 2 (Jürgen Müller) has the number +49301234567 too." in page
    assert "&lt;b&gt;Fett&lt;/b&gt;" in page
    assert "<b>Fett" not in page
    async with database.reading() as session:
        assert (await session.scalars(select(Customer))).all() == []
    response = await clerk.post(f"{path}/customers")
    assert response.status == 303
    page = await clerk.get(path)
    assert "Imported." in page
    async with database.reading() as session:
        names = set(await session.scalars(select(Customer.name)))
        numbers = set(await session.scalars(select(Number.e164)))
        run = (await session.scalars(select(ImportRun))).one()
        rows = (await session.scalars(select(ImportRow))).all()
    assert (run.state, run.file_name, rows) == (ImportState.DONE, "list.csv", [])
    assert names == {"Jürgen Müller", "Zoë Weiß", "Acme"}
    assert numbers == {"+49301234567", "+491711234567"}


async def test_the_same_file_again_finds_everyone_there(clerk, database: Database) -> None:
    for _ in range(2):
        path = (await send(clerk, FILE.encode())).headers["Location"]
        await check(clerk, path, ["name", "number", "email", "company"], encoding="utf-8")
        page = await clerk.get(path)
        await clerk.post(f"{path}/customers", {"with_doubtful": "1"})
    assert "Jürgen Müller is there already." in page
    async with database.reading() as session:
        names = list(await session.scalars(select(Customer.name)))
    assert sorted(names) == ["<b>Fett</b>", "Acme", "Jürgen Müller", "Zoë Weiß"]


async def test_the_columns_can_be_named_otherwise_after_the_dry_run(clerk) -> None:
    path = (await send(clerk, FILE.encode())).headers["Location"]
    await check(clerk, path, ["name", "number", "", ""], encoding="utf-8")
    page = await clerk.get(f"{path}?columns=1")
    assert chosen(page) == ["name", "number", "", ""]
    await check(clerk, path, ["name", "", "email", ""], encoding="utf-8")
    assert "no phone number" not in await clerk.get(path)


async def test_a_file_without_titles_is_read_from_its_first_row(clerk, database: Database) -> None:
    path = (await send(clerk, b"Erika,030 1234567\nMax,030 1234568\n")).headers["Location"]
    page = await clerk.get(path)
    assert chosen(page) == ["", "number"]
    await check(clerk, path, ["name", "number"], encoding="utf-8", delimiter=",", has_header="0")
    await clerk.post(f"{path}/customers")
    async with database.reading() as session:
        assert set(await session.scalars(select(Customer.name))) == {"Erika", "Max"}


async def test_a_column_with_the_stages_is_known_and_imported(clerk, database: Database) -> None:
    file = "Name;Kundenstatus\nErika;Stammkunde\nMax;\n"
    path = (await send(clerk, file.encode())).headers["Location"]
    columns = chosen(await clerk.get(path))
    assert columns == ["name", "lifecycle"]
    await check(clerk, path, columns)
    await clerk.post(f"{path}/customers")
    async with database.reading() as session:
        rows = (await session.execute(select(Customer.name, Customer.lifecycle))).all()
    assert {tuple(row) for row in rows} == {("Erika", "loyal"), ("Max", None)}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"PK\x03\x04", "Save it as CSV"),
        (b"", "The file is empty."),
        (b"a;b\n\0;c", "Line 2 holds a NUL"),
        (b"a\n" + b";" * 300, "more than 200 columns"),
    ],
)
async def test_a_file_that_cannot_be_read_comes_back_with_a_sentence(
    clerk, content: bytes, sentence: str
) -> None:
    response = await send(clerk, content)
    assert response.status == 422
    assert sentence in await response.text()


async def test_no_file_is_a_sentence_too(clerk) -> None:
    response = await clerk.post("/customers/imports", {"file": "x"})
    assert response.status == 422
    assert "Choose a file." in await response.text()


@pytest.mark.parametrize(
    ("columns", "said", "sentence"),
    [
        (["about", ""], {}, "which column holds the name or the number"),
        (["rubbish"], {}, "Choose from the list"),
        (["name"], {"encoding": "rot13"}, "Choose the encoding"),
        (["name"], {"delimiter": "x"}, "Choose the encoding and the separator"),
        (["name"], {"region": "D1"}, "two letters"),
        (["name"], {"encoding": "utf-16"}, "is not utf-16"),
    ],
)
async def test_what_is_said_of_the_file_is_checked(
    clerk, columns: list[str], said: dict[str, str], sentence: str
) -> None:
    path = (await send(clerk, b"Name\nErika\n")).headers["Location"]
    response = await check(clerk, path, columns, **({"encoding": "utf-8"} | said))
    assert response.status == 422
    assert sentence in await response.text()


async def test_a_file_is_thrown_away(clerk) -> None:
    path = (await send(clerk, FILE.encode())).headers["Location"]
    await clerk.post(f"{path}/delete")
    assert (await clerk.client.get(path)).status == 404


async def test_nobody_imports_without_the_right(sign_in) -> None:
    agent = await sign_in("agent")
    assert (await agent.client.get("/customers/imports/new")).status == 403
    assert (await agent.post("/customers/imports")).status == 403


async def test_an_import_is_not_carried_out_twice(clerk) -> None:
    path = (await send(clerk, FILE.encode())).headers["Location"]
    assert (await clerk.post(f"{path}/customers")).status == 422
    await check(clerk, path, ["name", "number", "", ""], encoding="utf-8")
    assert (await clerk.post(f"{path}/customers")).status == 303
    assert (await clerk.post(f"{path}/customers")).status == 422


async def test_what_is_said_of_an_imported_file_changes_nothing(clerk) -> None:
    path = (await send(clerk, FILE.encode())).headers["Location"]
    await check(clerk, path, ["name", "number", "", ""], encoding="utf-8")
    await clerk.post(f"{path}/customers")
    response = await check(clerk, path, ["name"], encoding="utf-8")
    assert response.status == 422
    assert "imported already" in await response.text()
