"""How a caller's time in a queue ends, and what result the call gets."""

from typing import Any

import pytest

from pbx_bridge import events


def wait_in(stage: Any, queue: str = "sales", leg: str = "a") -> None:
    stage.cue(events.QueueJoined, leg, queue=queue)
    stage.wait(10)


def leave(stage: Any, *, abandoned: bool, queue: str = "sales") -> None:
    if abandoned:
        stage.cue(events.QueueAbandoned, "a", queue=queue)
    stage.cue(events.QueueLeft, "a", queue=queue)


def status(stage: Any, value: str) -> None:
    stage.cue(events.VariableSet, "a", variable="QUEUESTATUS", value=value)


def test_a_caller_who_hangs_up_while_waiting_has_abandoned(stage: Any) -> None:
    stage.inbound()
    wait_in(stage)
    leave(stage, abandoned=True)
    stage.hang_up("a")
    assert stage.kinds() == [("queue", "abandoned")]
    assert stage.call.result == "abandoned"
    assert stage.call.wait_seconds == 10


def test_a_hang_up_alone_is_an_abandoned_call_too(stage: Any) -> None:
    stage.inbound()
    wait_in(stage)
    stage.hang_up("a")
    assert stage.kinds() == [("queue", "abandoned")]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (events.QueueAbandoned, events.QueueLeft),
        (events.QueueLeft, events.QueueAbandoned),
    ],
)
def test_the_hang_up_may_outrun_the_news_of_abandoning(
    stage: Any, first: type[events.Event], second: type[events.Event]
) -> None:
    stage.inbound()
    wait_in(stage)
    stage.hang_up("a")
    for told in (first, second):
        stage.cue(told, "a", queue="sales")
    assert stage.kinds() == [("queue", "abandoned")]
    assert stage.call.result == "abandoned"


def test_the_hang_up_may_outrun_the_news_of_a_key(stage: Any) -> None:
    stage.inbound()
    wait_in(stage)
    stage.hang_up("a")
    leave(stage, abandoned=False)
    assert stage.kinds() == [("queue", "key")]


@pytest.mark.parametrize(
    ("value", "reason", "result"),
    [
        ("TIMEOUT", "timeout", "timed_out"),
        ("LEAVEEMPTY", "empty", "timed_out"),
        ("LEAVEUNAVAIL", "unavailable", "timed_out"),
        ("WITHDRAW", "withdrawn", "timed_out"),
        ("CONTINUE", "continue", "abandoned"),
    ],
)
def test_the_queue_s_own_word_decides(stage: Any, value: str, reason: str, result: str) -> None:
    stage.inbound()
    wait_in(stage)
    leave(stage, abandoned=True)
    status(stage, value)
    status(stage, "FULL")
    stage.hang_up("a")
    assert stage.kinds() == [("queue", reason)]
    assert stage.call.result == result


def test_without_the_variable_a_later_hang_up_is_a_timeout(stage: Any) -> None:
    stage.inbound()
    wait_in(stage)
    leave(stage, abandoned=True)
    stage.wait(5)
    stage.hang_up("a")
    assert stage.kinds() == [("queue", "timeout")]


def test_the_dialplan_going_on_unexplained_means_a_key_was_pressed(stage: Any) -> None:
    stage.inbound()
    wait_in(stage)
    leave(stage, abandoned=False)
    stage.cue(events.DialplanReached, "a", exten="5", application="NoOp")
    assert stage.kinds() == [("queue", "key")]


def test_the_hang_up_extension_explains_nothing(stage: Any) -> None:
    stage.inbound()
    wait_in(stage)
    leave(stage, abandoned=True)
    stage.cue(events.DialplanReached, "a", exten="h", application="NoOp")
    stage.hang_up("a")
    assert stage.kinds() == [("queue", "abandoned")]


def test_who_leaves_and_was_not_given_up_has_pressed_a_key(stage: Any) -> None:
    stage.inbound()
    wait_in(stage)
    leave(stage, abandoned=False)
    stage.hang_up("a")
    assert stage.kinds() == [("queue", "key")]


def test_a_second_queue_after_a_timeout_is_the_same_call_with_two_visits(stage: Any) -> None:
    stage.inbound()
    wait_in(stage, "sales")
    leave(stage, abandoned=True)
    status(stage, "TIMEOUT")
    wait_in(stage, "support")
    leave(stage, abandoned=True, queue="support")
    stage.hang_up("a")
    assert stage.kinds() == [("queue", "timeout"), ("queue", "abandoned")]
    assert stage.call.result == "abandoned"
    assert stage.call.queue == "support"


