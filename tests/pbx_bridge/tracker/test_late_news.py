"""News in another order than things happened: what was guessed from the first is put right."""

from typing import Any

import pytest

from pbx_bridge import events


def ringing(stage: Any) -> None:
    """A customer (a) has 101 (b) ring."""
    stage.inbound("101")
    stage.begin("b", "PJSIP/101", call="a")
    stage.dial("b", "a")
    stage.wait(3)


def talks(stage: Any) -> list[tuple[int, float]]:
    """How many talk in each talk, and for how many seconds."""
    return [
        (len(s.parties), (s.ended_at - s.started_at).total_seconds())
        for s in stage.call.segments
        if s.kind == "talk"
    ]


@pytest.mark.parametrize(
    ("cause", "status", "end", "reason"),
    [
        (16, "NOANSWER", "missed", "noanswer"),
        (34, "CANCEL", "cancelled", "cancel"),
        (16, "CANCEL", "cancelled", "cancel"),
    ],
)
def test_a_dial_that_is_told_to_end_after_its_phone_hung_up_says_why(
    stage: Any, cause: int, status: str, end: str, reason: str
) -> None:
    ringing(stage)
    stage.hang_up("b", cause=cause)
    stage.dial_ends("b", status)
    stage.hang_up("a")
    assert stage.offers() == [("101", 1, end)]
    assert stage.kinds() == [("ring", reason)]
    assert stage.impossible == []


def test_the_result_of_an_ended_call_is_put_right_too(stage: Any) -> None:
    ringing(stage)
    stage.hang_up("b", cause=34)
    stage.hang_up("a")
    assert stage.call.result == "failed"
    stage.dial_ends("b", "NOANSWER")
    assert stage.call.result == "no_answer"
    assert len(stage.ends) == 1


def test_a_ring_that_somebody_answered_was_answered_whatever_the_others_say(stage: Any) -> None:
    ringing(stage)
    stage.begin("c", "PJSIP/102", call="a")
    stage.dial("c", "a")
    stage.answer("c")
    stage.enter("x", "c", "a")
    stage.hang_up("b", cause=34)
    stage.dial_ends("b", "CANCEL")
    stage.hang_up("a", "c")
    assert stage.kinds() == [("ring", "answered"), ("talk", None)]
    assert stage.offers() == [("101", 1, "elsewhere"), ("102", 1, "answered")]


def test_a_local_half_that_is_told_to_end_late_changes_no_call(stage: Any) -> None:
    stage.inbound()
    stage.local("one", "two", call="a")
    stage.dial("one", "a")
    stage.hang_up("one", cause=34)
    stage.dial_ends("one", "CANCEL")
    stage.hang_up("two", "a")
    assert stage.call.result == "abandoned"
    assert stage.impossible == []


def test_a_ring_ends_as_its_dial_though_the_caller_is_gone_already(stage: Any) -> None:
    ringing(stage)
    stage.hang_up("a")
    stage.dial_ends("b", "BUSY")
    stage.hang_up("b")
    assert stage.kinds() == [("ring", "busy")]
    assert stage.offers() == [("101", 1, "missed")]


@pytest.mark.parametrize(("answered", "reason"), [(False, "withdrawn"), (True, "answered")])
def test_a_queue_s_reason_that_comes_after_the_hang_up_counts(
    stage: Any, answered: bool, reason: str
) -> None:
    stage.inbound()
    stage.cue(events.QueueJoined, "a", queue="sales")
    if answered:
        stage.begin("b", "PJSIP/101", call="a")
        stage.offer("sales", "b")
        stage.answer("b")
        stage.enter("x", "b", "a")
        stage.hang_up("b")
    stage.hang_up("a")
    stage.cue(events.VariableSet, "a", variable="QUEUESTATUS", value="WITHDRAW")
    assert stage.kinds()[0] == ("queue", reason)
    assert stage.call.result == ("answered" if answered else "timed_out")


def test_a_reason_without_a_visit_changes_nothing(stage: Any) -> None:
    stage.inbound()
    stage.hang_up("a")
    stage.cue(events.VariableSet, "a", variable="QUEUESTATUS", value="TIMEOUT")
    assert stage.kinds() == []


