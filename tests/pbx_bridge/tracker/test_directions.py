"""Who began a call, who the other side is, and what was dialled."""

from typing import Any

import pytest

from pbx_bridge import events


def reach(stage: Any, exten: str, leg: str = "a", application: str = "NoOp") -> None:
    stage.cue(events.DialplanReached, leg, exten=exten, application=application)


def phone_calls(stage: Any, exten: str) -> None:
    stage.begin("a", "PJSIP/101", number="101", exten=exten, calls=True)
    reach(stage, exten)


def test_a_caller_from_outside_is_the_other_side(stage: Any) -> None:
    stage.inbound("4000")
    call = stage.call
    assert (call.direction, call.number, call.dialled) == ("inbound", "+442071234567", "4000")


def test_a_number_put_right_by_the_dialplan_is_the_call_s_number(stage: Any) -> None:
    stage.inbound("4000", number="02071234567")
    view = stage.views["a"]
    stage.views["a"] = events.LegView(
        uniqueid="a", linkedid="a", channel=view.channel, number="+442071234567", name="Zoë"
    )
    stage.cue(events.LegChanged, "a")
    assert (stage.call.number, stage.call.name) == ("+442071234567", "Zoë")


def test_a_number_that_changes_during_the_talk_is_not_the_customer_s(stage: Any) -> None:
    stage.inbound("101")
    stage.begin("b", "PJSIP/101", call="a")
    stage.enter("x", "a", "b")
    view = stage.views["a"]
    stage.views["a"] = events.LegView(
        uniqueid="a", linkedid="a", channel=view.channel, number="103"
    )
    stage.cue(events.LegChanged, "a")
    assert stage.call.number == "+442071234567"


def test_an_outgoing_call_has_its_card_as_soon_as_the_number_is_known(stage: Any) -> None:
    phone_calls(stage, "02071234567")
    assert stage.pops == ["101 rings"]
    (offer,) = stage.call.offers
    assert offer.outgoing
    assert (stage.call.direction, stage.call.number) == ("outbound", "02071234567")


def test_the_number_that_goes_to_the_trunk_is_the_customer_s(stage: Any) -> None:
    phone_calls(stage, "902071234567")
    stage.begin("t", call="a")
    stage.dial("t", "a", dialled="+442071234567")
    assert (stage.call.number, stage.call.dialled) == ("+442071234567", "902071234567")
    assert stage.pops == ["101 rings"]


def test_a_short_number_is_outgoing_once_a_trunk_is_dialled(stage: Any) -> None:
    phone_calls(stage, "112")
    assert stage.pops == []
    stage.begin("t", call="a")
    stage.dial("t", "a")
    assert stage.pops == ["101 rings"]
    assert (stage.call.direction, stage.call.number) == ("outbound", "112")


def test_an_outgoing_call_is_answered_when_the_far_end_is_bridged(stage: Any) -> None:
    phone_calls(stage, "02071234567")
    stage.begin("t", call="a")
    stage.dial("t", "a")
    stage.cue(events.LegChanged, "a", up=True)
    assert stage.call.answered_at is None
    stage.answer("t")
    stage.enter("x", "t", "a")
    assert stage.pops == ["101 rings", "101 answers"]
    assert stage.call.answered_at == stage.now
    assert stage.call.extension == "101"


def test_an_expert_outside_is_consulted_and_is_not_the_customer(stage: Any) -> None:
    phone_calls(stage, "02071234567")
    for leg, bridge in (("t", "x"), ("u", "y")):
        stage.begin(leg, call="a")
        stage.dial(leg, "a")
        stage.answer(leg)
        stage.enter(bridge, leg, "a")
    kinds = [segment.kind for segment in stage.call.segments]
    assert kinds == ["ring", "talk", "consult"]
    assert stage.call.number == "02071234567"


def test_an_outgoing_call_that_nobody_takes_is_no_miss_of_the_agent(stage: Any) -> None:
    phone_calls(stage, "02071234567")
    stage.begin("t", call="a")
    stage.dial("t", "a")
    stage.dial_ends("t", "NOANSWER")
    stage.hang_up("t", "a")
    assert stage.offers() == [("101", 1, "cancelled")]
    assert stage.call.result == "no_answer"


def test_a_second_trunk_is_tried_for_the_same_card(stage: Any) -> None:
    phone_calls(stage, "02071234567")
    for leg in ("t", "u"):
        stage.begin(leg, call="a")
        stage.dial(leg, "a")
        if leg == "t":
            stage.dial_ends(leg, "CONGESTION")
    stage.answer("u")
    stage.enter("x", "a", "u")
    assert stage.pops == ["101 rings", "101 answers"]


