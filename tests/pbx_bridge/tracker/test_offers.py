"""Who is shown a ringing call, and when it is taken away."""

from typing import Any

import pytest

from pbx_bridge import events
from pbx_bridge.call import OfferEnd
from pbx_bridge.changes import CallChanged, OfferAnswered, OfferBegan, OfferEnded


def ring_two(stage: Any, *, queue: str = "sales") -> None:
    stage.inbound()
    stage.cue(events.QueueJoined, "a", queue=queue)
    for leg, phone in (("b", "PJSIP/101"), ("c", "PJSIP/102")):
        stage.begin(leg, phone, call="a")
        stage.offer(queue, leg)


def test_a_ringing_phone_is_offered_the_call_with_its_queue(stage: Any) -> None:
    ring_two(stage)
    (first, second) = stage.of(OfferBegan)
    assert (first.offer.extension, second.offer.extension) == ("101", "102")
    assert first.offer.queue == "sales"
    assert first.call.number == "+442071234567"


def test_a_pop_comes_before_the_change_of_its_call(stage: Any) -> None:
    ring_two(stage)
    kinds = [
        type(change) for change in stage.changes if isinstance(change, OfferBegan | CallChanged)
    ]
    assert kinds[kinds.index(OfferBegan) + 1] is CallChanged


def test_the_loser_of_a_ringall_is_not_missed_when_its_cancel_comes_first(stage: Any) -> None:
    ring_two(stage)
    stage.cue(events.LegChanged, "b", up=True)
    stage.dial_ends("c", "CANCEL")
    stage.dial_ends("b", "ANSWER")
    stage.hang_up("c", cause=26)
    stage.enter("x", "b", "a")
    assert stage.offers() == [("101", 1, "answered"), ("102", 1, "elsewhere")]


def test_a_cancel_of_unknown_reason_is_put_right_by_the_hang_up_cause(stage: Any) -> None:
    ring_two(stage)
    stage.dial_ends("c", "CANCEL")
    assert stage.offers()[1] == ("102", 1, "cancelled")
    stage.hang_up("c", cause=26)
    assert stage.offers()[1] == ("102", 1, "elsewhere")
    assert stage.pops.count("102 ends") == 1


def test_a_refusal_told_after_a_cancel_is_a_miss(stage: Any) -> None:
    ring_two(stage)
    stage.dial_ends("c", "CANCEL")
    stage.cue(
        events.AgentRefused, "c", caller=stage.views["a"], queue="sales", interface="", member=""
    )
    assert stage.offers()[1] == ("102", 1, "missed")


@pytest.mark.parametrize(
    ("status", "end"),
    [
        ("NOANSWER", "missed"),
        ("BUSY", "missed"),
        ("CHANUNAVAIL", "missed"),
        ("CANCEL", "cancelled"),
        ("CONGESTION", "cancelled"),
        ("ABORT", "cancelled"),
    ],
)
def test_only_a_phone_that_rang_out_has_missed(stage: Any, status: str, end: str) -> None:
    ring_two(stage)
    stage.dial_ends("c", status)
    assert stage.offers()[1] == ("102", 1, end)


@pytest.mark.parametrize(
    ("cause", "end"),
    [
        (16, "cancelled"),
        (None, "cancelled"),
        (17, "missed"),
        (19, "missed"),
        (20, "missed"),
        (26, "elsewhere"),
    ],
)
def test_a_hang_up_without_the_end_of_the_dial_tells_by_its_cause(
    stage: Any, cause: int | None, end: str
) -> None:
    ring_two(stage)
    stage.hang_up("c", cause=cause)
    assert stage.offers()[1] == ("102", 1, end)


def test_two_contacts_of_one_phone_are_one_offer(stage: Any) -> None:
    stage.inbound("101")
    stage.begin("b", "PJSIP/101", call="a")
    stage.dial("b", "a")
    stage.begin("c", "SIP/101-desk", call="a")
    stage.dial("c", "a")
    assert stage.pops == ["101 rings"]
    stage.dial_ends("b", "BUSY")
    assert stage.pops == ["101 rings"]
    stage.answer("c")
    stage.enter("x", "a", "c")
    assert stage.pops == ["101 rings", "101 answers"]
    assert stage.offers() == [("101", 1, "answered")]
    assert len(stage.call.offers[0].legs) == 2


def test_the_last_contact_to_stop_ends_the_offer(stage: Any) -> None:
    stage.inbound("101")
    for leg in "bc":
        stage.begin(leg, "PJSIP/101", call="a")
        stage.dial(leg, "a")
    stage.dial_ends("b", "CHANUNAVAIL")
    stage.dial_ends("c", "NOANSWER")
    assert stage.pops == ["101 rings", "101 ends"]
    assert stage.offers() == [("101", 1, "missed")]


