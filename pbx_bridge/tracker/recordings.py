"""The files that MixMonitor writes: named on a leg first, begun, paused, ended with it at last."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from pbx_bridge.call import CONSENT_REFUSED, PauseEnd, RecordingFile, RecordingPause
from pbx_bridge.events import (
    ConsentTold,
    PbxKnown,
    RecordingMuted,
    RecordingNamed,
    RecordingStarted,
    RecordingStopped,
)
from pbx_bridge.events.talks import BOTH_WAYS
from pbx_bridge.ids import derived_uuid7
from pbx_bridge.recorders import mutes_all
from pbx_bridge.tracker import faults
from pbx_bridge.tracker.grouping import Switchboard
from pbx_bridge.tracker.stories import LiveLeg


def on_consent_told(board: Switchboard, event: ConsentTold) -> str | None:
    """The dialplan says whether the caller may be recorded; it takes back no refusal."""
    live = board.met(event.leg, event.at)
    if live is None:
        return faults.LEG_GONE
    story, refuses = live.story, event.word == CONSENT_REFUSED
    if refuses or story.consent not in {event.word, CONSENT_REFUSED}:
        story.consent, story.consent_at = event.word, event.at
        story.is_changed = True
    return None


def on_recording_named(board: Switchboard, event: RecordingNamed) -> str | None:
    """A leg will be recorded to a file."""
    live = board.met(event.leg, event.at)
    if live is None or not live.is_alive:
        return faults.LEG_GONE
    story = live.story
    if any(story.recordings[file].path == event.path for file in live.files):
        return None
    parts = (story.pbx, "recording", live.uniqueid, event.path, event.at)
    recording = RecordingFile(id=derived_uuid7(event.at, *parts), leg=live.leg.id, path=event.path)
    story.put_recording(recording)
    live.files.append(recording.id)
    return None


def on_recording_started(board: Switchboard, event: RecordingStarted) -> str | None:
    """The recording that was named last runs."""
    live = board.known(event.leg)
    if live is None:
        return faults.LEG_UNSEEN
    for file in reversed(live.files):
        recording = live.story.recordings[file]
        if recording.started_at is None:
            live.story.put_recording(replace(recording, started_at=event.at))
            return None
    return faults.RECORDING_UNNAMED


def on_recording_stopped(board: Switchboard, event: RecordingStopped) -> str | None:
    """A recording ended; which of several the PBX does not say, so the first one did."""
    live = board.known(event.leg)
    if live is None or not live.files:
        return faults.RECORDING_NOT_RUNNING
    _end(live, live.files.pop(0), event.at)
    return None


def on_pbx_known(board: Switchboard, event: PbxKnown) -> str | None:
    """Old versions silence only the first of several recordings of a channel."""
    board.mutes_all = mutes_all(event.asterisk)
    return None


def on_recording_muted(board: Switchboard, event: RecordingMuted) -> str | None:
    """What records now is paused once both ways are silent; what begins later is not."""
    live = board.known(event.leg)
    if live is None:
        return faults.LEG_UNSEEN
    running = [file for file in live.files if live.story.recordings[file].runs]
    if not running:
        return faults.RECORDING_NOT_RUNNING
    for file in running if board.mutes_all else running[:1]:
        before = live.mutes.get(file, frozenset())
        live.mutes[file] = before | event.ways if event.muted else before - event.ways
        _pause(live, file, event.at)
    return None


def end_all(live: LiveLeg, at: datetime) -> None:
    """The leg is gone, and with it whatever recorded it."""
    while live.files:
        _end(live, live.files.pop(0), at)


def _end(live: LiveLeg, file: UUID, at: datetime) -> None:
    recording = live.story.recordings[file]
    ended_at = max(at, recording.started_at or at)
    live.mutes.pop(file, None)
    recording = _resumed(recording, ended_at, PauseEnd.OVER)
    live.story.put_recording(replace(recording, ended_at=ended_at))


def _pause(live: LiveLeg, file: UUID, at: datetime) -> None:
    """Begin or end the pause of a recording, where that is news."""
    recording = live.story.recordings[file]
    is_silent = live.mutes[file] == BOTH_WAYS
    if is_silent is (recording.pause is not None):
        return
    if is_silent:
        at = max(at, recording.started_at or at)
        key = derived_uuid7(at, live.story.pbx, "pause", recording.id, at)
        pause = RecordingPause(id=key, started_at=at)
        recording = replace(recording, pauses=(*recording.pauses, pause))
    else:
        recording = _resumed(recording, at, PauseEnd.RESUMED)
    live.story.put_recording(recording)


def _resumed(recording: RecordingFile, at: datetime, end: PauseEnd) -> RecordingFile:
    if recording.pause is None:
        return recording
    *earlier, last = recording.pauses
    last = replace(last, ended_at=max(at, last.started_at), end=end)
    return replace(recording, pauses=(*earlier, last))
