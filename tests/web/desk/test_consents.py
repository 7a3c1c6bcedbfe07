"""Whether the caller may be recorded is told by who talks with them; no stop is claimed falsely."""

from uuid import uuid4

import pytest

from storage.errors import Refused, Unconfirmed

JSON = {"Accept": "application/json"}


async def test_only_who_talks_in_the_call_tells_it(sign_in, controls) -> None:
    ann, call = await sign_in("agent"), uuid4()
    path = f"/desk/calls/{call}/consents"
    for state, said in (("refused", "You are not in this call."), ("odd", "Choose one")):
        response = await ann.post(path, {"state": state}, headers=JSON)
        assert (response.status, said in (await response.json())["errors"][""]) == (422, True)
    assert controls.consents.told == []
    controls.recording_pauses.talkers = frozenset({ann.user.id})
    for state, said in (
        ("refused", "The caller refuses: the call is not recorded."),
        ("announced", "What the caller said is kept."),
        ("unknown", "What the caller said is kept."),
    ):
        response = await ann.post(path, {"state": state}, headers=JSON)
        assert (response.status, await response.json()) == (200, {"done": said})
    assert controls.consents.told == [
        (call, state, ann.user.id) for state in ("refused", "announced", "unknown")
    ]


@pytest.mark.parametrize(
    ("error", "status"),
    [(Unconfirmed("STILL RECORDING."), 504), (Refused("This call is over."), 422)],
)
async def test_what_the_pbx_does_not_say_is_not_claimed(sign_in, controls, error, status) -> None:
    ann = await sign_in("agent")
    controls.recording_pauses.talkers = frozenset({ann.user.id})
    controls.consents.refuses = error
    path = f"/desk/calls/{uuid4()}/consents"
    response = await ann.post(path, {"state": "refused"}, headers=JSON)
    assert (response.status, await response.json()) == (status, {"errors": {"": str(error)}})
