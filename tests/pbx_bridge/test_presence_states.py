"""What an agent is in all: the call first, then the phone, then the queues."""

from datetime import UTC, datetime

import pytest

from pbx_bridge.changes import PhoneState
from pbx_bridge.presences import WRAP_UP, AgentState, Holder, Standing, WrapUp, state_of

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


def standing(queue: str = "sales", reason: str = "", *, paused: bool = False) -> Standing:
    return Standing(
        queue=queue, interface="PJSIP/101", paused=paused or bool(reason), reason=reason,
        since=None, by=None, is_static=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("standings", "phone", "state"),
    [
        pytest.param([standing()], PhoneState.IDLE, ("available", ""), id="free"),
        pytest.param([standing()], PhoneState.TALKING, ("on_call", ""), id="talks"),
        pytest.param([standing()], PhoneState.ON_HOLD, ("on_call", ""), id="holds"),
        pytest.param([standing()], PhoneState.RINGING, ("ringing", ""), id="rings"),
        pytest.param([standing()], PhoneState.UNAVAILABLE, ("offline", "no_phone"), id="no phone"),
        pytest.param([], PhoneState.IDLE, ("offline", "no_queue"), id="in no queue"),
        pytest.param([], PhoneState.TALKING, ("on_call", ""), id="in no queue, and talks"),
        pytest.param([standing(reason="Tea")], PhoneState.IDLE, ("paused", "Tea"), id="paused"),
        pytest.param([standing(reason="Tea")], PhoneState.TALKING, ("on_call", ""), id="both"),
        pytest.param([standing(paused=True)], PhoneState.IDLE, ("paused", ""), id="no reason"),
        pytest.param(
            [standing(reason="Tea"), standing("b")], PhoneState.IDLE, ("available", ""),
            id="paused in one of two",
        ),
        pytest.param(
            [standing(reason="Tea"), standing("b", "Lunch")], PhoneState.IDLE,
            ("paused", "Tea, Lunch"), id="two reasons",
        ),
        pytest.param([standing(reason=WRAP_UP)], PhoneState.IDLE, ("wrap_up", ""), id="wraps up"),
        pytest.param(
            [standing(reason=WRAP_UP), standing("b", "Tea")], PhoneState.IDLE, ("wrap_up", ""),
            id="wraps up, and paused elsewhere",
        ),
    ],
)  # fmt: skip
def test_an_agent_is_what_phone_and_queues_make_of_it(standings, phone, state) -> None:
    assert state_of(standings, phone) == state


def test_a_pbx_that_spares_its_member_makes_a_wrap_up_of_it() -> None:
    held = WrapUp(queue="sales", since=NOON, until=NOON, holder=Holder.PBX)
    assert state_of([standing()], PhoneState.IDLE, held)[0] is AgentState.WRAP_UP
    both = [standing(), standing("support")]
    assert state_of(both, PhoneState.IDLE, held)[0] is AgentState.AVAILABLE
