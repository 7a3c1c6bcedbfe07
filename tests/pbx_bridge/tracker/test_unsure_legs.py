"""A leg of which news came, but not that it began: a list tells whether it is there."""

from typing import Any

from pbx_bridge import events


def late_news(stage: Any) -> None:
    """The dialplan of a channel that we never saw begin goes on."""
    stage.views["z"] = events.LegView(
        uniqueid="z", linkedid="z", channel="PJSIP/trunk-z", number="+442071234567", name=""
    )
    stage.cue(events.DialplanReached, "z", application="Playback", exten="4000")


def test_what_only_late_news_tells_of_is_unsure_until_a_list_tells(stage: Any) -> None:
    late_news(stage)
    assert stage.tracker.unsure == {"z"}
    assert len(stage.tracker.calls) == 1
    stage.wait(5)
    stage.feed(events.LegsListed(at=stage.now))
    assert stage.tracker.unsure == frozenset()
    assert not stage.tracker.calls


def test_a_leg_whose_begin_was_told_after_other_news_of_it_is_sure(stage: Any) -> None:
    late_news(stage)
    stage.begin("z", number="+442071234567", exten="4000", calls=True)
    assert stage.tracker.unsure == frozenset()
    [call] = stage.tracker.calls.values()
    assert [leg.uniqueid for leg in call.legs] == ["z"]


def test_a_leg_whose_end_is_told_is_no_question_any_more(stage: Any) -> None:
    late_news(stage)
    stage.hang_up("z")
    assert stage.tracker.unsure == frozenset()
    assert not stage.tracker.calls