def entered(stage: Any) -> None:
    """101 (b) has answered the customer (a), who alone is in the bridge; a second goes by."""
    ringing(stage)
    stage.answer("b")
    stage.enter("x", "a")
    stage.wait(0.4)


def test_who_left_before_we_heard_that_the_other_came_has_talked(stage: Any) -> None:
    entered(stage)
    stage.leave("x", "a")
    stage.wait(-0.3)
    stage.enter("x", "b")
    stage.wait(0.3)
    stage.leave("x", "b")
    stage.hang_up("a", "b")
    assert talks(stage) == [(2, 0.3)]
    assert stage.offers() == [("101", 1, "answered")]


def test_who_is_told_to_come_after_having_left_is_not_there(stage: Any) -> None:
    entered(stage)
    stage.leave("x", "b")
    stage.wait(-0.3)
    stage.enter("x", "b")
    stage.wait(5)
    stage.hang_up("b", "a")
    assert talks(stage) == [(2, 0.3)]


def test_who_came_and_left_alone_has_talked_with_nobody(stage: Any) -> None:
    ringing(stage)
    stage.leave("x", "a")
    stage.wait(-0.3)
    stage.enter("x", "a")
    stage.hang_up("a", "b")
    assert talks(stage) == []


def test_a_wire_that_left_before_the_other_came_has_not_talked(stage: Any) -> None:
    ringing(stage)
    stage.local("one", "two", call="a")
    stage.enter("x", "one")
    stage.wait(0.4)
    stage.leave("x", "one")
    stage.wait(-0.3)
    stage.enter("x", "a")
    stage.wait(1)
    stage.hang_up("a", "b", "one", "two")
    assert talks(stage) == []


def test_a_bridge_that_was_left_long_ago_is_entered_anew(stage: Any) -> None:
    entered(stage)
    stage.leave("x", "a")
    stage.wait(2)
    stage.enter("y", "a")
    stage.leave("y", "a")
    stage.enter("x", "a", "b")
    stage.wait(1)
    stage.hang_up("a", "b")
    assert talks(stage) == [(2, 1)]


def test_a_moment_in_which_the_pbx_moves_legs_interrupts_no_talk(stage: Any) -> None:
    entered(stage)
    stage.enter("x", "b")
    stage.wait(5)
    stage.leave("x", "b")
    stage.wait(0.02)
    stage.enter("x", "b")
    stage.wait(5)
    stage.leave("x", "b")
    stage.wait(1)
    stage.enter("x", "b")
    stage.wait(5)
    stage.hang_up("a", "b")
    assert talks(stage) == [(2, 10.02), (2, 5)]


def test_the_number_of_a_clicked_call_may_be_told_before_its_leg(stage: Any) -> None:
    number = "+442071234567"
    channel = "PJSIP/101-b"
    stage.views["b"] = events.LegView(uniqueid="b", linkedid="b", channel=channel, number=number)
    stage.cue(events.LegChanged, "b")
    stage.cue(events.LegBegan, "b")
    assert (stage.call.direction, stage.call.number) == ("outbound", number)


def test_a_pickup_that_is_told_after_the_ring_s_end_explains_it(stage: Any) -> None:
    ringing(stage)
    stage.begin("c", "PJSIP/102", number="102", exten="*8", calls=True)
    stage.dial_ends("b", "CANCEL")
    stage.cue(events.PickedUp, "c", target=stage.views["b"])
    stage.enter("x", "c", "a")
    stage.hang_up("b", "a", "c")
    assert stage.kinds() == [("ring", "answered"), ("talk", None)]
    assert stage.offers() == [("101", 1, "elsewhere"), ("102", 1, "answered")]


def test_a_parked_customer_who_talks_already_was_retrieved(stage: Any) -> None:
    entered(stage)
    stage.leave("x", "a")
    stage.cue(events.Parked, "a")
    stage.hang_up("b")
    stage.wait(5)
    stage.begin("c", "PJSIP/103", exten="701", calls=True)
    stage.enter("y", "c", "a")
    assert stage.kinds()[-2:] == [("parked", "retrieved"), ("talk", None)]
    stage.cue(events.Unparked, "a", retriever=stage.views["c"], why="retrieved")
    stage.hang_up("a", "c")
    assert stage.impossible == []
