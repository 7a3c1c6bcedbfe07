"""Tasks and callbacks through the API."""

from uuid import UUID, uuid4

import pytest
from aiohttp.test_utils import TestClient

API = "/api/v1/tasks"
CALLBACK = {"kind": "callback", "number": "020 7123 4567", "due_at": "2026-12-01T10:00:00+01:00"}


@pytest.fixture
async def client(program) -> TestClient:
    return await program("agent", "read", "write")


async def create(client: TestClient, **fields: object) -> dict:
    response = await client.post(API, json=fields)
    assert response.status == 201, await response.text()
    return await response.json()


async def test_a_callback_is_noted_in_any_spelling_and_zone(client, pops) -> None:
    made = await create(client, **CALLBACK)
    assert (made["number"], made["due_at"]) == ("+442071234567", "2026-12-01T09:00:00Z")
    assert (made["made_by"], made["user_id"]) == (str(client.user.id), None)
    assert pops.told == [("day_changed", ())]
    assert await (await client.get(f"{API}/{made['id']}")).json() == made


async def test_the_cards_of_its_customer_are_drawn_anew(client, pops) -> None:
    made = await client.post("/api/v1/customers", json={"name": "Zoe"})
    zoe = (await made.json())["id"]
    task = await create(client, title="send samples", customer_id=zoe)
    await client.post(f"{API}/{task['id']}/completions")
    assert pops.told == [("day_changed", ()), ("customer_changed", (UUID(zoe),))] * 2


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"title": "  "}, id="no title"),
        pytest.param({"kind": "callback", "number": "020 7123 4567"}, id="no time"),
        pytest.param(CALLBACK | {"number": "101"}, id="an internal number"),
        pytest.param(CALLBACK | {"due_at": "2026-12-01T10:00:00"}, id="a time of no zone"),
        pytest.param(CALLBACK | {"due_at": "0001-01-01T00:00:00+14:00"}, id="before all time"),
        pytest.param({"title": "x", "user_id": str(uuid4())}, id="nobody"),
        pytest.param({"title": "x", "team_id": str(uuid4())}, id="no team"),
        pytest.param({"title": "x", "customer_id": str(uuid4())}, id="no customer"),
        pytest.param({"title": "x", "call_id": str(uuid4())}, id="no call"),
        pytest.param({"title": "x", "colour": "red"}, id="an unknown field"),
    ],
)
async def test_what_cannot_be_noted_is_refused_with_a_sentence(client, pops, fields) -> None:
    response = await client.post(API, json=fields)
    assert response.status == 422
    assert (await response.json())["detail"]
    assert pops.told == []


async def test_a_change_that_someone_overtook_is_refused_and_null_empties(client) -> None:
    made = await create(client, title="send it", due_at="2026-12-01T10:00:00Z")
    path = f"{API}/{made['id']}"
    change = {"version": made["version"], "title": "send both", "due_at": None}
    changed = await (await client.patch(path, json=change)).json()
    assert (changed["title"], changed["due_at"], changed["body"]) == ("send both", None, "")
    late = {"version": made["version"], "title": "send none"}
    assert (await client.patch(path, json=late)).status == 409
    assert (await (await client.get(path)).json())["title"] == "send both"
    wrong = {"version": changed["version"], "team_id": str(uuid4())}
    assert (await client.patch(path, json=wrong)).status == 422


async def test_the_first_who_takes_it_has_it_and_the_next_is_told_who(program, client) -> None:
    made = await create(client, title="anyone's")
    other = await program("supervisor", "read", "write")
    path = f"{API}/{made['id']}/claims"
    assert (await (await client.post(path)).json())["user_id"] == str(client.user.id)
    late = await other.post(path)
    assert late.status == 409
    assert client.user.name in (await late.json())["detail"]


async def test_what_is_done_says_by_whom(program, client) -> None:
    made = await create(client, title="x")
    path = f"{API}/{made['id']}/completions"
    done = await (await client.post(path)).json()
    assert (done["done_by"], bool(done["done_at"])) == (str(client.user.id), True)
    assert (await (await program("agent", "read", "write")).post(path)).status == 409
    assert (await client.post(f"{API}/{uuid4()}/completions")).status == 404


async def test_pages_follow_each_other_and_a_list_is_narrowed(client) -> None:
    titles = [f"task {n}" for n in range(5)]
    for title in titles:
        await create(client, title=title)
    await create(client, **CALLBACK)
    seen, cursor = [], ""
    while True:
        params = {"limit": "2", "kind": "task"} | ({"cursor": cursor} if cursor else {})
        page = await (await client.get(API, params=params)).json()
        seen += [task["title"] for task in page["tasks"]]
        if not (cursor := page["next"]):
            break
    assert seen == titles
    for params, count in [
        ({"due_before": "2026-12-02T00:00:00Z"}, 1), ({"done": "true"}, 0),
        ({"user": str(client.user.id)}, 0), ({"done": "false"}, 6),
    ]:  # fmt: skip
        page = await (await client.get(API, params=params)).json()
        assert len(page["tasks"]) == count, params
    assert (await client.get(API, params={"cursor": "bm9uZQ=="})).status == 422


async def test_a_token_without_the_scope_changes_nothing(program) -> None:
    reader = await program("agent", "read")
    assert (await reader.post(API, json={"title": "x"})).status == 403
