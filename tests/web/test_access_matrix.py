"""Every role at every route of the live table, and at what is another's (bar 53)."""

import tomllib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import ClientResponse, ClientSession, DummyCookieJar, web

import storage.calls
import storage.picks
import storage.recordings
import storage.reviews.calibrations
import storage.rights
import storage.sessions
import storage.teams
import storage.tokens
from fixtures import scorecards
from fixtures.calls import set_stage
from fixtures.cast import add_user
from fixtures.doors import Door, Knocker, doors
from fixtures.possessions import FAR, World, equip
from storage.database import Database
from storage.rules.permissions import GIVEN, Permission, RoleName, Scope, may, scope_of

TABLE = tomllib.loads((Path(__file__).parent / "access.toml").read_text())
NARROW = {Scope.OWN, Scope.TEAM}
CLOSED = {401, 403, 404, 409}  # the desk says 409 to its script: not yours


@pytest.fixture
async def knocker(server, database, settings) -> AsyncIterator[Knocker]:
    async with ClientSession(cookie_jar=DummyCookieJar()) as http:
        yield Knocker(http, server, database, settings)


def is_narrow(door: Door) -> bool:
    """Whether someone gets in who may not see everything there."""
    if not isinstance(door.mark, Permission):
        return door.mark == "signed_in"
    return door.mark in GIVEN or any(scope_of(role, door.mark) in NARROW for role in RoleName)


def test_every_route_with_something_of_ones_own_behind_it_has_a_row(app: web.Application) -> None:
    rows = TABLE["owned"] | TABLE["harmless"]
    wanted = {door.name: str(door) for door in doors(app) if door.places and is_narrow(door)}
    missing = [text for name, text in wanted.items() if name not in rows]
    assert not missing, f"say in access.toml whose these are: {missing}"
    assert rows.keys() == wanted.keys(), "access.toml names routes that are gone or open to all"


def test_every_page_for_anyone_is_named(app: web.Application) -> None:
    public = {door.name for door in doors(app) if door.mark == "public"}
    assert public == TABLE["public"].keys()


def test_every_route_bears_a_mark(app: web.Application) -> None:
    unmarked = [str(door) for door in doors(app) if door.mark is None]
    assert not unmarked


def is_sent_away(response: ClientResponse) -> bool:
    """Whether the answer asks to log in; after logging out the same page is no refusal."""
    to_log_in = response.headers.get("Location", "").startswith("/login")
    return response.status == 401 or (to_log_in and "Set-Cookie" not in response.headers)


async def test_nobody_gets_in_without_a_log_in(app: web.Application, knocker: Knocker) -> None:
    wrong = []
    for door in doors(app):
        response = await knocker.knock(door, None)
        if is_sent_away(response) is (door.mark == "public"):
            wrong.append(f"{door}: {response.status}")
    assert not wrong


@pytest.mark.parametrize("role", RoleName)
async def test_a_role_gets_in_where_its_rights_are(
    app: web.Application, knocker: Knocker, database: Database, role: RoleName
) -> None:
    user = await add_user(database, "visitor", role)
    await add_user(database, "second", RoleName.ADMINISTRATOR)
    wrong = []
    for door in doors(app):
        if door.mark == "public":
            continue
        response = await knocker.knock(door, user.id)
        expected = not isinstance(door.mark, Permission) or may(role, door.mark)
        got_in = response.status != 403 and not is_sent_away(response)
        if got_in is not expected or response.status >= 500:
            wrong.append(f"{door}: {response.status}")
    assert not wrong


