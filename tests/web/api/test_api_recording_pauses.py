"""Programs pause recordings: with a scope of their own, as far as the user's right reaches."""

from uuid import uuid4

import pytest

from storage.errors import Unconfirmed

PAUSED = {"state": "paused", "since": "2026-11-28T12:00:00Z", "by": "Ann", "cause": "api",
          "until": None, "held": False, "asking": None}  # fmt: skip


async def test_a_call_is_paused_and_goes_on(program, controls) -> None:
    client, call = await program("agent", "pause"), uuid4()
    pauses = controls.recording_pauses
    pauses.talkers, pauses.state = frozenset({client.user.id}), PAUSED
    path = f"/api/v1/calls/{call}/recording-"
    answer = await client.post(path + "pauses", json={"reason": "card 12"})
    assert (answer.status, (await answer.json())["state"]) == (201, "paused")
    assert (await client.post(path + "ends")).status == 200
    assert pauses.asked == [
        ("pause", call, "api", client.user.id, "card 12"), ("resume", call, "api", client.user.id),
    ]  # fmt: skip


async def test_what_the_pbx_does_not_confirm_is_still_recording(program, controls) -> None:
    client = await program("agent", "pause")
    pauses = controls.recording_pauses
    pauses.talkers = frozenset({client.user.id})
    pauses.refuses = Unconfirmed("STILL RECORDING. The telephone system did not confirm it.")
    answer = await client.post(f"/api/v1/calls/{uuid4()}/recording-pauses", json={})
    assert answer.status == 504
    assert (await answer.json())["detail"].startswith("STILL RECORDING")


@pytest.mark.parametrize(
    ("role", "status"), [("agent", 404), ("supervisor", 404), ("administrator", 201)]
)
async def test_calls_of_others_are_as_far_as_the_right_reaches(
    program, controls, role: str, status: int
) -> None:
    client = await program(role, "pause")
    controls.recording_pauses.talkers = frozenset({uuid4()})
    answer = await client.post(f"/api/v1/calls/{uuid4()}/recording-pauses", json={})
    assert answer.status == status


async def test_a_token_without_the_scope_pauses_nothing(program, controls) -> None:
    client = await program("administrator", "read", "write", "recordings", "dial")
    answer = await client.post(f"/api/v1/calls/{uuid4()}/recording-pauses", json={})
    assert (answer.status, controls.recording_pauses.asked) == (403, [])
