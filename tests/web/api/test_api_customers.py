"""Customers and numbers through the API."""

import pytest
from aiohttp.test_utils import TestClient

API = "/api/v1"


@pytest.fixture
async def client(program) -> TestClient:
    return await program("administrator", "read", "write")


async def create(client: TestClient, **fields: object) -> dict:
    response = await client.post(f"{API}/customers", json={"name": "Zoe O'Brien"} | fields)
    assert response.status == 201, await response.text()
    return await response.json()


async def test_a_customer_is_found_by_name_and_by_any_spelling_of_the_number(client) -> None:
    made = await create(client, numbers=[{"written": "020 7123 4567", "label": "home"}])
    assert made["numbers"][0]["e164"] == "+442071234567"
    for query in ("zoe", "obr", "+44 20 7123 4567", "0044 2071234567", "020-7123-4567"):
        response = await client.get(f"{API}/customers", params={"q": query})
        found = await response.json()
        assert [c["id"] for c in found["customers"]] == [made["id"]], query


async def test_pages_follow_each_other_without_gap_or_repeat(client) -> None:
    names = [f"Customer {n:02}" for n in range(7)]
    for name in names:
        await create(client, name=name)
    seen, cursor = [], ""
    while True:
        params = {"limit": "3"} | ({"cursor": cursor} if cursor else {})
        page = await (await client.get(f"{API}/customers", params=params)).json()
        seen += [c["name"] for c in page["customers"]]
        if not (cursor := page["next"]):
            break
    assert seen == names


async def test_a_change_that_someone_overtook_is_refused_and_loses_nothing(client) -> None:
    made = await create(client)
    path = f"{API}/customers/{made['id']}"
    first = await client.patch(path, json={"version": made["version"], "about": "likes tea"})
    assert first.status == 200
    second = await client.patch(path, json={"version": made["version"], "about": "likes coffee"})
    assert second.status == 409
    kept = await (await client.get(path)).json()
    assert kept["about"] == "likes tea"
    assert kept["name"] == made["name"]


async def test_a_field_that_is_left_out_stays_and_null_empties(client) -> None:
    made = await create(client, email="zoe@example.com", address_as="Zoe", lifecycle="lead")
    assert made["lifecycle"] == "lead"
    path = f"{API}/customers/{made['id']}"
    change = {"version": made["version"], "email": None}
    given = await (await client.patch(path, json=change)).json()
    assert (given["email"], given["address_as"]) == (None, "Zoe")
    change = {"version": given["version"], "lifecycle": None}
    assert (await (await client.patch(path, json=change)).json())["lifecycle"] is None


async def test_a_number_comes_and_goes(client, pops) -> None:
    made = await create(client)
    path = f"{API}/customers/{made['id']}/numbers"
    added = await (await client.post(path, json={"written": "+49 30 123456"})).json()
    [number] = added["numbers"]
    again = await client.post(path, json={"written": "0049 30 123456"})
    assert again.status == 409
    assert "already" in (await again.json())["detail"]
    other = await create(client, name="Someone Else")
    foreign = await client.delete(f"{API}/customers/{other['id']}/numbers/{number['id']}")
    assert foreign.status == 404
    gone = await client.delete(f"{path}/{number['id']}")
    assert gone.status == 204
    assert [name for name, _ in pops.told] == ["customer_changed", "customer_changed"]


async def test_a_number_says_whose_it_is(client) -> None:
    first = await create(client, numbers=[{"written": "+442071234567"}])
    one = await (await client.get(f"{API}/numbers/02071234567")).json()
    assert (one["level"], one["customer"]) == ("known", first["id"])
    await create(client, name="Yan", numbers=[{"written": "+442071234567"}])
    two = await (await client.get(f"{API}/numbers/+442071234567")).json()
    assert (two["level"], two["customer"], len(two["candidates"])) == ("likely", None, 2)
    nobody = await (await client.get(f"{API}/numbers/+4930999999")).json()
    assert nobody["level"] == "unknown"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param({}, "name", id="no name"),
        pytest.param({"name": "  "}, "name", id="blank name"),
        pytest.param({"name": "A", "kind": "dog"}, "kind", id="no such kind"),
        pytest.param({"name": "A", "rank": 1}, "rank", id="unknown field"),
    ],
)
async def test_every_wrong_field_is_named(client, body: dict, field: str) -> None:
    response = await client.post(f"{API}/customers", json=body)
    assert response.status == 422
    assert response.content_type == "application/problem+json"
    assert field in [error["field"] for error in (await response.json())["errors"]]


async def test_what_is_no_phone_number_is_refused_and_nothing_is_stored(client) -> None:
    body = {"name": "Half", "numbers": [{"written": "+442071234567"}, {"written": "12"}]}
    response = await client.post(f"{API}/customers", json=body)
    assert response.status == 422
    found = await (await client.get(f"{API}/customers", params={"q": "half"})).json()
    assert found["customers"] == []


@pytest.mark.parametrize("cursor", ["x", "bm90IGpzb24=", "WyJhIl0=", "ü"])
async def test_a_cursor_that_is_none_of_ours_is_refused(client, cursor: str) -> None:
    response = await client.get(f"{API}/customers", params={"cursor": cursor})
    assert response.status == 422
