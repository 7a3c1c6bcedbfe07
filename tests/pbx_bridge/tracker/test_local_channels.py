"""Local channels are wires: they carry talks, and never talk."""

from typing import Any

from pbx_bridge import events


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


def test_an_optimised_local_channel_interrupts_no_talk(stage: Any) -> None:
    stage.inbound("101")
    stage.local("l1", "l2", call="a")
    stage.dial("l1", "a")
    stage.begin("b", "PJSIP/101", call="a")
    stage.dial("b", "l2")
    stage.enter("y", "b", "l2")
    stage.enter("x", "l1", "a")
    stage.wait(5)
    one, two = stage.views["l1"], stage.views["l2"]
    stage.feed(events.LocalOptimising(at=stage.now, one=one, two=two))
    stage.leave("y", "b")
    stage.leave("x", "l1")
    stage.enter("x", "b", swap="l1")
    stage.feed(events.LocalOptimised(at=stage.now, one=one, two=two))
    stage.leave("y", "l2")
    stage.hang_up("l2", "l1")
    stage.wait(5)
    stage.hang_up("a", "b")
    assert spans(stage, "talk") == [({"a", "b"}, 10)]
    assert stage.offers() == [("101", 1, "answered")]
    assert len(stage.ends) == 1


def test_an_optimisation_whose_end_is_lost_ends_with_the_local_channel(stage: Any) -> None:
    talk(stage)
    stage.local("l1", "l2", call="a")
    one, two = stage.views["l1"], stage.views["l2"]
    stage.feed(events.LocalOptimising(at=stage.now, one=one, two=two))
    stage.wait(5)
    stage.leave("x", "b")
    assert spans(stage, "talk") == [({"a", "b"}, None)]
    stage.hang_up("l1", "l2")
    assert spans(stage, "talk") == [({"a", "b"}, 5)]


def test_a_talk_through_a_local_channel_may_be_known_late(stage: Any) -> None:
    stage.inbound("101")
    stage.begin("b", "PJSIP/101", call="a")
    stage.begin("l1", "Local/x@y", call="a")
    stage.begin("l2", "Local/x@y", call="a")
    stage.enter("y", "b", "l2")
    stage.enter("x", "l1", "a")
    assert stage.call.answered_at is None
    one, two = stage.views["l1"], stage.views["l2"]
    stage.feed(events.LocalBridged(at=stage.now, one=one, two=two))
    assert spans(stage, "talk") == [({"a", "b"}, None)]


def test_a_call_of_wires_alone_ends_with_the_last_of_them(stage: Any) -> None:
    stage.local("l1", "l2", call="l1")
    stage.hang_up("l1")
    assert stage.ends == []
    stage.hang_up("l2")
    assert len(stage.ends) == 1


def test_the_hang_up_of_a_local_channel_ends_no_call(stage: Any) -> None:
    talk(stage)
    stage.local("l1", "l2", call="a")
    stage.hang_up("l1", "l2")
    assert stage.ends == []
    assert spans(stage, "talk") == [({"a", "b"}, None)]


def test_an_optimisation_goes_on_when_its_call_is_joined_with_another(stage: Any) -> None:
    stage.begin("p", "PJSIP/105", calls=True)
    stage.wait(1)
    talk(stage)
    stage.local("l1", "l2", call="a")
    one, two = stage.views["l1"], stage.views["l2"]
    stage.feed(events.LocalOptimising(at=stage.now, one=one, two=two))
    stage.feed(events.LegsTied(at=stage.now, legs=(stage.views["a"], stage.views["p"])))
    stage.leave("x", "b")
    assert spans(stage, "talk") == [({"a", "b"}, None)]
