"""An evil page beside ours sends every state change of the live route table (bar 55)."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from aiohttp import ClientSession, DummyCookieJar, web
from sqlalchemy import Connection, select

import storage.agents
import storage.calls
import storage.rights
import storage.teams
from fixtures.calls import CALLER, Teller, add_customer, set_stage
from fixtures.cast import add_user
from fixtures.doors import Door, Knocker, doors
from storage.customers import Customer
from storage.database import Database
from storage.numbers import Number
from storage.queues import Queue
from storage.rules.permissions import GIVEN, RoleName, Scope
from storage.tables import Base

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
EVIL = {
    "another site": {"Origin": "http://evil.example"},
    "a sandboxed frame": {"Origin": "null"},
    "a subdomain": {"Origin": "http://evil.127.0.0.1:8080"},
    "no Origin": {"Origin": ""},
    "a neighbour, says the browser": {"Sec-Fetch-Site": "same-site"},
    "a form as plain text": {"X-CSRF-Token": "", "Content-Type": "text/plain"},
    "our Origin without a token": {"X-CSRF-Token": ""},
}
FORM = b"name=Evil&login=evil&role=administrator&language=en&active=1&to=up&time_zone=UTC"
# Nobody is logged in: there is no token of a form, and no right of anyone's to abuse.
NOT_OURS = {"sessions.create", "setups.create", "shared.create"}


@pytest.fixture
async def knocker(server, database, settings) -> AsyncIterator[Knocker]:
    async with ClientSession(cookie_jar=DummyCookieJar()) as http:
        yield Knocker(http, server, database, settings)


@pytest.fixture
async def ids(database: Database) -> dict[str, dict[str, object]]:
    """Something real behind every address: by the beginning of its path, its places."""
    stage = await set_stage(database)
    customer = await add_customer(database, "Zoë O'Brien", CALLER)
    call = Teller(stage.pbx).ended()
    async with database.writing() as session:
        await storage.calls.save(session, call, context=stage.context())
        team = await storage.teams.create(session, name="Day", now=NOW, by=None)
        agent = await storage.agents.create(
            session, user_id=stage.users[0], pbx_id=stage.pbx, extension="101", now=NOW, by=None
        )
        queue = (await session.scalars(select(Queue.id))).one()
        number = (await session.scalars(select(Number.id))).one()
        assert (await session.get_one(Customer, customer)).closed_at is None
    mine = {"id": customer, "number": number, "number_id": number, "e164": CALLER}
    return {
        "/administration/users": {"id": stage.users[0]},
        "/administration/phones": {"id": agent.id},
        "/administration/teams": {"id": team.id},
        "/administration/pbxs": {"id": stage.pbx},
        "/administration/queues": {"id": queue},
        "/administration/outcomes": {"id": stage.outcome},
        "/customers/imports": {},
        "/customers": mine,
        "/api/v1/customers": mine,
        "/api/v1/numbers": mine,
        "/calls": {"id": call.id},
        "/api/v1/calls": {"id": call.id},
        "/desk/calls": {"call": call.id},
        "/desk/pops": {"pop": call.offers[0].id},
        "/recordings": {"id": call.recordings[0].id},
    }


def behind(door: Door, ids: dict[str, dict[str, object]]) -> dict[str, object]:
    return next((places for start, places in ids.items() if door.path.startswith(start)), {})


async def everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""

    def read(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table))]
            for table in Base.metadata.sorted_tables
        }

    async with database.engine.connect() as connection:
        return await connection.run_sync(read)


@pytest.fixture
async def headers(database: Database, knocker: Knocker) -> dict[str, str]:
    """What an administrator's browser would send from a page of ours."""
    user = await add_user(database, "root", RoleName.ADMINISTRATOR)
    async with database.writing() as session:
        all_ = dict.fromkeys(GIVEN, Scope.ALL)
        await storage.rights.give(session, RoleName.ADMINISTRATOR, all_, by=None)
    return knocker.page(await knocker.cookie(user.id))


@pytest.mark.parametrize("from_where", EVIL)
async def test_no_state_change_is_accepted_from_elsewhere(
    app: web.Application, database: Database, knocker: Knocker, headers, ids, from_where: str
) -> None:
    forged = {"Content-Type": "application/x-www-form-urlencoded"} | headers | EVIL[from_where]
    forged = {name: value for name, value in forged.items() if value}
    before, accepted, asked = await everything(database), [], 0
    for door in doors(app):
        if door.is_safe or ("X-CSRF-Token" not in forged and door.name in NOT_OURS):
            continue
        asked += 1
        response = await knocker.send(door, forged, behind(door, ids), data=FORM)
        if response.status not in {401, 403}:
            accepted.append(f"{door}: {response.status}")
    assert not accepted
    assert await everything(database) == before
    assert asked > 40


async def test_reading_changes_nothing(
    app: web.Application, database: Database, knocker: Knocker, headers, ids
) -> None:
    before, failed = await everything(database), []
    for door in doors(app):
        response = await knocker.send(door, headers, behind(door, ids), method="GET", data=None)
        if door.is_safe and response.status >= 500:
            failed.append(f"{door}: {response.status}")
    assert not failed
    assert await everything(database) == before


async def test_the_same_forms_are_accepted_from_our_own_pages(
    app: web.Application, database: Database, knocker: Knocker, headers, ids
) -> None:
    """What the other tests send is refused for where it comes from, not for what it says."""
    before, refused = await everything(database), []
    ours = {"Content-Type": "application/x-www-form-urlencoded"} | headers
    ends = {"log_outs.create", "session_ends.others", "sessions.create", "setups.create"}
    for door in doors(app):
        if door.is_safe or door.is_api or door.name in ends:
            continue
        response = await knocker.send(door, ours, behind(door, ids), data=FORM)
        if response.status in {401, 403} or response.status >= 500:
            refused.append(f"{door}: {response.status}")
    assert not refused
    changed = {name for name, rows in (await everything(database)).items() if rows != before[name]}
    assert {"users", "teams", "outcomes", "customers", "audit"} <= changed
