"""Phones, teams, PBXs, queues, outcomes, company and audit, on the pages."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import select

import storage.agents
import storage.audit
import storage.outcomes
import storage.own_numbers
import storage.pbxs
import storage.queues
import storage.settings
import storage.teams
from pbx_bridge.commands import ProbeResult
from pbx_bridge.rights import WRITE
from storage.database import Database
from storage.pbxs import Pbx
from web.config import PbxSettings
from web.keys import SECRETS, PbxLink
from web.office.pbx_fields import PbxFields
from web.office.pbx_tests import findings

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
BERLIN = {
    "name": "Munich",
    "host": "pbx.lan",
    "port": "5038",
    "username": "ringbook",
    "secret": "amp111",
    "encoding": "cp1251",
    "region": "DE",
    "internal_digits": "4",
}


@pytest.fixture
async def admin(sign_in):
    return await sign_in("administrator", login="root")


async def phones(database: Database) -> list[tuple[str, str, UUID]]:
    async with database.reading() as session:
        found = await storage.agents.phones(session)
    return [(phone.extension, phone.interface, phone.user_id) for phone in found]


async def test_a_phone_gets_an_agent_another_and_none(admin, cast, pbx, database, pops) -> None:
    anna, bo = await cast("anna"), await cast("bo")
    form = {"user": str(anna.id), "pbx": str(pbx), "extension": "101"}
    assert (await admin.post("/administration/phones", form)).status == 303
    assert await phones(database) == [("101", "PJSIP/101", anna.id)]
    async with database.reading() as session:
        [seat] = await storage.agents.seats(session)
    path = f"/administration/phones/{seat.agent.id}"
    assert "101" in await admin.get(path)
    assert (await admin.post(path, form | {"user": str(bo.id)})).status == 303
    assert await phones(database) == [("101", "PJSIP/101", bo.id)]
    assert (await admin.post(f"{path}/removals")).status == 303
    assert await phones(database) == []
    assert pops.told == [("phones_changed", ())] * 3


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"extension": "101"}, "this extension is taken: Root sits there"),
        ({"extension": ""}, "Fill this in."),
        ({"extension": "10 1"}, "cannot be used"),
        ({"extension": "1" * 21}, "At most 20 characters."),
        ({"interface": "PJSIP"}, "cannot be used"),
        ({"interface": "Local/1@x&SIP/2"}, "cannot be used"),
        ({"user": "00000000-0000-0000-0000-000000000007"}, "nothing here"),
        ({"pbx": "x"}, "Choose one of the list."),
    ],
)
async def test_a_phone_that_cannot_be_is_refused(
    admin, pbx, database, wrong: dict[str, str], sentence: str
) -> None:
    form = {"user": str(admin.user.id), "pbx": str(pbx), "extension": "101"}
    await admin.post("/administration/phones", form)
    response = await admin.post("/administration/phones", form | {"extension": "102"} | wrong)
    assert response.status == 422
    assert sentence in await response.text()
    assert len(await phones(database)) == 1


async def test_a_team_is_made_filled_and_dissolved(admin, cast, database) -> None:
    anna = await cast("anna")
    made = await admin.post("/administration/teams", {"name": "Day"})
    path = made.headers["Location"]
    assert "Anna" in await admin.get(path)
    assert (await admin.post(path, {"name": "Day", "members": str(anna.id)})).status == 303
    assert "Anna" in await admin.get("/administration/teams")
    assert (await admin.post("/administration/teams", {"name": "day"})).status == 422
    assert (await admin.post(path, {"name": ""})).status == 422
    assert (await admin.post(f"{path}/removals")).status == 303
    async with database.reading() as session:
        assert not await storage.teams.listed(session)


async def only_pbx(database: Database) -> Pbx:
    async with database.reading() as session:
        return (await session.scalars(select(Pbx))).one()


async def test_a_pbx_is_added_and_its_secret_never_shown(admin, app, database, pops) -> None:
    response = await admin.post("/administration/pbxs", BERLIN)
    assert response.status == 303
    stored = await only_pbx(database)
    assert app[SECRETS].open(stored.secret) == "amp111"
    assert "secret" not in PbxFields.of(stored)
    for path in ("/administration/pbxs", response.headers["Location"]):
        page = await admin.get(path)
        assert "amp111" not in page
        assert stored.secret not in page
    form = BERLIN | {"secret": "", "host": "moved.lan", "enabled": "1"}
    assert (await admin.post(response.headers["Location"], form)).status == 303
    after = await only_pbx(database)
    assert (after.host, app[SECRETS].open(after.secret)) == ("moved.lan", "amp111")
    assert pops.told == [("phones_changed", ())] * 2


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": ""}, "Fill this in."),
        ({"secret": ""}, "Fill this in."),
        ({"host": "http://pbx.lan/"}, "cannot be used"),
        ({"port": "99999"}, "At most 65535."),
        ({"port": "x"}, "Write a whole number."),
        ({"encoding": "klingon"}, "No such encoding."),
        ({"region": "XX"}, "Choose one of the list."),
        ({"internal_digits": "0"}, "At least 1."),
        ({"recordings_there": "monitor"}, "from / on"),
        ({"recordings_here": "/var/../etc"}, "from / on"),
    ],
)
async def test_a_pbx_that_cannot_be_is_refused_and_what_was_typed_is_kept(
    admin, database, wrong: dict[str, str], sentence: str
) -> None:
    response = await admin.post("/administration/pbxs", BERLIN | wrong)
    page = await response.text()
    assert response.status == 422
    assert sentence in page
    assert "amp111" not in page
    assert 'value="ringbook"' in page
    async with database.reading() as session:
        assert (await session.scalars(select(Pbx))).first() is None


async def test_a_pbx_of_the_settings_file_is_shown_locked(admin, app, database) -> None:
    described = PbxSettings(name="File", secret=SecretStr("x"), recordings_here=Path("/rec"))
    async with database.writing() as session:
        await storage.pbxs.sync_from_file(session, [described], app[SECRETS], now=NOW)
    pbx = await only_pbx(database)
    assert "from the settings file" in await admin.get("/administration/pbxs")
    page = await admin.get(f"/administration/pbxs/{pbx.id}")
    assert "described in the settings file" in page
    assert 'name="host"' not in page
    form = BERLIN | {"host": "evil"}
    assert (await admin.post(f"/administration/pbxs/{pbx.id}", form)).status == 422
    assert (await only_pbx(database)).host == "127.0.0.1"


async def test_the_list_says_why_a_link_is_down(admin, pbx, pops) -> None:
    link = {"pbx_id": pbx, "pbx": "Berlin", "status": "refused", "since": NOW}
    pops.states = (PbxLink(**link, why="The secret is wrong."),)
    assert "The secret is wrong." in await admin.get("/administration/pbxs")


async def test_testing_a_connection_says_what_is_wrong_in_a_sentence(admin, unused_port) -> None:
    made = await admin.post(
        "/administration/pbxs", BERLIN | {"host": "127.0.0.1", "port": str(unused_port)}
    )
    response = await admin.post(f"{made.headers['Location']}/tests")
    page = await response.text()
    assert response.status == 200
    assert "flash--bad" in page
    assert f"127.0.0.1 port {unused_port}" in page


ALL = {name: frozenset({"all"}) for name in (*WRITE.values(), "QueueStatus")}


@pytest.mark.parametrize(
    ("result", "said"),
    [
        pytest.param(
            ProbeResult(asterisk="22.10.1", commands=ALL),
            [("good", "Logged in: Asterisk 22.10.1."), ("good", "may do all")],
            id="all is well",
        ),
        pytest.param(
            ProbeResult(
                asterisk="16.28.0",
                commands=dict.fromkeys(("Originate", "QueueStatus"), frozenset()),
            ),
            [("good", "16.28.0"), ("warn", "lacks write = call,agent,reporting")],
            id="rights are missing",
        ),
        pytest.param(
            ProbeResult(asterisk="22", commands=ALL | {"Command": frozenset()}),
            [("good", "22"), ("good", "may do all"), ("warn", "take write = command away")],
            id="more rights than needed",
        ),
        pytest.param(
            ProbeResult(asterisk="22", commands=None, clock_ahead=-61.4),
            [("good", "22"), ("warn", "did not say"), ("warn", "differs from ours by -61")],
            id="a silent PBX with another clock",
        ),
    ],
)
def test_a_finding_is_a_sentence(result: ProbeResult, said: list[tuple[str, str]]) -> None:
    found = findings(result)
    assert [finding.tone for finding in found] == [tone for tone, _ in said]
    for finding, (_, words) in zip(found, said, strict=True):
        assert words in finding.sentence


async def test_a_number_of_ours_gets_a_name_another_and_none(admin, pbx, database, pops) -> None:
    page = await admin.get("/administration/numbers?dialled=4000")
    assert 'value="4000"' in page
    form = {"pbx": str(pbx), "dialled": "4000", "label": "<b>Hotline</b>", "source": "Web"}
    assert (await admin.post("/administration/numbers", form)).status == 303
    page = await admin.get("/administration/numbers")
    assert "&lt;b&gt;Hotline&lt;/b&gt;" in page
    assert "<b>Hotline" not in page
    response = await admin.post("/administration/numbers", form)
    assert response.status == 422
    assert "has a name already" in await response.text()
    response = await admin.post("/administration/numbers", form | {"label": " "})
    assert response.status == 422
    async with database.reading() as session:
        [number] = await storage.own_numbers.listed(session)
    path = f"/administration/numbers/{number.id}"
    assert (await admin.post(path, {"label": ""})).status == 422
    assert (await admin.post(path, {"label": "Shop"})).status == 303
    assert 'value="Shop"' in await admin.get("/administration/numbers")
    assert (await admin.post(f"{path}/delete")).status == 303
    assert 'value="Shop"' not in await admin.get("/administration/numbers")
    assert pops.told == [("phones_changed", ())] * 3
