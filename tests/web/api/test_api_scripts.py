"""Answers of scripts and presences through the API."""

from datetime import timedelta

import pytest

import storage.agents
import storage.presences
from fixtures.calls import NOW, set_stage
from fixtures.scripts import Filling, call_of, make
from pbx_bridge.ids import uuid7
from pbx_bridge.presences import AgentState, Source
from storage.presences import Interval


@pytest.fixture
async def filled(database) -> Filling:
    stage = await set_stage(database)
    version = await make(database, stage)
    for tag in ("1.1", "2.1", "3.1"):
        filling = Filling(database, stage, await call_of(database, stage, tag), version.id)
        await filling.give("f1", "no")
        await filling.go_on("s1")
        await filling.give("f2", "late")
    return filling


async def read(client, path: str) -> dict:
    response = await client.get(f"/api/v1{path}")
    assert response.status == 200, await response.text()
    return await response.json()


async def test_answers_are_read_with_their_call(filled, program) -> None:
    client = await program("supervisor", "read")
    [run] = (await read(client, f"/calls/{filled.call.id}/scripts"))["runs"]
    assert (run["script"], run["version"], run["step"]) == ("Survey", 1, "Complaint")
    assert [(one["question"], one["answer"], one["counts"]) for one in run["answers"]] == [
        ("Content?", "no", True),
        ("What went wrong?", "late", True),
    ]


async def test_filled_scripts_are_listed_page_by_page(filled, program) -> None:
    client = await program("administrator", "read")
    first = await read(client, "/script-runs?limit=2&since=2026-11-01T00:00:00Z")
    second = await read(client, f"/script-runs?limit=2&cursor={first['next']}")
    keys = [run["id"] for page in (first, second) for run in page["runs"]]
    assert (len(keys), len(set(keys)), second["next"]) == (3, 3, None)
    assert (await read(client, "/script-runs?until=2026-11-01T00:00:00Z"))["runs"] == []
    agent = await program("agent", "read")
    assert (await agent.get("/api/v1/script-runs")).status == 403
    assert (await client.get("/api/v1/script-runs?cursor=x")).status == 422


async def test_presences_are_listed_and_told_as_of_now(database, program, pops) -> None:
    stage = await set_stage(database)
    begun = [
        Interval(
            id=uuid7(NOW), user_id=stage.users[0], pbx_id=stage.pbx, extension="101", queue=None,
            state=state, reason="Lunch" if n else "", source=Source.DESK,
            began_at=NOW + timedelta(minutes=n),
        )
        for n, state in enumerate((AgentState.AVAILABLE, AgentState.PAUSED))
    ]  # fmt: skip
    async with database.writing() as session:
        await storage.presences.write(session, begun, {begun[0].id: begun[1].began_at})
        await storage.agents.create(
            session, user_id=stage.users[0], pbx_id=stage.pbx, extension="101", now=NOW, by=None
        )
    client = await program("supervisor", "read")
    first = await read(client, f"/presences?limit=1&user={stage.users[0]}")
    second = await read(client, f"/presences?limit=1&cursor={first['next']}")
    assert [page["presences"][0]["state"] for page in (first, second)] == ["available", "paused"]
    assert (second["presences"][0]["reason"], second["next"]) == ("Lunch", None)
    later = (NOW + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert len((await read(client, f"/presences?since={later}"))["presences"]) == 1
    pops.presences.states[stage.users[0]] = "paused"
    agents = (await read(client, "/presences/now"))["agents"]
    assert {one["extension"]: one["state"] for one in agents}["101"] == "paused"
