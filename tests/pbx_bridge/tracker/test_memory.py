"""What has ended is remembered for a while of the PBX's time, and no longer."""

from datetime import timedelta
from typing import Any

from pbx_bridge import events


def test_ended_calls_are_forgotten_after_a_while(stage: Any) -> None:
    stage.inbound()
    stage.hang_up("a")
    stage.cue(events.LegEnded, "a")
    gone = stage.call.id
    stage.wait(60)
    stage.cue(events.LegEnded, "a")
    assert stage.tracker.call(gone) is not None
    stage.wait(61)
    stage.feed(events.DeviceChanged(at=stage.now, interface="PJSIP/101", state="INUSE"))
    assert stage.tracker.call(gone) is None
    board = stage.tracker._board
    assert [board.legs, board.stories, board._linkedids] == [{}, {}, {}]
    assert not board._ends


def test_calls_that_are_joined_after_both_ended_are_forgotten_too(stage: Any) -> None:
    stage.inbound()
    stage.begin("p", "PJSIP/105", calls=True)
    stage.hang_up("a", "p")
    stage.feed(events.LegsTied(at=stage.now, legs=(stage.views["a"], stage.views["p"])))
    assert stage.call.ended_at is not None
    stage.now += timedelta(minutes=3)
    stage.feed(events.DeviceChanged(at=stage.now, interface="PJSIP/101", state="INUSE"))
    assert not stage.tracker._board.stories
