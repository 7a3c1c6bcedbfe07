"""What we did not hear: calls that we met midway, and ends that were lost."""

from typing import Any

import pytest

from pbx_bridge import events


def talk(stage: Any) -> None:
    stage.inbound("101")
    stage.begin("b", "PJSIP/101", call="a")
    stage.dial("b", "a")
    stage.answer("b")
    stage.enter("x", "b", "a")


def view(name: str, channel: str = "", call: str = "") -> events.LegView:
    return events.LegView(uniqueid=name, linkedid=call or name, channel=channel)


def test_a_call_met_midway_is_told_from_then_on(stage: Any) -> None:
    stage.views = {"a": view("a", "PJSIP/trunk-a"), "b": view("b", "PJSIP/101-b", "a")}
    stage.cue(events.LegChanged, "b", up=True)
    stage.wait(2)
    stage.enter("x", "b", "a")
    stage.wait(5)
    stage.hang_up("a", "b")
    call = stage.call
    assert call.result == "answered"
    assert call.talk_seconds == 5
    assert call.extension == "101"
    assert stage.pops == ["101 rings", "101 answers"]


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        (events.LegEnded, {"cause": 16}),
        (events.BridgeLeft, {"bridge": "x"}),
        (events.DialEnded, {"status": "CANCEL"}),
        (events.QueueLeft, {"queue": "sales"}),
        (events.QueueAbandoned, {"queue": "sales"}),
        (events.Held, {}),
        (events.Unheld, {}),
        (events.RecordingStarted, {}),
        (events.RecordingStopped, {}),
        (events.Unparked, {"why": "timeout"}),
        (
            events.AgentRefused,
            {"caller": view("z"), "queue": "sales", "interface": "", "member": ""},
        ),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_the_end_of_something_that_we_never_saw_begin_makes_no_call(
    stage: Any, kind: type[events.Event], more: dict[str, Any]
) -> None:
    stage.views["a"] = view("a", "PJSIP/trunk-a")
    stage.cue(kind, "a", **more)
    assert len(stage.impossible) == 1
    assert not stage.tracker.calls


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        (events.LegBegan, {}),
        (events.LegSeen, {}),
        (events.LegChanged, {}),
        (events.DialplanReached, {"exten": "1", "application": "NoOp"}),
        (events.VariableSet, {"variable": "QUEUESTATUS", "value": "TIMEOUT"}),
        (events.BridgeEntered, {"bridge": "x"}),
        (events.DialBegan, {}),
        (events.QueueJoined, {"queue": "sales"}),
        (events.RecordingNamed, {"path": "/x.wav"}),
        (events.Parked, {}),
        (events.PickedUp, {"target": view("z")}),
        (
            events.AgentOffered,
            {"caller": view("z"), "queue": "sales", "interface": "", "member": ""},
        ),
        (
            events.AgentConnected,
            {"caller": view("z"), "queue": "sales", "interface": "", "member": ""},
        ),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_an_event_without_a_channel_is_impossible_and_changes_nothing(
    stage: Any, kind: type[events.Event], more: dict[str, Any]
) -> None:
    stage.views["a"] = view("")
    stage.cue(kind, "a", **more)
    assert len(stage.impossible) == 1
    assert len(stage.changes) == 1


def test_an_event_of_an_ended_leg_is_impossible_and_names_its_call(stage: Any) -> None:
    stage.inbound()
    stage.hang_up("a")
    before = stage.call
    for kind, more in (
        (events.LegChanged, {}),
        (events.BridgeEntered, {"bridge": "x"}),
        (events.DialplanReached, {"exten": "h", "application": "NoOp"}),
        (events.RecordingNamed, {"path": "/x.wav"}),
        (events.Parked, {}),
        (events.QueueJoined, {"queue": "sales"}),
        (events.LegEnded, {}),
    ):
        (change,) = stage.cue(kind, "a", **more)
        assert change.call == before.id
    assert stage.call == before


