"""Which legs make one call, and what becomes of two calls that were one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from pbx_bridge import events
from pbx_bridge.changes import CallChanged, CallsJoined
from pbx_bridge.ids import derived_uuid7


def answered(stage: Any) -> None:
    """A customer (a) talks with 101 (b)."""
    stage.inbound("101")
    stage.begin("b", "PJSIP/101", call="a")
    stage.dial("b", "a")
    stage.wait(2)
    stage.answer("b")
    stage.enter("x", "a", "b")
    stage.wait(10)


def consult(stage: Any) -> None:
    """101 calls 103 (c, d) on a second line: a call of its own, as SIP phones do it."""
    stage.cue(events.Held, "b")
    stage.begin("c", "PJSIP/101", number="101", exten="103", calls=True)
    stage.begin("d", "PJSIP/103", call="c")
    stage.dial("d", "c")
    stage.answer("d")
    stage.enter("y", "c", "d")
    stage.wait(5)


def transfer(stage: Any) -> None:
    legs = tuple(stage.views[leg] for leg in "bcad")
    stage.feed(events.LegsTied(at=stage.now, legs=legs))
    stage.leave("y", "c", "d")
    stage.enter("x", "d", swap="b")
    stage.leave("x", "b")
    stage.hang_up("b", "c")
    stage.wait(7)


def test_a_consultation_of_its_own_becomes_part_of_the_customer_s_call(stage: Any) -> None:
    answered(stage)
    consult(stage)
    assert len(stage.tracker.calls) == 2
    transfer(stage)
    stage.hang_up("a", "d")
    call = stage.call
    assert [segment.kind for segment in call.segments] == [
        *("ring", "talk", "hold"),
        *("ring", "consult", "talk"),
    ]
    assert (call.direction, call.number) == ("inbound", "+442071234567")
    assert call.extension == "103"
    assert call.talk_seconds == 15 + 7
    assert call.result == "answered"


def test_the_older_id_stays_and_the_other_still_resolves(stage: Any) -> None:
    answered(stage)
    consult(stage)
    older, younger = stage.tracker.calls
    transfer(stage)
    (join,) = stage.joins
    assert (join.call.id, join.gone) == (older, younger)
    assert list(stage.tracker.calls) == [older]
    assert stage.tracker.call(younger) == stage.tracker.call(older)
    assert stage.call.aliases == (younger,)


def test_the_join_is_told_before_the_change(stage: Any) -> None:
    answered(stage)
    consult(stage)
    transfer(stage)
    kinds = [type(change) for change in stage.changes]
    assert kinds[kinds.index(CallsJoined) + 1] is CallChanged


def test_the_agents_of_both_halves_keep_their_offers(stage: Any) -> None:
    answered(stage)
    consult(stage)
    transfer(stage)
    assert stage.offers() == [("101", 1, "answered"), ("103", 1, "answered")]
    assert stage.pops.count("103 rings") == 1


def test_an_inbound_half_gives_an_older_internal_call_its_nature(stage: Any) -> None:
    stage.begin("c", "PJSIP/101", number="101", exten="103", calls=True)
    stage.begin("d", "PJSIP/103", call="c")
    stage.dial("d", "c")
    stage.enter("y", "c", "d")
    stage.wait(3)
    stage.inbound("101")
    stage.begin("b", "PJSIP/101", call="a")
    stage.dial("b", "a")
    stage.enter("x", "a", "b")
    older = min(stage.tracker.calls)
    transfer(stage)
    assert stage.call.id == older
    assert (stage.call.direction, stage.call.number) == ("inbound", "+442071234567")
    assert stage.offers() == [("103", 1, "answered"), ("101", 1, "answered")]


def test_attempts_are_counted_on_when_calls_are_joined(stage: Any) -> None:
    answered(stage)
    stage.begin("c", "PJSIP/104", number="104", exten="101", calls=True)
    stage.begin("d", "PJSIP/101", call="c")
    stage.dial("d", "c")
    stage.dial_ends("d", "BUSY")
    stage.feed(events.LegsTied(at=stage.now, legs=(stage.views["a"], stage.views["c"])))
    assert stage.offers() == [("101", 1, "answered"), ("101", 2, "missed")]


def test_another_linkedid_of_a_known_leg_joins_the_calls_of_both(stage: Any) -> None:
    answered(stage)
    stage.begin("c", "PJSIP/103", exten="900", calls=True)
    assert len(stage.tracker.calls) == 2
    view = stage.views["c"]
    stage.views["c"] = events.LegView(uniqueid="c", linkedid="a", channel=view.channel)
    stage.cue(events.LegChanged, "c")
    assert len(stage.tracker.calls) == 1
    assert {leg.linkedid for leg in stage.call.legs} == {"a"}


def test_a_linkedid_seen_late_gathers_the_legs_that_come_with_it(stage: Any) -> None:
    stage.begin("c", "PJSIP/103", calls=True)
    view = stage.views["c"]
    stage.views["c"] = events.LegView(uniqueid="c", linkedid="older", channel=view.channel)
    (change,) = stage.cue(events.LegChanged, "c")
    assert change.call.legs[0].linkedid == "older"
    stage.begin("d", "PJSIP/104", call="older")
    assert len(stage.call.legs) == 2


def test_a_shared_bridge_makes_one_call(stage: Any) -> None:
    stage.inbound()
    stage.begin("p", "PJSIP/105", calls=True)
    stage.enter("x", "a", "p")
    assert {leg.uniqueid for leg in stage.call.legs} == {"a", "p"}


def test_a_holding_bridge_makes_none(stage: Any) -> None:
    stage.inbound()
    stage.begin("p", "PJSIP/105", calls=True)
    stage.enter("lot", "a", "p", holding=True)
    assert len(stage.tracker.calls) == 2
    assert stage.impossible == []


def test_merged_bridges_make_one_call(stage: Any) -> None:
    stage.inbound()
    stage.begin("p", "PJSIP/105", calls=True)
    stage.enter("x", "a")
    stage.enter("y", "p")
    stage.feed(events.BridgeMerged(at=stage.now, source="y", target="x"))
    assert len(stage.call.legs) == 2
    stage.feed(events.BridgeMerged(at=stage.now, source="y", target="nowhere"))
    assert stage.impossible == ["a bridge that we never saw"]


def test_a_dial_pair_makes_one_call(stage: Any) -> None:
    stage.inbound("101")
    stage.begin("b", "PJSIP/101")
    stage.dial("b", "a")
    assert len(stage.call.legs) == 2


def test_the_id_of_a_call_comes_from_its_first_leg(new_stage: Callable[[], Any]) -> None:
    one, two = new_stage(), new_stage()
    for stage in (one, two):
        answered(stage)
    assert one.call == two.call
    at = one.call.started_at
    assert one.call.id == derived_uuid7(at, one.call.pbx, "call", "a", at)


def test_a_leg_that_comes_late_reopens_its_call(stage: Any) -> None:
    stage.inbound()
    stage.hang_up("a")
    stage.wait(1)
    stage.begin("b", "PJSIP/101", call="a")
    assert stage.call.ended_at is None
    assert stage.call.result is None
    stage.hang_up("b")
    assert len(stage.ends) == 2


def test_a_linkedid_that_comes_back_much_later_is_another_call(stage: Any) -> None:
    stage.inbound()
    stage.hang_up("a")
    first = stage.call.id
    stage.wait(10)
    stage.begin("b", "PJSIP/101", call="a")
    (second,) = stage.tracker.calls
    stage.wait(119)
    stage.cue(events.LegChanged, "b", up=True)
    assert stage.tracker.call(first) is None
    stage.begin("c", call="a")
    assert list(stage.tracker.calls) == [second]


def test_a_joined_call_is_forgotten_with_its_aliases(stage: Any) -> None:
    answered(stage)
    consult(stage)
    transfer(stage)
    stage.hang_up("a", "d")
    alias = stage.call.aliases[0]
    stage.now += timedelta(minutes=3)
    stage.feed(events.DeviceChanged(at=stage.now, interface="PJSIP/101", state="INUSE"))
    assert stage.tracker.call(alias) is None
    assert not stage.tracker._board.aliases


@pytest.mark.parametrize("known", ["a", "b"])
def test_a_tie_of_fewer_than_two_known_legs_ties_nothing(stage: Any, known: str) -> None:
    stage.inbound()
    stage.views["b"] = events.LegView(uniqueid="nobody")
    legs = (stage.views[known], events.LegView(uniqueid="nobody else"))
    stage.feed(events.LegsTied(at=stage.now, legs=legs))
    assert stage.impossible == ["fewer than two of the legs are known"]
