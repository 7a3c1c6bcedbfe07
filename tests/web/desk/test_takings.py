"""Which calls of others an agent sees and may take: as far as the right reaches."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

import storage.agents
import storage.pbxs
import storage.teams
from storage.pbxs import Facts
from storage.secrets import SecretBox
from web.telephony import Ringing, Takeable, Waiting

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)


@pytest.fixture
async def people(sign_in, database, settings, controls):
    """An agent with a colleague of the team and a stranger; something rings at both."""
    made = {name: await sign_in("agent", name) for name in ("ann", "ben", "cleo")}
    made["sue"] = await sign_in("supervisor", "sue")
    facts = Facts(name="lab", host="h", port=1, username="u", tls=False, tls_ca=None,
                  encoding="cp1252", region="GB", internal_digits=5, recordings_there=None,
                  recordings_here=None)  # fmt: skip
    async with database.writing() as session:
        pbx = await storage.pbxs.create(
            session, facts, secret="s", secrets=SecretBox(settings.secret_keys), now=NOW, by=None
        )
        team = await storage.teams.create(session, name="t", now=NOW, by=None)
        for name in ("ann", "ben"):
            await storage.teams.place(session, made[name].user.id, {team.id}, by=None)
        for number, name in enumerate(made, 101):
            await storage.agents.create(
                session, user_id=made[name].user.id, pbx_id=pbx.id, extension=str(number),
                now=NOW, by=None,
            )  # fmt: skip
    controls.takings.found = Takeable(
        ringing=tuple(
            Ringing(call=uuid4(), number="+442071234567", name="", extension=extension,
                    user=made[name].user.id, since=NOW)
            for name, extension in (("ben", "102"), ("cleo", "103"))
        ),
        waiting=(Waiting(call=uuid4(), number="", name="", queue="sales", since=NOW),),
    )  # fmt: skip
    return made


async def seen(browser) -> tuple[list[str], int]:
    response = await browser.client.get("/desk/others")
    found = await response.json()
    return [one["place"] for one in found["ringing"]], len(found["waiting"])


async def test_an_agent_sees_what_rings_in_the_team_and_a_supervisor_all(people) -> None:
    assert await seen(people["ann"]) == (["Ben"], 0)
    assert await seen(people["sue"]) == (["Ben", "Cleo"], 1)


async def test_only_what_rings_in_the_team_is_picked_up(people, controls) -> None:
    calls = [one.call for one in controls.takings.found.ringing]
    controls.takings.answer = type("Placed", (), {"why": None})()
    statuses = []
    for call in calls:
        response = await people["ann"].post(
            f"/desk/calls/{call}/pickups", {"key": "0123456789"},
            headers={"Accept": "application/json"},
        )  # fmt: skip
        statuses.append(response.status)
    assert statuses == [200, 422]
    assert [given[2] for _deed, given, _named in controls.takings.asked] == calls[:1]


async def test_an_agent_pulls_nobody_forward(people, controls) -> None:
    [waiting] = controls.takings.found.waiting
    for name, status in (("ann", 403), ("sue", 200)):
        response = await people[name].post(
            f"/desk/calls/{waiting.call}/grabs", headers={"Accept": "application/json"}
        )
        assert response.status == status
    assert len(controls.takings.asked) == 1


async def test_the_phones_that_are_offered_are_those_of_colleagues_on_the_same_pbx(
    people, database, settings
) -> None:
    far = Facts(name="far", host="h", port=2, username="u", tls=False, tls_ca=None,
                encoding="cp1252", region="GB", internal_digits=5, recordings_there=None,
                recordings_here=None)  # fmt: skip
    async with database.writing() as session:
        pbx = await storage.pbxs.create(
            session, far, secret="s", secrets=SecretBox(settings.secret_keys), now=NOW, by=None
        )
        await storage.agents.create(
            session, user_id=people["cleo"].user.id, pbx_id=pbx.id, extension="201", now=NOW,
            by=None,
        )  # fmt: skip
    response = await people["ann"].client.get("/desk/others")
    phones = [(one["value"], one["name"]) for one in (await response.json())["phones"]]
    assert sorted(phones) == [("102", "Ben"), ("103", "Cleo"), ("104", "Sue")]