def test_half_a_local_channel_is_impossible(stage: Any) -> None:
    stage.inbound()
    one, two = stage.views["a"], view("nobody")
    for kind in (events.LocalBridged, events.LocalOptimising, events.LocalOptimised):
        stage.feed(kind(at=stage.now, one=one, two=two))
    assert stage.impossible == ["half of the Local channel is not known"] * 3


def test_the_news_of_a_hang_up_may_outrun_that_of_the_begin(stage: Any) -> None:
    stage.views["a"] = view("a", "PJSIP/trunk-a")
    stage.wait(1)
    stage.cue(events.LegEnded, "a", cause=16)
    stage.wait(-1)
    stage.begin("a", number="+442071234567", calls=True)
    assert not stage.tracker.calls
    assert stage.call.ended_at is not None
    assert stage.cue(events.LegChanged, "a")[0].why == "a leg that is gone"


def test_a_leg_that_ended_unseen_is_forgotten_after_a_while(stage: Any) -> None:
    stage.views["a"] = view("a", "PJSIP/trunk-a")
    stage.cue(events.LegEnded, "a")
    stage.wait(1)
    stage.cue(events.LegEnded, "a")
    assert stage.cue(events.LegChanged, "a")[0].why == "a leg that is gone"
    stage.wait(130)
    stage.feed(events.DeviceChanged(at=stage.now, interface="x", state="INUSE"))
    assert not stage.tracker._board._gone


def test_a_leg_told_twice_is_one_leg(stage: Any) -> None:
    stage.inbound()
    stage.cue(events.LegBegan, "a")
    stage.hang_up("a")
    stage.cue(events.LegBegan, "a")
    assert stage.impossible == ["this leg began before"] * 2
    assert len(stage.call.legs) == 1


def test_an_id_that_comes_back_is_another_leg(stage: Any) -> None:
    stage.inbound()
    stage.wait(60)
    stage.begin("a", "PJSIP/other", calls=True)
    (ended,) = stage.ends
    assert ended.call.legs[0].channel == "PJSIP/trunk-a"
    assert [call.legs[0].channel for call in stage.tracker.calls.values()] == ["PJSIP/other-a"]
    stage.wait(130)
    stage.cue(events.LegChanged, "a", up=True)
    assert stage.impossible == []
    assert len(stage.tracker._board.stories) == 1


def test_an_id_that_comes_back_after_its_end_is_another_leg(stage: Any) -> None:
    stage.inbound()
    stage.hang_up("a")
    stage.wait(60)
    stage.begin("a", calls=True)
    assert len(stage.ends) == 1
    assert len(stage.tracker.calls) == 1


def test_a_phone_that_is_gone_dials_nobody(stage: Any) -> None:
    stage.begin("a", "PJSIP/101", exten="112", calls=True)
    stage.hang_up("a")
    stage.begin("t", call="a")
    stage.dial("t", "a")
    stage.hang_up("t")
    assert stage.pops == []


def test_the_id_of_a_called_leg_that_comes_back_stays_in_its_call(stage: Any) -> None:
    talk(stage)
    stage.wait(60)
    stage.begin("b", "PJSIP/102", call="a")
    assert [leg.extension for leg in stage.call.legs] == [None, "101", "102"]
    assert [leg.ended_at is None for leg in stage.call.legs] == [True, False, True]


def test_two_legs_that_are_both_met_in_one_dial_are_one_call(stage: Any) -> None:
    stage.views = {"a": view("a", "PJSIP/trunk-a"), "b": view("b", "PJSIP/101-b")}
    stage.dial("b", "a")
    assert len(stage.tracker.calls) == 1
    assert stage.joins == []


def test_times_that_run_backwards_make_no_negative_lengths(stage: Any) -> None:
    talk(stage)
    stage.cue(events.Held, "b")
    stage.wait(-3600)
    stage.hang_up("a", "b")
    parts = (*stage.call.legs, *stage.call.segments, *stage.call.offers)
    assert all(part.ended_at >= part.started_at for part in parts)
    assert stage.call.ended_at >= stage.call.started_at
