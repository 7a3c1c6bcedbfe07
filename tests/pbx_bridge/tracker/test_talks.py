"""Who talks with whom, and for how long."""

from typing import Any

import pytest

from pbx_bridge import events
from pbx_bridge.call import Party


def talk(stage: Any) -> None:
    """A customer (a) talks with 101 (b)."""
    stage.inbound("101")
    stage.begin("b", "PJSIP/101", call="a")
    stage.dial("b", "a")
    stage.answer("b")
    stage.enter("x", "b", "a")


def spans(stage: Any, kind: str) -> list[tuple[set[str], float | None]]:
    """Who was in each segment of a kind, and for how many seconds."""
    names = {leg.id: leg.uniqueid for leg in stage.call.legs}
    return [
        (
            {names[party.leg] for party in segment.parties},
            (segment.ended_at - segment.started_at).total_seconds() if segment.ended_at else None,
        )
        for segment in stage.call.segments
        if segment.kind == kind
    ]


def test_one_leg_in_a_bridge_talks_with_nobody(stage: Any) -> None:
    stage.inbound("101")
    stage.enter("x", "a")
    assert stage.call.answered_at is None
    assert stage.kinds() == []


def test_an_answered_leg_is_not_an_answered_call(stage: Any) -> None:
    stage.inbound("101")
    stage.cue(events.LegChanged, "a", up=True)
    assert stage.call.legs[0].answered_at is not None
    assert stage.call.answered_at is None


def test_a_talk_names_its_parties(stage: Any) -> None:
    talk(stage)
    legs = {leg.uniqueid: leg.id for leg in stage.call.legs}
    assert stage.call.segments[-1].parties == (
        Party(leg=legs["a"], extension=None, number="+442071234567"),
        Party(leg=legs["b"], extension="101", number=""),
    )


def test_a_third_party_begins_another_talk(stage: Any) -> None:
    talk(stage)
    stage.wait(5)
    stage.begin("c", "PJSIP/103", call="a")
    stage.enter("x", "c")
    stage.wait(3)
    stage.leave("x", "b")
    stage.wait(2)
    stage.hang_up("a", "b", "c")
    assert spans(stage, "talk") == [({"a", "b"}, 5), ({"a", "b", "c"}, 3), ({"a", "c"}, 2)]
    assert stage.call.talk_seconds == 10


def test_a_hold_is_an_interval_within_the_talk(stage: Any) -> None:
    talk(stage)
    stage.wait(5)
    stage.cue(events.Held, "b")
    assert stage.cue(events.Held, "b") == ()
    stage.wait(4)
    stage.cue(events.Unheld, "b")
    stage.wait(1)
    stage.hang_up("a", "b")
    assert spans(stage, "hold") == [({"b"}, 4)]
    assert spans(stage, "talk") == [({"a", "b"}, 10)]


@pytest.mark.parametrize("end", ["leave", "hang up", "swap"])
def test_a_hold_ends_with_its_leg_s_talk(stage: Any, end: str) -> None:
    talk(stage)
    stage.cue(events.Held, "b")
    stage.wait(4)
    if end == "leave":
        stage.leave("x", "b", "a")
    elif end == "hang up":
        stage.hang_up("b")
    else:
        stage.begin("c", "PJSIP/103", call="a")
        stage.enter("x", "c", swap="b")
        stage.leave("x", "b")
    assert spans(stage, "hold") == [({"b"}, 4)]
    assert stage.impossible == []


def test_nobody_holds_who_talks_with_nobody(stage: Any) -> None:
    talk(stage)
    stage.cue(events.Unheld, "b")
    stage.leave("x", "b")
    stage.cue(events.Held, "b")
    assert spans(stage, "hold") == []
    assert stage.impossible == ["the leg talks with nobody"]


def test_who_is_left_alone_on_hold_goes_on_waiting(stage: Any) -> None:
    talk(stage)
    stage.cue(events.Held, "b")
    stage.wait(1)
    stage.enter("y", "b")
    stage.leave("x", "b")
    stage.wait(3)
    stage.enter("x", "b")
    stage.wait(1)
    stage.hang_up("a", "b")
    assert spans(stage, "hold") == [({"b"}, 4)]
    assert spans(stage, "talk") == [({"a", "b"}, 1), ({"a", "b"}, 1)]


