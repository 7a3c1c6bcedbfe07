"""Whether a call is recorded now, and what of it is paused; pure."""

import re
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pbx_bridge.call import Call, RecordingFile, SegmentKind

_VERSION = re.compile(r"(\d+)\.(\d+)")
TOGETHER = frozenset({SegmentKind.TALK, SegmentKind.HOLD})


class Recorder(StrEnum):
    """What is written of a call now; a single recording that holds sound makes it `on`."""

    OFF = "off"
    ON = "on"
    PAUSED = "paused"


def running(call: Call) -> Iterator[RecordingFile]:
    """Give the recordings that are written now."""
    return (recording for recording in call.recordings if recording.runs)


def recorder(call: Call) -> Recorder:
    """Return what is written of the call now."""
    states = [recording.pause is not None for recording in running(call)]
    if not states:
        return Recorder.OFF
    return Recorder.PAUSED if all(states) else Recorder.ON


def channels(call: Call, *, paused: bool) -> dict[UUID, str]:
    """Return the channel of each running recording that is paused, or is not, by recording."""
    names = {leg.id: leg.channel for leg in call.legs}
    return {
        recording.id: names[recording.leg]
        for recording in running(call)
        if (recording.pause is not None) is paused and recording.leg in names
    }


def pauses(call: Call) -> tuple[UUID, ...]:
    """Return the ids of the pauses that last."""
    return tuple(recording.pause.id for recording in running(call) if recording.pause)


def paused_since(call: Call) -> datetime | None:
    """Return since when nothing of the call is recorded, None where something is."""
    if recorder(call) is not Recorder.PAUSED:
        return None
    return max(recording.pause.started_at for recording in running(call) if recording.pause)


def ours_at(call: Call, at: datetime) -> frozenset[str]:
    """Return our extensions that talked with the other side at this moment."""
    return frozenset(
        party.extension
        for segment in call.segments
        if segment.kind in TOGETHER
        and segment.started_at <= at
        and (segment.ended_at is None or segment.ended_at > at)
        for party in segment.parties
        if party.extension
    )


def ours_now(call: Call) -> frozenset[str]:
    """Return our extensions that talk with the other side now."""
    return frozenset(
        party.extension
        for segment in call.segments
        if segment.kind in TOGETHER and segment.ended_at is None
        for party in segment.parties
        if party.extension
    )


def mutes_all(asterisk: str) -> bool:
    """Whether MixMonitorMute is about every recording of a channel (ASTERISK-30464)."""
    version = _version(asterisk)
    return version >= (21, 0) or (20, 3) <= version < (21, 0) or (18, 18) <= version < (19, 0)


def tells_mutes(asterisk: str) -> bool:
    """Whether this version tells by an event that recordings were paused."""
    version = _version(asterisk)
    return version >= (18, 3) or (16, 17) <= version < (17, 0)


def _version(asterisk: str) -> tuple[int, int]:
    found = _VERSION.search(asterisk)
    return (int(found[1]), int(found[2])) if found else (0, 0)
