"""SQL in every parameter of every list: no row more, no error, no time lost, nothing changed."""

import os
import random
import re
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from aiohttp import ClientSession, DummyCookieJar, web
from sqlalchemy import Connection, func, select
from yarl import URL

import storage.calls
from fixtures import bases
from fixtures.calls import Teller, add_customer, set_stage
from fixtures.cast import add_user
from fixtures.doors import Door, Knocker, doors
from storage.database import Database
from storage.rules.permissions import RoleName
from storage.tables import Base
from web.api.models import calls, customers, tasks

PROVING = "RINGBOOK_PROVE" in os.environ
SEED, SAMPLE = 20261128, 0.12 if PROVING else 0.001
SLOW = 1.0  # seconds: what a sleep in a statement would take at least
NOTHING = "qqzzxxvv"  # is in no row
CANARY = re.compile(r"Canary \d+")
CANARIES = 12
WEB = Path(__file__).parents[2] / "web"
NUL = "\x00"  # in no text of PostgreSQL
PAYLOADS = (
    *("'", '"', "`", "\\", "';--", "')) --", "%00'", NUL, "\N{MODIFIER LETTER APOSTROPHE}"),
    *("' OR '1'='1", "' OR 1=1 --", "') OR ('1'='1", '" OR ""="', "1 OR 1=1", "x' OR name LIKE '%"),
    *("1) OR (1=1", "' UNION SELECT 1,2,3,4,5,6,7,8 --", "zz' UNION SELECT name FROM customers --"),
    *("name DESC, (SELECT 1)", "name; DROP TABLE customers", "'; DELETE FROM calls; --"),
    *("(CASE WHEN 1=1 THEN name ELSE id END)", "1/0", "cast(1/0 as int)", "name/**/ASC"),
    *("'; SELECT pg_sleep(3); --", "' OR pg_sleep(3) IS NULL --", "1;WAITFOR DELAY '0:0:3'"),
    *("' OR randomblob(300000000) --", "' || (SELECT sql FROM sqlite_master) || '"),
    *("$1", "%s", ":name", "?", "{}", '{"$ne": null}', "'}]->>'a'='a", "-1' AND extractvalue(1,2)"),
    *("%", "_", "z%", "Can_ry", "[a-z]%", "99999999999999999999", "-1", "1e309", "NaN"),
    *("2026-13-45", "'::date", "00000000-0000-0000-0000-000000000000'", "load_extension('x')"),
)  # fmt: skip


@pytest.fixture(
    params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)],
)
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty base, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        template = request.getfixturevalue("sqlite_template")
        async with bases.fresh_sqlite(template, tmp_path) as base:
            yield base
        return
    template = request.getfixturevalue("postgres_template")
    async with bases.fresh_postgres(request.getfixturevalue("postgres_url"), template) as base:
        yield base


def asked_for() -> set[str]:
    """The names of parameters that our code reads anywhere, and those of the API's schema."""
    found = {"customer", "number", "pbx", "dialled", "user", "action", "since", "until", "all"}
    for path in WEB.rglob("*.py"):
        found.update(re.findall(r'query(?:\.get\w*\(|\[)"(\w+)"', path.read_text()))
    for path in WEB.rglob("*.html"):
        for form in re.findall(r"<form[^>]*method=\"get\".*?</form>", path.read_text(), re.DOTALL):
            found.update(re.findall(r' name="(\w+)"', form))
    for model in (calls.CallQuery, customers.CustomerQuery, tasks.TaskQuery):
        found.update(model.model_fields)
    return found


@dataclass
class Findings:
    """What was asked, and what went wrong."""

    knocker: Knocker
    headers: dict[str, str]
    asked: int = 0
    wrong: list[str] = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        self.wrong = []

    async def ask(self, door: Door, address: str) -> tuple[int, set[str], float]:
        """Ask at the address; gives the status, the canaries that it shows, and the seconds."""
        self.asked += 1
        begun = time.perf_counter()
        url = URL(f"{self.knocker.server.make_url('/')}{address.lstrip('/')}", encoded=True)
        async with self.knocker.http.get(
            url, headers=self.headers, allow_redirects=False
        ) as response:
            text = await response.text(errors="replace")
        status, took = response.status, time.perf_counter() - begun
        if status >= 500:
            self.wrong.append(f"{door}: {status} of {address}")
        return status, set(CANARY.findall(text)), took

    async def inject(self, door: Door, name: str, payloads: list[str]) -> None:
        """Put each payload into one parameter; none shows what nonsense does not.

        Where nothing is asked for, in no letter, all may be shown.
        """
        path = door.address()
        _, usual, _ = await self.ask(door, f"{path}?{name}={NOTHING}")
        for payload in payloads:
            address = f"{path}?{name}={quote(payload)}"
            _, shown, took = await self.ask(door, address)
            is_all = len(usual) < len(shown) > CANARIES // 2  # a few may bear a word of it
            if is_all and any(letter.isalnum() for letter in payload):
                self.wrong.append(f"{door}: {len(shown)} rows for {address}")
            if took > SLOW and min([(await self.ask(door, address))[2] for _ in range(3)]) > SLOW:
                self.wrong.append(f"{door}: {took:.1f} s for {address}")


def pairs(app: web.Application) -> Iterator[tuple[Door, str, list[str]]]:
    """Every door that is only asked, with each parameter and what is put into it."""
    chance = random.Random(SEED)
    for door in doors(app):
        if door.method != "GET" or "events" in door.path:
            continue
        for name in sorted(asked_for()):
            payloads = [one for one in PAYLOADS if chance.random() < SAMPLE]
            if payloads:
                yield door, name, payloads


async def rows(database: Database) -> dict[str, int]:
    """How many rows each table has."""

    def count(connection: Connection) -> dict[str, int]:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }

    async with database.engine.connect() as connection:
        return await connection.run_sync(count)


@pytest.mark.bar(52)
@pytest.mark.timeout(3600 if PROVING else 120)
async def test_sql_in_a_parameter_is_a_text_that_nothing_is_named_by(
    app: web.Application, server, database: Database, settings, proof
) -> None:
    stage = await set_stage(database)
    for n in range(CANARIES):
        await add_customer(database, f"Canary {n}", f"+447946000{n:03}")
    async with database.writing() as session:
        for n in range(3):
            call = Teller(stage.pbx, tag=f"{n}.0").ended()
            await storage.calls.save(session, call, context=stage.context())
    root = await add_user(database, "root", RoleName.ADMINISTRATOR)
    async with ClientSession(cookie_jar=DummyCookieJar()) as http:
        knocker = Knocker(http, server, database, settings)
        page = knocker.page(await knocker.cookie(root.id))
        api = {"Authorization": f"Bearer {await knocker.token(root.id)}"}
        before = await rows(database)
        found = Findings(knocker, page)
        for door, name, payloads in pairs(app):
            found.headers = api if door.is_api else page
            await found.inject(door, name, payloads)
        for door in doors(app):
            if door.method == "GET" and door.places:
                found.headers = api if door.is_api else page
                for payload in PAYLOADS if PROVING else (*PAYLOADS[::30], NUL):
                    places = dict.fromkeys(door.places, quote(payload, safe=""))
                    await found.ask(door, door.address(places))
    assert found.wrong == []
    assert await rows(database) == before
    proof.tried(found.asked, len(found.wrong), of="requests with SQL in them", seed=SEED)
