"""Where a call may be sent on to: not to the own phone, and to no queue of any name."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

import storage.agents

JSON = {"Accept": "application/json"}


@pytest.fixture
async def ann(desk, database):
    """An agent with a phone."""
    async with database.writing() as session:
        await storage.agents.create(
            session, user_id=desk.ann.user.id, pbx_id=desk.stage.pbx, extension="101",
            now=datetime.now(UTC), by=None,
        )  # fmt: skip
    return desk.ann


async def send_on(browser, **fields: str):
    path = f"/desk/calls/{uuid4()}/transfers"
    response = await browser.post(path, fields, headers=JSON)
    return response.status, await response.json()


@pytest.mark.parametrize("spelled", ["101", " 101 ", "1 0 1"])
async def test_a_call_is_not_sent_on_to_the_phone_that_has_it(ann, controls, spelled: str) -> None:
    status, said = await send_on(ann, kind="phone", target=spelled)
    assert status == 422
    assert said["errors"]["target"] == "That is your own phone."
    assert controls.handling.asked == []


@pytest.mark.parametrize(
    "name", ["", "sales x", "a\r\nAction: Logoff", "x" * 81, "sales,1", "${X}"]
)
async def test_a_queue_is_named_as_queues_are(ann, controls, name: str) -> None:
    status, said = await send_on(ann, kind="queue", target=name)
    assert status == 422
    assert "target" in said["errors"]
    assert controls.handling.asked == []


async def test_a_queue_of_a_plain_name_is_asked_for(ann, controls) -> None:
    status, _ = await send_on(ann, kind="queue", target="sales")
    assert status == 200
    [(deed, _given, _named)] = controls.handling.asked
    assert deed == "send_on"