@pytest.mark.parametrize("exten", ["103", "*97", "4000", "s", ""])
def test_a_call_inside_gives_its_caller_no_card(stage: Any, exten: str) -> None:
    phone_calls(stage, exten)
    assert stage.pops == []
    assert stage.call.direction == "internal"


def test_a_long_number_that_rings_inside_was_no_outgoing_call(stage: Any) -> None:
    phone_calls(stage, "400000")
    assert stage.pops == ["101 rings"]
    stage.begin("b", "PJSIP/103", call="a")
    stage.dial("b", "a")
    assert stage.pops == ["101 rings", "101 ends", "103 rings"]
    assert (stage.call.direction, stage.call.number) == ("internal", "101")


def test_a_colleague_who_is_rung_beside_a_trunk_makes_the_call_no_internal_one(stage: Any) -> None:
    phone_calls(stage, "02071234567")
    for leg, interface in (("t", "PJSIP/trunk"), ("b", "PJSIP/103")):
        stage.begin(leg, interface, call="a")
        stage.dial(leg, "a")
    assert stage.call.direction == "outbound"


def test_an_internal_call_is_offered_to_the_called_phone_as_the_caller_s(stage: Any) -> None:
    phone_calls(stage, "103")
    stage.begin("b", "PJSIP/103", call="a", number="103")
    stage.dial("b", "a")
    stage.answer("b")
    stage.enter("x", "b", "a")
    assert stage.pops == ["103 rings", "103 answers"]
    call = stage.call
    assert (call.direction, call.number, call.dialled) == ("internal", "101", "103")
    assert [segment.kind for segment in call.segments] == ["ring", "talk"]


def test_a_trunk_that_an_answered_internal_call_dials_makes_it_no_outgoing_one(stage: Any) -> None:
    phone_calls(stage, "103")
    stage.begin("b", "PJSIP/103", call="a")
    stage.dial("b", "a")
    stage.enter("x", "b", "a")
    stage.begin("t", call="a")
    stage.dial("t", "a")
    assert stage.call.direction == "internal"


def test_an_internal_caller_who_gives_up_has_cancelled(stage: Any) -> None:
    phone_calls(stage, "103")
    stage.begin("b", "PJSIP/103", call="a")
    stage.dial("b", "a")
    stage.dial_ends("b", "CANCEL")
    stage.hang_up("b", "a")
    assert stage.call.result == "cancelled"


def test_a_click_to_call_rings_the_agent_without_a_pop(stage: Any) -> None:
    stage.begin("a", "PJSIP/101", number="+442071234567")
    stage.dial("a")
    assert stage.pops == []
    stage.answer("a")
    reach(stage, "+442071234567", application="Dial")
    assert stage.pops == ["101 rings"]
    (offer,) = stage.call.offers
    assert offer.outgoing
    assert stage.call.number == "+442071234567"


def test_an_agent_who_never_picks_up_a_click_to_call_is_no_customer_s_attempt(stage: Any) -> None:
    stage.begin("a", "PJSIP/101", number="+442071234567")
    stage.dial("a")
    stage.dial_ends("a", "NOANSWER")
    stage.hang_up("a")
    assert stage.pops == []
    assert stage.call.result == "no_answer"


def test_a_local_channel_never_is_a_party(stage: Any) -> None:
    stage.local("l1", "l2", call="l1")
    stage.begin("a", "PJSIP/101", call="l1")
    stage.dial("a", "l2")
    stage.answer("a")
    stage.enter("x", "a", "l2")
    assert stage.call.answered_at is None
    stage.begin("t", call="l1")
    stage.dial("t", "l1")
    stage.enter("y", "l1", "t")
    assert stage.call.answered_at is not None
    assert [party.leg for party in stage.call.segments[-1].parties] == [
        leg.id for leg in stage.call.legs if not leg.channel.startswith("Local/")
    ]


def test_a_call_forwarded_to_a_mobile_is_spoken_to(stage: Any) -> None:
    stage.inbound("101")
    stage.begin("m", call="a")
    stage.dial("m", "a", dialled="+447700900000")
    stage.answer("m")
    stage.enter("x", "a", "m")
    assert (stage.call.direction, stage.call.state) == ("inbound", "talking")
    assert stage.call.offers == ()


def test_phones_that_are_told_later_hold_for_later_legs(stage: Any) -> None:
    stage.begin("a", "SIP/cisco", calls=True)
    stage.feed(events.PhonesKnown(at=stage.now, phones={"SIP/cisco": "200"}))
    stage.begin("b", "SIP/cisco", calls=True)
    extensions = [leg.extension for call in stage.tracker.calls.values() for leg in call.legs]
    assert extensions == [None, "200"]
