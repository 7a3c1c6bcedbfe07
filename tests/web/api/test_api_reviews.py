"""Reviews through the API, as far as the token's user may review."""

import pytest

import storage.teams
from fixtures.calls import NOW, set_stage
from fixtures.cast import add_user
from fixtures.scorecards import make, reviewed
from fixtures.scripts import call_of


@pytest.fixture
async def told(database, program):
    """Two reviews of Kim, and the program of a supervisor of her team."""
    client = await program("supervisor", "read")
    users = [await add_user(database, name, "agent") for name in ("lou", "kim", "judge")]
    stage = await set_stage(database, users)
    version = await make(database, stage)
    calls = [await call_of(database, stage, f"{n}.1") for n in (1, 2)]
    async with database.writing() as session:
        team = await storage.teams.create(session, name="t", now=NOW, by=None)
        members = [users[1].id, client.user.id]
        await storage.teams.change(session, team.id, name="t", user_ids=members, by=None)
    for call in calls:
        await reviewed(database, call, users[1].id, version, by=users[2].id)
    return client, calls, users


async def read(client, path: str) -> dict:
    response = await client.get(f"/api/v1{path}")
    assert response.status == 200, await response.text()
    return await response.json()


async def test_reviews_are_listed_page_by_page_with_their_marks(told) -> None:
    client, calls, users = told
    first = await read(client, "/reviews?limit=1")
    second = await read(client, f"/reviews?limit=1&cursor={first['next']}")
    assert second["next"] is None
    [one] = first["reviews"]
    assert {r["call_id"] for r in (one, *second["reviews"])} == {str(call.id) for call in calls}
    assert (one["score"], one["failed"], one["state"], one["scorecard"]) == (
        81.3, False, "released", "Quality",
    )  # fmt: skip
    first, *_ = one["marks"]
    assert (first["label"], first["mark"]) == ("Greeted by name", "yes")
    assert (await read(client, f"/reviews?agent={users[0].id}"))["reviews"] == []
    assert (await client.get("/api/v1/reviews?cursor=x")).status == 422


async def test_of_one_call_and_only_within_reach(told, database, program) -> None:
    client, calls, users = told
    [one] = (await read(client, f"/calls/{calls[0].id}/reviews"))["reviews"]
    assert one["agent_id"] == str(users[1].id)
    assert await read(client, f"/reviews/{one['id']}") == one
    assert all(mark["more"] == [] for mark in one["marks"])
    async with database.writing() as session:
        await storage.teams.place(session, users[1].id, set(), by=None)
    assert (await client.get(f"/api/v1/calls/{calls[0].id}/reviews")).status == 404
    assert (await read(client, "/reviews"))["reviews"] == []
    assert (await client.get(f"/api/v1/reviews/{one['id']}")).status == 404
    agent = await program("agent", "read")
    assert (await agent.get("/api/v1/reviews")).status == 403