def test_a_full_queue_turns_the_caller_away(stage: Any) -> None:
    stage.inbound()
    status(stage, "FULL")
    stage.hang_up("a")
    assert stage.kinds() == [("queue", "full")]
    assert stage.call.result == "timed_out"


def test_a_status_that_says_nothing_changes_nothing(stage: Any) -> None:
    stage.inbound()
    status(stage, "CONTINUE")
    status(stage, "NEWWORD")
    assert stage.kinds() == []


def test_an_answered_visit_stays_answered_whatever_comes_after(stage: Any) -> None:
    stage.inbound()
    wait_in(stage)
    stage.begin("b", "PJSIP/101", call="a")
    stage.offer("sales", "b")
    stage.answer("b")
    stage.cue(events.QueueLeft, "a", queue="sales")
    stage.cue(
        events.AgentConnected, "b", caller=stage.views["a"], queue="sales", interface="", member=""
    )
    stage.enter("x", "a", "b")
    status(stage, "CONTINUE")
    stage.hang_up("a", "b")
    assert stage.kinds() == [("queue", "answered"), ("talk", None)]


def test_an_agent_for_a_caller_who_never_joined_explains_nothing(stage: Any) -> None:
    stage.inbound()
    stage.begin("b", "PJSIP/101", call="a")
    connected = {"caller": stage.views["a"], "queue": "sales", "interface": "", "member": ""}
    stage.cue(events.AgentConnected, "b", **connected)
    assert stage.kinds() == []


def test_a_local_channel_that_waits_in_a_queue_ends_with_its_call(stage: Any) -> None:
    stage.inbound()
    stage.local("l1", "l2", call="a")
    stage.cue(events.QueueJoined, "l2", queue="callbacks")
    stage.hang_up("a")
    (visit,) = stage.call.segments
    assert visit.ended_at == stage.call.ended_at


def test_joining_the_same_queue_twice_is_one_visit(stage: Any) -> None:
    stage.inbound()
    wait_in(stage)
    wait_in(stage)
    assert stage.kinds() == [("queue", None)]


def test_a_listed_caller_has_waited_since_before_we_asked(stage: Any) -> None:
    stage.inbound()
    stage.wait(60)
    stage.cue(events.QueueListed, "a", queue="sales", seconds=30)
    (visit,) = stage.call.segments
    assert (stage.now - visit.started_at).total_seconds() == 30


def test_leaving_a_queue_that_was_never_joined_is_impossible(stage: Any) -> None:
    stage.inbound()
    leave(stage, abandoned=True)
    assert stage.impossible == ["no visit to a queue is known"] * 2


@pytest.mark.parametrize(
    ("statuses", "result"),
    [
        (["BUSY"], "busy"),
        (["NOANSWER"], "no_answer"),
        (["NOANSWER", "BUSY"], "no_answer"),
        (["CHANUNAVAIL"], "failed"),
        (["CONGESTION"], "failed"),
        (["BUSY", "CANCEL"], "abandoned"),
    ],
)
def test_a_call_to_phones_comes_out_as_its_dials_ended(
    stage: Any, statuses: list[str], result: str
) -> None:
    stage.inbound("101")
    legs = [f"b{n}" for n in range(len(statuses))]
    for n, leg in enumerate(legs):
        stage.begin(leg, f"PJSIP/{101 + n}", call="a")
        stage.dial(leg, "a")
    for leg, ending in zip(legs, statuses, strict=True):
        stage.dial_ends(leg, ending)
    stage.hang_up(*legs, "a")
    assert stage.call.result == result
    assert stage.kinds()[0][0] == "ring"


def test_a_dial_after_the_queue_gave_up_decides(stage: Any) -> None:
    stage.inbound()
    wait_in(stage)
    leave(stage, abandoned=True)
    stage.begin("m", "PJSIP/mobile", call="a")
    stage.dial("m", "a")
    stage.dial_ends("m", "BUSY")
    stage.hang_up("m", "a")
    assert stage.kinds() == [("queue", "timeout"), ("ring", "busy")]
    assert stage.call.result == "busy"


def test_a_caller_who_never_got_further_than_the_menu_has_abandoned(stage: Any) -> None:
    stage.inbound()
    stage.cue(events.DialplanReached, "a", exten="4000", application="BackGround")
    stage.cue(events.DialplanReached, "a", exten="4000", application="WaitExten")
    stage.hang_up("a")
    assert stage.kinds() == [("ivr", None)]
    assert stage.call.result == "abandoned"
