"""Programs place calls from the phone of their user: each key at most once."""

import asyncio
from datetime import UTC, datetime

import pytest

import storage.agents
import storage.pbxs
from storage.pbxs import Facts
from storage.secrets import SecretBox

ORDER = {"key": "order-0001", "number": "020 7123 4567"}


@pytest.fixture
async def dialler(program, database, settings):
    client = await program("agent", "dial")
    now = datetime.now(UTC)
    facts = Facts(name="lab", host="h", port=1, username="u", tls=False, tls_ca=None,
                  encoding="cp1252", region="GB", internal_digits=5, recordings_there=None,
                  recordings_here=None)  # fmt: skip
    async with database.writing() as session:
        pbx = await storage.pbxs.create(
            session, facts, secret="s", secrets=SecretBox(settings.secret_keys), now=now, by=None
        )
        await storage.agents.create(
            session, user_id=client.user.id, pbx_id=pbx.id, extension="101", now=now, by=None
        )
    return client


@pytest.mark.bar(30)
async def test_a_hundred_orders_with_one_key_are_one_call(dialler, controls, proof) -> None:
    answers = await asyncio.gather(
        *(dialler.post("/api/v1/originates", json=ORDER) for _ in range(100))
    )
    assert {answer.status for answer in answers} == {202}
    assert len({(await answer.json())["key"] for answer in answers}) == 1
    proof.tried(100, len(controls.sent) - 1, of="orders")


async def test_what_came_of_an_order_can_be_asked(dialler) -> None:
    placed = await (await dialler.post("/api/v1/originates", json=ORDER)).json()
    again = await dialler.get("/api/v1/originates/order-0001")
    assert await again.json() == placed
    assert (placed["exten"], placed["fate"]) == ("+442071234567", "placed")
    assert (await dialler.get("/api/v1/originates/order-0002")).status == 404


async def test_an_order_that_a_rule_forbids_is_told_with_the_rule(dialler, controls) -> None:
    dear = {"key": "order-0003", "number": "+49 900 1 234567"}
    answer = await dialler.post("/api/v1/originates", json=dear)
    assert answer.status == 422
    assert "premium rate" in (await answer.json())["detail"]
    assert controls.sent == []


async def test_a_token_without_the_scope_places_no_call(program, controls) -> None:
    client = await program("agent", "read", "write")
    assert (await client.post("/api/v1/originates", json=ORDER)).status == 403
    assert controls.sent == []