@pytest.fixture
async def world(app: web.Application, database: Database, knocker: Knocker):
    """A way to make it for a role."""

    async def make(role: RoleName) -> World:
        users = [
            await add_user(database, "visitor", role),
            await add_user(database, "colleague", RoleName.AGENT),
            await add_user(database, "stranger", RoleName.AGENT),
        ]
        async with database.writing() as session:
            team = await storage.teams.create(session, name="t", now=datetime.now(UTC), by=None)
            members = [user.id for user in users[:2]]
            await storage.teams.change(session, team.id, name="t", user_ids=members, by=None)
        stage = await set_stage(database, users)
        judges = [(await add_user(database, f"judge{n}", RoleName.AGENT)).id for n in (1, 2)]
        version = await scorecards.make(database, stage)
        whose = dict(zip(("own", "team", "other"), stage.users, strict=True))
        things = {
            word: await equip(app, knocker, stage, user, str(101 + n), judges, version)
            for n, (word, user) in enumerate(whose.items())
        }
        return World(whose, things)

    return make


def reaches(role: RoleName, door: Door, kind: str, whose: str) -> bool:
    """Whether the table of rights lets `role` at what is `whose`: own, team or other."""
    scope = Scope.OWN
    if isinstance(door.mark, Permission):
        scope = scope_of(role, door.mark)
        if kind not in FAR:
            scope = min(scope, Scope.OWN)
    return scope >= {"own": Scope.OWN, "team": Scope.TEAM, "other": Scope.ALL}[whose]


def _owned(app: web.Application) -> list[Door]:
    """The doors to what is somebody's; what deletes it is asked last."""
    owned = [door for door in doors(app) if door.name in TABLE["owned"]]
    return sorted(owned, key=lambda door: door.name == "deletions.create")


@pytest.mark.parametrize("role", RoleName)
async def test_a_role_reaches_as_far_as_its_right(
    app: web.Application, knocker: Knocker, world, role: RoleName
) -> None:
    made = await world(role)
    wrong = []
    for door in _owned(app):
        kind = TABLE["owned"][door.name]
        for whose in ("other", "team", "own"):
            key = getattr(made.things[whose], kind)
            ids = dict.fromkeys(door.places, key)
            response = await knocker.knock(door, made.people["own"], ids)
            if (response.status not in CLOSED) is not reaches(role, door, kind, whose):
                wrong.append(f"{door} of {whose}: {response.status}")
            if response.status >= 500:
                wrong.append(f"{door} of {whose}: {response.status}")
    assert not wrong


@pytest.mark.parametrize("role", RoleName)
async def test_a_list_shows_as_much_as_the_right_reaches(
    app: web.Application, knocker: Knocker, world, role: RoleName
) -> None:
    made = await world(role)
    wrong = []
    named = [door for door in doors(app) if door.name in TABLE["lists"] and door.is_safe]
    assert {door.name for door in named} == TABLE["lists"].keys()
    for door in named:
        text = await (await knocker.knock(door, made.people["own"])).text()
        for whose in ("other", "team", "own"):
            shown = str(getattr(made.things[whose], TABLE["lists"][door.name])) in text
            if shown is not reaches(role, door, "call", whose):
                wrong.append(f"{door} of {whose}: {shown}")
    assert not wrong


@pytest.mark.parametrize("scope", Scope)
async def test_a_right_that_was_given_reaches_as_far_as_it_was_given(
    app: web.Application, knocker: Knocker, world, database: Database, scope: Scope
) -> None:
    made, wrong = await world(RoleName.AGENT), []
    async with database.writing() as session:
        given = dict.fromkeys(GIVEN, scope)
        await storage.rights.give(session, RoleName.AGENT, given, by=None)
    named = [door for door in _owned(app) if door.mark in GIVEN]
    assert {door.mark for door in named} >= {Permission.LISTEN_RECORDINGS}
    needed = {"own": Scope.OWN, "team": Scope.TEAM, "other": Scope.ALL}
    for door in named:
        kind = TABLE["owned"][door.name]
        reached = scope if kind in FAR else min(scope, Scope.OWN)
        for whose, least in needed.items():
            ids = dict.fromkeys(door.places, getattr(made.things[whose], kind))
            response = await knocker.knock(door, made.people["own"], ids)
            if (response.status not in CLOSED) is not (reached >= least):
                wrong.append(f"{door} of {whose}: {response.status}")
    assert not wrong