def test_the_wait_ends_with_who_waits(stage: Any) -> None:
    talk(stage)
    stage.cue(events.Held, "b")
    stage.leave("x", "b")
    stage.wait(3)
    stage.hang_up("a")
    stage.wait(1)
    stage.hang_up("b")
    assert spans(stage, "hold") == [({"b"}, 3)]


def test_a_leg_that_enters_another_bridge_has_left_the_first(stage: Any) -> None:
    talk(stage)
    stage.wait(5)
    stage.enter("y", "b")
    assert spans(stage, "talk") == [({"a", "b"}, 5)]
    stage.leave("x", "b")
    assert stage.impossible == ["the leg is not in this bridge"]


def test_entering_a_bridge_twice_changes_nothing(stage: Any) -> None:
    talk(stage)
    assert stage.enter("x", "a") == ()


def test_all_who_ring_are_parties_of_the_ringing(stage: Any) -> None:
    stage.inbound("101")
    for leg, phone in (("b", "PJSIP/101"), ("c", "PJSIP/102")):
        stage.begin(leg, phone, call="a")
        stage.dial(leg, "a")
    assert spans(stage, "ring") == [({"a", "b", "c"}, None)]


def test_a_call_is_over_when_its_last_party_is_gone(stage: Any) -> None:
    talk(stage)
    stage.hang_up("b")
    assert stage.ends == []
    stage.wait(3)
    stage.hang_up("a")
    assert [ended.call.ended_at for ended in stage.ends] == [stage.now]


def test_a_customer_who_goes_on_as_another_leg_stays_the_customer(stage: Any) -> None:
    talk(stage)
    stage.wait(5)
    stage.begin("r")
    stage.enter("x", "r", swap="a")
    stage.leave("x", "a")
    stage.hang_up("a")
    stage.wait(5)
    stage.hang_up("r", "b")
    assert spans(stage, "talk") == [({"a", "b"}, 5), ({"r", "b"}, 5)]


def test_parking_is_waiting_and_the_retriever_talks(stage: Any) -> None:
    talk(stage)
    stage.leave("x", "a", "b")
    stage.cue(events.Parked, "a")
    assert stage.cue(events.Parked, "a") == ()
    stage.hang_up("b")
    stage.wait(20)
    stage.begin("c", "PJSIP/103", exten="701", calls=True)
    stage.cue(events.Unparked, "a", retriever=stage.views["c"], why="retrieved")
    stage.enter("y", "c", "a")
    stage.wait(5)
    stage.hang_up("a", "c")
    assert spans(stage, "parked") == [({"a"}, 20)]
    assert stage.kinds()[-2:] == [("parked", "retrieved"), ("talk", None)]
    assert stage.call.extension == "103"
    assert stage.pops[-2:] == ["103 rings", "103 answers"]


def test_a_parked_call_that_nobody_takes_leaves_its_space(stage: Any) -> None:
    talk(stage)
    stage.leave("x", "a", "b")
    stage.cue(events.Parked, "a")
    stage.cue(events.Unparked, "a", why="timeout")
    stage.cue(events.Unparked, "a", why="timeout")
    assert stage.kinds()[-1] == ("parked", "timeout")
    assert stage.impossible == ["the leg is not parked"]


def test_voicemail_is_a_segment_of_its_own(stage: Any) -> None:
    stage.inbound("101")
    stage.cue(events.DialplanReached, "a", exten="101", application="VoiceMail")
    stage.hang_up("a")
    assert stage.kinds() == [("voicemail", None)]


def test_someone_who_talks_runs_no_menu(stage: Any) -> None:
    talk(stage)
    stage.cue(events.DialplanReached, "a", exten="101", application="Playback")
    assert [kind for kind, _ in stage.kinds()] == ["ring", "talk"]
