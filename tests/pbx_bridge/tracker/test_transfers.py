"""Who transferred whom, who lost the call by it, and who only listened."""

from typing import Any

import pytest

from pbx_bridge import events


def talk(stage: Any) -> None:
    """A customer (a) talks with 101 (b) for five seconds."""
    stage.inbound("101")
    stage.begin("b", "PJSIP/101", call="a")
    stage.dial("b", "a")
    stage.answer("b")
    stage.enter("x", "b", "a")
    stage.wait(5)


def hand_over(stage: Any, *others: str, given: str | None = "a") -> None:
    """101 (b) transfers."""
    view = stage.views
    stage.cue(
        events.HandedOver,
        "b",
        given=view[given] if given else None,
        others=tuple(view[other] for other in others),
    )


def ring(stage: Any, leg: str = "c", phone: str = "PJSIP/103") -> None:
    """The customer has another phone ring, for three seconds."""
    stage.begin(leg, phone, call="a")
    stage.dial(leg, "a")
    stage.wait(3)


def reasons(stage: Any) -> list[str | None]:
    """How the talks ended."""
    return [s.exit_reason for s in stage.call.segments if s.kind == "talk"]


def test_a_transfer_that_nobody_answers_is_lost_by_who_made_it(stage: Any) -> None:
    talk(stage)
    hand_over(stage)
    stage.leave("x", "a", "b")
    stage.hang_up("b")
    ring(stage)
    stage.dial_ends("c", "NOANSWER")
    stage.hang_up("c", "a")
    assert reasons(stage) == ["lost_in_transfer"]
    (talked,) = [s for s in stage.call.segments if s.kind == "talk"]
    assert [party.extension for party in talked.parties] == [None, "101"]
    assert stage.offers() == [("101", 1, "answered"), ("103", 1, "missed")]


def test_a_transfer_that_is_answered_is_lost_by_nobody(stage: Any) -> None:
    talk(stage)
    hand_over(stage)
    stage.leave("x", "a", "b")
    stage.hang_up("b")
    ring(stage)
    stage.answer("c")
    stage.enter("y", "c", "a")
    stage.wait(5)
    stage.hang_up("c", "a")
    assert reasons(stage) == ["transferred", None]
    assert stage.call.extension == "103"


def test_the_last_who_transferred_has_lost_it(stage: Any) -> None:
    talk(stage)
    hand_over(stage)
    stage.leave("x", "a", "b")
    ring(stage)
    stage.answer("c")
    stage.enter("y", "c", "a")
    stage.wait(5)
    stage.cue(events.HandedOver, "c", given=stage.views["a"])
    stage.hang_up("b", "c", "a")
    assert reasons(stage) == ["transferred", "lost_in_transfer"]


def test_a_call_that_goes_on_after_all_was_not_lost(stage: Any) -> None:
    talk(stage)
    hand_over(stage)
    stage.hang_up("b", "a")
    assert reasons(stage) == ["lost_in_transfer"]
    stage.begin("c", "PJSIP/103", call="a")
    stage.begin("d", call="a")
    stage.enter("z", "c", "d")
    stage.hang_up("c", "d")
    stage.feed(events.LegsTied(at=stage.now, legs=(stage.views["a"], stage.views["c"])))
    assert stage.call.ended_at is not None


def test_a_customer_who_is_parked_was_not_transferred(stage: Any) -> None:
    talk(stage)
    stage.cue(events.Parked, "a")
    hand_over(stage)
    stage.leave("x", "a", "b")
    stage.hang_up("b", "a")
    assert reasons(stage) == ["parked"]


def test_with_more_than_two_the_transfer_names_nobody(stage: Any) -> None:
    talk(stage)
    hand_over(stage, given=None)
    assert reasons(stage) == ["transferred"]
    assert stage.impossible == []


def test_a_transfer_ties_calls_that_nothing_else_tied(stage: Any) -> None:
    talk(stage)
    stage.begin("c", "PJSIP/101", number="101", exten="103", calls=True)
    stage.begin("d", "PJSIP/103", call="c")
    stage.dial("d", "c")
    view = stage.views
    gone = events.LegView(uniqueid="nobody")
    stage.cue(events.HandedOver, "b", given=view["a"], others=(view["c"], view["d"], gone))
    assert len(stage.joins) == 1
    assert stage.call.number == "+442071234567"


