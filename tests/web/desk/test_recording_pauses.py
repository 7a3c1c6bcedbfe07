"""A pause is asked for by who talks in the call; a step that asks for card data tells of itself."""

from uuid import uuid4

import pytest

import storage.queues
import storage.scripts
from fixtures.calls import NOW
from storage.errors import Refused, Unconfirmed
from storage.rules.scripts import Outline, Step

JSON = {"Accept": "application/json"}
CARD = Outline(
    (
        Step(key="s1", title="Greeting", say="Good day", next="s2"),
        Step(key="s2", title="Payment", say="Your card, please", card=True, next="s3"),
        Step(key="s3", title="Thanks", say="Thank you"),
    )
)


async def test_only_who_talks_in_the_call_pauses_it(sign_in, controls) -> None:
    ann, call = await sign_in("agent"), uuid4()
    pauses = controls.recording_pauses
    path = f"/desk/calls/{call}/recording-"
    for deed in ("pauses", "ends"):
        response = await ann.post(path + deed, {}, headers=JSON)
        assert (response.status, await response.json()) == (
            422, {"errors": {"": "You are not in this call."}},
        )  # fmt: skip
    assert pauses.asked == []
    pauses.talkers = frozenset({ann.user.id})
    for deed, said in (
        ("pauses", "The recording is paused."), ("ends", "The recording goes on."),
    ):  # fmt: skip
        response = await ann.post(path + deed, {}, headers=JSON)
        assert (response.status, await response.json()) == (200, {"done": said})
    assert pauses.asked == [
        ("pause", call, "hand", ann.user.id, ""), ("resume", call, "hand", ann.user.id),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("error", "status"), [(Unconfirmed("STILL RECORDING."), 504), (Refused("Not recorded."), 422)]
)
async def test_what_is_not_so_is_never_said_to_be(sign_in, controls, error, status) -> None:
    ann = await sign_in("agent")
    pauses = controls.recording_pauses
    pauses.talkers, pauses.refuses = frozenset({ann.user.id}), error
    response = await ann.post(f"/desk/calls/{uuid4()}/recording-pauses", {}, headers=JSON)
    assert (response.status, await response.json()) == (status, {"errors": {"": str(error)}})


async def test_a_step_that_asks_for_card_data_says_so_while_the_call_lasts(desk, controls) -> None:
    async with desk.database.writing() as session:
        queue = await storage.queues.ensure(session, desk.stage.pbx, "sales")
        script = await storage.scripts.create(session, "Order", by=None, now=NOW)
        await storage.scripts.save(session, script.id, "Order", CARD, version=1, by=None, now=NOW)
        await storage.scripts.assign(session, script.id, [queue.id], by=None)
        made = await storage.scripts.publish(session, script.id, version=2, by=None, now=NOW)
    call = await desk.call(tell=lambda teller: teller.talking("101"))
    path = f"/desk/calls/{call.id}/script"
    assert (await desk.ann.client.get(path)).status == 200
    for step in ("s1", "s2"):
        told = await desk.send(f"{path}/steps", {"version": made.id, "step": step})
        assert told.status == 200
        if step == "s1":
            async with desk.database.reading() as session:
                asking = await storage.scripts.asking_for_cards(session, [call.id])
            assert asking == {call.id}
    assert controls.recording_pauses.stood == [
        (call.id, False), (call.id, True), (call.id, False),
    ]  # fmt: skip
