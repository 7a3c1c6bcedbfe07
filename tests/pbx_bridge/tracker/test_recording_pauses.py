"""Times in which recordings hold silence: only what the PBX says of recordings that run."""

from typing import Any

import pytest

from pbx_bridge import events
from pbx_bridge.ami.message import Message
from pbx_bridge.call import PauseEnd
from pbx_bridge.events.talks import BOTH_WAYS
from pbx_bridge.journal import effects as told_effects
from pbx_bridge.recorders import mutes_all, tells_mutes
from pbx_bridge.translate import translate

READ, WRITE = frozenset({"read"}), frozenset({"write"})


def record(stage: Any, path: str = "/one.wav", leg: str = "a") -> None:
    stage.cue(events.RecordingNamed, leg, path=path)
    stage.cue(events.RecordingStarted, leg)
    stage.wait(5)


def mute(
    stage: Any, ways: frozenset[str] = BOTH_WAYS, *, muted: bool = True, leg: str = "a"
) -> Any:
    return stage.cue(events.RecordingMuted, leg, ways=ways, muted=muted)


def spans(stage: Any) -> list[list[tuple[float, float | None, PauseEnd | None]]]:
    return [
        [
            (
                (p.started_at - file.started_at).total_seconds(),
                p.ended_at and (p.ended_at - file.started_at).total_seconds(),
                p.end,
            )
            for p in file.pauses
        ]
        for file in stage.call.recordings
    ]


def test_a_recording_is_paused_and_goes_on_as_the_pbx_says(stage: Any) -> None:
    stage.inbound()
    record(stage)
    mute(stage)
    assert stage.call.recordings[0].pause is not None
    stage.wait(3)
    mute(stage)  # told again it is the same pause
    stage.wait(1)
    mute(stage, muted=False)
    mute(stage, muted=False)
    assert spans(stage) == [[(5, 9, PauseEnd.RESUMED)]]
    stage.wait(2)
    mute(stage)
    stage.wait(1)
    stage.hang_up("a")
    assert spans(stage) == [[(5, 9, PauseEnd.RESUMED), (11, 12, PauseEnd.OVER)]]
    assert stage.impossible == []


def test_one_way_alone_is_no_pause(stage: Any) -> None:
    stage.inbound()
    record(stage)
    mute(stage, READ)
    assert spans(stage) == [[]]
    stage.wait(1)
    mute(stage, WRITE)
    stage.wait(1)
    mute(stage, READ, muted=False)
    assert spans(stage) == [[(6, 7, PauseEnd.RESUMED)]]


def test_a_recording_that_begins_in_a_pause_is_not_paused(stage: Any) -> None:
    stage.feed(events.PbxKnown(at=stage.now, asterisk="22.10.1"))
    stage.inbound()
    record(stage)
    mute(stage)
    record(stage, "/two.wav")
    first, second = stage.call.recordings
    assert first.pause is not None
    assert second.pause is None
    mute(stage)
    assert spans(stage) == [[(5, None, None)], [(5, None, None)]]
    stage.wait(1)
    stage.cue(events.RecordingStopped, "a")
    assert spans(stage)[0] == [(5, 11, PauseEnd.OVER)]
    assert spans(stage)[1] == [(5, None, None)]


def test_an_old_asterisk_silences_only_the_first_of_several(stage: Any) -> None:
    stage.feed(events.PbxKnown(at=stage.now, asterisk="16.28.0"))
    stage.inbound()
    record(stage)
    record(stage, "/two.wav")
    mute(stage)
    mute(stage)
    first, second = stage.call.recordings
    assert (first.pause is not None, second.pause) == (True, None)


@pytest.mark.parametrize(
    ("asterisk", "is_so"),
    [
        *[(version, False) for version in ("16.28.0", "18.17.1", "19.8.1", "20.2.1", "", "GIT")],
        *[(version, True) for version in ("18.18.0", "20.3.0", "21.0.2", "22.10.1", "23.0.0")],
        ("certified/18.9-cert5", False),
    ],
)
def test_which_asterisk_silences_all_recordings_of_a_channel(asterisk: str, is_so: bool) -> None:
    assert mutes_all(asterisk) is is_so


@pytest.mark.parametrize(
    ("asterisk", "is_so"),
    [("16.16.2", False), ("16.17.0", True), ("17.9.4", False), ("18.2.2", False), ("22.1.0", True)],
)
def test_which_asterisk_tells_of_pauses(asterisk: str, is_so: bool) -> None:
    assert tells_mutes(asterisk) is is_so


def test_a_pause_of_what_is_not_recorded_is_impossible(stage: Any) -> None:
    stage.inbound()
    mute(stage)
    stage.cue(events.RecordingNamed, "a", path="/one.wav")
    mute(stage)
    assert stage.impossible == ["no recording of this leg runs"] * 2


def test_what_a_pause_made_of_the_call_is_said(stage: Any) -> None:
    stage.inbound()
    record(stage)
    before = stage.call
    mute(stage)
    paused = stage.call
    stage.wait(1)
    mute(stage, muted=False)
    said = [
        str(effect.what.text)
        for pair in ((before, paused), (paused, stage.call))
        for effect in told_effects.effects(*pair)
    ]
    assert said == [told_effects.PAUSED, told_effects.RESUMED]


@pytest.mark.parametrize(
    ("direction", "ways"),
    [("both", BOTH_WAYS), ("read", READ), ("write", WRITE), ("sideways", None), ("", None)],
)
def test_each_direction_is_told(direction: str, ways: frozenset[str] | None) -> None:
    raw = (
        "Event: MixMonitorMute\r\nPrivilege: call,all\r\nTimestamp: 1795903530.973486\r\n"
        "Channel: PJSIP/anonymous-00000000\r\nUniqueid: 1795903529.0\r\nLinkedid: 1795903529.0\r\n"
        f"Direction: {direction}\r\nState: 1"
    )
    event = translate(Message(raw.encode(), 0.0))
    if ways is None:
        assert event is None
        return
    assert isinstance(event, events.RecordingMuted)
    assert (event.ways, event.muted, event.leg.uniqueid) == (ways, True, "1795903529.0")