def test_a_transfer_by_somebody_unknown_is_impossible(stage: Any) -> None:
    stage.inbound()
    stage.views["b"] = events.LegView(uniqueid="b")
    hand_over(stage)
    assert stage.impossible == ["the leg that transfers is not known"]


def test_a_transfer_before_any_talk_ends_none(stage: Any) -> None:
    stage.inbound("101")
    stage.begin("b", "PJSIP/101", call="a")
    stage.dial("b", "a")
    hand_over(stage)
    stage.hang_up("a", "b")
    hand_over(stage)
    assert reasons(stage) == []


def test_who_was_given_to_a_ringing_phone_hears_it_ring(stage: Any) -> None:
    talk(stage)
    stage.begin("c", "PJSIP/103", call="a")
    stage.dial("c", "b")
    hand_over(stage, "c")
    assert stage.kinds()[-1] == ("talk", "transferred")
    stage.leave("x", "a", "b")
    assert stage.kinds()[-1] == ("ring", None)
    stage.hang_up("b")
    stage.answer("c")
    stage.enter("y", "c", "a")
    assert stage.kinds()[-2:] == [("ring", "answered"), ("talk", None)]


def test_a_ring_that_began_before_the_transfer_was_told_is_one(stage: Any) -> None:
    talk(stage)
    stage.leave("x", "a", "b")
    ring(stage)
    hand_over(stage)
    stage.hang_up("a")
    assert [kind for kind, _ in stage.kinds()] == ["ring", "talk", "ring"]


@pytest.mark.parametrize("left", [True, False])
def test_a_phone_that_is_called_back_gets_its_customer_again(stage: Any, left: bool) -> None:
    talk(stage)
    hand_over(stage)
    if left:
        stage.leave("x", "b")
    stage.begin("r", "PJSIP/101")
    stage.dial("r")
    rang = stage.pops[-1] == "101 rings" and len(stage.joins) == 1
    assert rang is left


def test_who_listens_is_no_party(stage: Any) -> None:
    talk(stage)
    stage.begin("s", "PJSIP/105", number="105", exten="*22101", calls=True)
    stage.cue(events.Listened, "s")
    assert stage.cue(events.Listened, "s") == ()
    stage.wait(3)
    stage.cue(events.Unlistened, "s")
    stage.hang_up("b", "a", "s")
    by_number = {end.call.number: end.call for end in stage.ends}
    assert [s.kind for s in by_number["105"].segments] == ["application"]
    assert by_number["105"].offers == ()
    assert "105" not in {leg.extension for leg in by_number["+442071234567"].legs}


def test_listening_without_a_leg_is_impossible(stage: Any) -> None:
    talk(stage)
    stage.cue(events.Unlistened, "b")
    stage.hang_up("b")
    stage.cue(events.Listened, "b")
    assert stage.impossible == ["the leg does not listen", "a leg that is gone"]


def test_a_callback_is_a_call_to_the_customer(stage: Any) -> None:
    stage.local("one", "two", call="one")
    stage.begin("b", "PJSIP/101", call="one", number="101")
    stage.dial("b", "two")
    stage.answer("b")
    stage.enter("y", "b", "two")
    stage.begin("t", call="one")
    stage.dial("t", "one", "+442071234567")
    stage.answer("t")
    stage.enter("x", "t", "one")
    stage.wait(5)
    stage.hang_up("t", "one", "two", "b")
    assert (stage.call.direction, stage.call.number) == ("outbound", "+442071234567")
    assert stage.offers() == [("101", 1, "answered")]
    assert stage.call.offers[0].outgoing
    assert stage.call.talk_seconds == 5


def test_who_picks_up_may_end_the_dial_before_the_pickup_is_told(stage: Any) -> None:
    stage.inbound("101")
    stage.begin("b", "PJSIP/101", call="a")
    stage.dial("b", "a")
    stage.begin("c", "PJSIP/102", number="102", exten="*8", calls=True)
    stage.cue(events.DialEnded, "c", dialler=stage.views["a"], status="ANSWER")
    stage.cue(events.PickedUp, "c", target=stage.views["b"])
    stage.enter("x", "c", "a")
    stage.hang_up("b", "a", "c")
    assert stage.offers() == [("101", 1, "elsewhere"), ("102", 1, "answered")]
    assert stage.kinds() == [("ring", "answered"), ("talk", None)]
    assert stage.impossible == []
