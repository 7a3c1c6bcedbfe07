"""The files that MixMonitor writes of a leg."""

from typing import Any

from pbx_bridge import events


def test_a_leg_may_be_recorded_to_several_files(stage: Any) -> None:
    stage.inbound()
    for path in ("/one.wav", "/two.wav"):
        stage.cue(events.RecordingNamed, "a", path=path)
        stage.cue(events.RecordingStarted, "a")
        stage.wait(2)
    assert stage.cue(events.RecordingNamed, "a", path="/two.wav") == ()
    stage.cue(events.RecordingStopped, "a")
    stage.wait(1)
    stage.hang_up("a")
    lengths = [(r.path, (r.ended_at - r.started_at).seconds) for r in stage.call.recordings]
    assert lengths == [("/one.wav", 4), ("/two.wav", 3)]


def test_a_recording_that_nobody_named_is_impossible(stage: Any) -> None:
    stage.inbound()
    stage.cue(events.RecordingStarted, "a")
    stage.cue(events.RecordingStopped, "a")
    assert len(stage.impossible) == 2
    assert stage.call.recordings == ()


def test_a_recording_that_was_named_and_never_began_ends_with_its_leg(stage: Any) -> None:
    stage.inbound()
    stage.cue(events.RecordingNamed, "a", path="/one.wav")
    stage.hang_up("a")
    (recording,) = stage.call.recordings
    assert (recording.started_at, recording.ended_at) == (None, stage.now)


def test_a_start_told_twice_is_one_start(stage: Any) -> None:
    stage.inbound()
    stage.cue(events.RecordingNamed, "a", path="/one.wav")
    stage.cue(events.RecordingStarted, "a")
    stage.wait(1)
    stage.cue(events.RecordingStarted, "a")
    assert stage.impossible == ["no recording of this leg was named"]
    assert stage.call.recordings[0].started_at < stage.now
