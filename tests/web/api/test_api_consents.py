"""A program tells what a caller said to being recorded."""

import pytest

from fixtures.calls import Teller, audited
from web.keys import DISCARDS


@pytest.fixture
def told(app) -> list[tuple[object, ...]]:
    """What is to be discarded, of which call."""
    told: list[tuple[object, ...]] = []
    app[DISCARDS] = lambda *given: told.append(given)
    return told


async def test_a_refusal_is_told_once_and_acted_on(told, program, stage, store, database) -> None:
    call = await store(Teller(stage.pbx).ended(), stage.context())
    client = await program("supervisor", "read", "write")
    address = f"/api/v1/calls/{call.id}/consents"
    answer = await client.post(address, json={"state": "refused"})
    assert answer.status == 200, await answer.text()
    given = await answer.json()
    assert (given["state"], given["source"], given["call_id"]) == ("refused", "api", str(call.id))
    assert (await client.post(address, json={"state": "maybe"})).status == 422
    assert told == [(call.id, "refused")]
    [row] = await audited(database, "call.consent")
    assert (row.user_id, row.key) == (client.user.id, call.id)
    other = await program("agent", "read", "write")
    assert (await other.post(address, json={"state": "announced"})).status == 404