def test_each_time_it_rings_is_an_attempt_of_its_own(stage: Any) -> None:
    stage.inbound()
    stage.cue(events.QueueJoined, "a", queue="sales")
    for leg in "bcd":
        stage.begin(leg, "PJSIP/101", call="a")
        stage.offer("sales", leg)
        stage.wait(3)
        stage.dial_ends(leg, "NOANSWER")
        stage.hang_up(leg, cause=0)
    assert stage.offers() == [("101", n, "missed") for n in (1, 2, 3)]
    assert len({offer.id for offer in stage.call.offers}) == 3


def test_a_member_behind_a_local_channel_is_offered_once_at_the_real_phone(stage: Any) -> None:
    stage.inbound()
    stage.cue(events.QueueJoined, "a", queue="sales")
    stage.local("l1", "l2", call="a")
    stage.offer("sales", "l1", interface="Local/101@from-queue/n")
    assert stage.pops == []
    stage.begin("b", "PJSIP/101", call="a")
    stage.dial("b", "l2")
    assert stage.pops == ["101 rings"]
    assert stage.call.offers[0].queue == "sales"
    stage.answer("b")
    stage.enter("y", "b", "l2")
    stage.enter("x", "l1", "a")
    assert stage.pops == ["101 rings", "101 answers"]
    assert stage.call.extension == "101"


def test_losers_behind_local_channels_are_answered_elsewhere(stage: Any) -> None:
    stage.inbound()
    stage.cue(events.QueueJoined, "a", queue="sales")
    for one, two, leg, phone in (("l1", "l2", "b", "101"), ("m1", "m2", "c", "102")):
        stage.local(one, two, call="a")
        stage.offer("sales", one)
        stage.begin(leg, f"PJSIP/{phone}", call="a")
        stage.dial(leg, two)
    stage.answer("b")
    stage.answer("l1")
    stage.dial_ends("m1", "CANCEL")
    stage.dial_ends("c", "CANCEL")
    assert stage.offers()[1] == ("102", 1, "elsewhere")


def test_a_pickup_takes_the_pop_to_the_one_who_picked_up(stage: Any) -> None:
    stage.inbound("101")
    stage.begin("b", "PJSIP/101", call="a")
    stage.dial("b", "a")
    stage.begin("p", "PJSIP/105", number="105", exten="*8", calls=True)
    stage.cue(events.PickedUp, "p", target=stage.views["b"])
    stage.hang_up("b", cause=26)
    stage.enter("x", "p", "a")
    assert stage.offers() == [("101", 1, "elsewhere"), ("105", 1, "answered")]
    assert stage.pops[-2:] == ["105 rings", "105 answers"]
    assert stage.call.extension == "105"
    assert stage.call.number == "+442071234567"


def test_an_agent_who_goes_on_at_another_device_gets_no_second_card(stage: Any) -> None:
    stage.inbound("101")
    stage.begin("b", "PJSIP/101", call="a")
    stage.dial("b", "a")
    stage.answer("b")
    stage.enter("x", "a", "b")
    stage.begin("c", "SIP/101-desk", call="a")
    stage.enter("x", "c", swap="b")
    assert stage.pops == ["101 rings", "101 answers"]
    assert len(stage.call.offers[0].legs) == 2


def test_an_answer_that_follows_a_wrong_end_is_believed(stage: Any) -> None:
    stage.inbound("101")
    stage.begin("b", "PJSIP/101", call="a")
    stage.dial("b", "a")
    stage.dial_ends("b", "CANCEL")
    stage.enter("x", "a", "b")
    assert stage.offers() == [("101", 1, "answered")]
    assert [type(c) for c in stage.of(OfferAnswered, OfferEnded)] == [OfferEnded, OfferAnswered]


def test_a_dial_of_a_leg_that_is_gone_rings_nowhere(stage: Any) -> None:
    stage.inbound("101")
    stage.begin("b", "PJSIP/101", call="a")
    stage.hang_up("b")
    stage.dial("b", "a")
    stage.dial_ends("a", "CANCEL")
    assert stage.pops == []
    assert stage.impossible == ["no dial of this leg is known"]


def test_local_channels_that_dial_each_other_in_a_ring_do_no_harm(stage: Any) -> None:
    stage.inbound()
    stage.local("l1", "l2", call="a")
    stage.dial("l1", "l2")
    stage.begin("b", "PJSIP/101", call="a")
    stage.dial("b", "l2")
    stage.dial_ends("b", "CANCEL")
    assert stage.offers() == [("101", 1, "cancelled")]


def test_a_call_that_is_told_twice_pops_once(stage: Any) -> None:
    ring_two(stage)
    assert stage.dial("b", "a") == ()
    assert stage.pops == ["101 rings", "102 rings"]
    assert stage.call.offers[0].end is None
    assert OfferEnd.MISSED not in {offer.end for offer in stage.call.offers}
