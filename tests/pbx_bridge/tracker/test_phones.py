"""The state that the desk shows of each phone."""

from typing import Any

import pytest

from pbx_bridge import events


def device(stage: Any, interface: str, state: str) -> None:
    stage.feed(events.DeviceChanged(at=stage.now, interface=interface, state=state))


def test_a_phone_rings_talks_holds_and_is_idle_again(stage: Any) -> None:
    stage.inbound("101")
    stage.begin("b", "PJSIP/101", call="a")
    assert stage.phones == []
    stage.dial("b", "a")
    stage.answer("b")
    stage.enter("x", "a", "b")
    stage.cue(events.Held, "b")
    stage.cue(events.Unheld, "b")
    stage.hang_up("b")
    assert stage.phones == [
        f"101 {state}" for state in ("ringing", "talking", "on_hold", "talking", "idle")
    ]
    assert stage.tracker.phone_state("101") == "idle"


def test_a_phone_that_calls_is_off_the_hook(stage: Any) -> None:
    stage.begin("a", "PJSIP/101", calls=True)
    assert stage.phones == ["101 talking"]


def test_a_phone_that_was_only_made_is_off_the_hook_once_it_is_up(stage: Any) -> None:
    stage.begin("a", "PJSIP/101")
    stage.cue(events.LegChanged, "a", up=True)
    assert stage.phones == ["101 talking"]


def test_a_phone_whose_dial_ended_is_idle_when_its_leg_is_gone(stage: Any) -> None:
    stage.inbound("101")
    stage.begin("b", "PJSIP/101", call="a")
    stage.dial("b", "a")
    stage.dial_ends("b", "NOANSWER")
    stage.hang_up("b")
    assert stage.phones == ["101 ringing", "101 idle"]


def test_a_second_line_that_rings_does_not_hide_the_talk(stage: Any) -> None:
    stage.begin("a", "PJSIP/101", calls=True)
    stage.begin("b")
    stage.begin("c", "PJSIP/101", call="b")
    stage.dial("c", "b")
    assert stage.phones == ["101 talking"]


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("NOT_INUSE", "idle"),
        ("UNKNOWN", "idle"),
        ("INUSE", "talking"),
        ("BUSY", "talking"),
        ("RINGING", "ringing"),
        ("RINGINUSE", "talking"),
        ("ONHOLD", "talking"),
        ("UNAVAILABLE", "unavailable"),
        ("INVALID", "unavailable"),
    ],
)
def test_a_phone_without_legs_is_what_its_device_says(stage: Any, told: str, shown: str) -> None:
    device(stage, "PJSIP/101", told)
    assert stage.phones == [f"101 {shown}"]


def test_the_busiest_of_two_devices_is_shown(stage: Any) -> None:
    device(stage, "PJSIP/101", "UNAVAILABLE")
    device(stage, "SIP/101-desk", "NOT_INUSE")
    device(stage, "PJSIP/101", "UNAVAILABLE")
    assert stage.phones == ["101 unavailable", "101 idle"]


def test_hints_and_queue_members_tell_of_phones_too(stage: Any) -> None:
    stage.feed(events.ExtensionChanged(at=stage.now, extension="101", state="RINGING"))
    stage.feed(
        events.MemberChanged(
            at=stage.now,
            queue="sales",
            interface="PJSIP/102",
            name="",
            device="PJSIP/102",
            state="UNAVAILABLE",
        )
    )
    assert stage.phones == ["101 ringing", "102 unavailable"]


def test_devices_that_are_none_of_ours_are_passed_over(stage: Any) -> None:
    device(stage, "Queue:sales", "INUSE")
    device(stage, "PJSIP/101", "SOMETHING")
    stage.feed(events.ExtensionChanged(at=stage.now, extension="700", state="INUSE"))
    stage.feed(events.MemberRemoved(at=stage.now, queue="sales", interface="PJSIP/101"))
    assert stage.changes == []


@pytest.mark.parametrize("event", [events.LinkLost, events.PbxRestarted])
def test_devices_are_believed_no_longer_than_the_link_lasts(stage: Any, event: Any) -> None:
    device(stage, "PJSIP/101", "INUSE")
    stage.feed(event(at=stage.now))
    assert stage.phones == ["101 talking", "101 idle"]
