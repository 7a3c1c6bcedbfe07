"""A call that crosses midnight is one call, though its journal lies in the volumes of two days."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from pbx_bridge.ami.message import Message
from pbx_bridge.journal import Kind, Retelling, retell
from pbx_bridge.tracker import Tracker
from pbx_bridge.translate import translate

PBX = UUID(int=7)
PHONES = {f"PJSIP/{n}": str(n) for n in range(101, 250)}
MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)
STREAMS = sorted((Path(__file__).parents[2] / "streams").glob("*_asterisk_22.ami"))
STAMP = re.compile(rb"Timestamp: ([0-9.]+)")


def around_midnight(stream: Path) -> list[bytes]:
    """The events of a stream, half of them on the day before."""
    raws = [raw for raw in stream.read_bytes().split(b"\r\n\r\n") if raw.startswith(b"Event: ")]
    times = [Message(raw, 0.0).at for raw in raws]
    shift = (MIDNIGHT - times[len(times) // 2]).total_seconds()
    return [STAMP.sub(lambda m: b"Timestamp: %f" % (float(m[1]) + shift), raw) for raw in raws]


@pytest.mark.parametrize("stream", STREAMS, ids=lambda path: path.stem)
def test_a_call_that_crosses_midnight_is_told_from_two_volumes(stream: Path, desk: Any) -> None:
    raws = around_midnight(stream)
    tracker = Tracker(PBX, PHONES)
    journal = desk.journal()
    journal.phones(PHONES)
    journal.note(Kind.UP)
    for raw in raws:
        message = Message(raw, 0.0)
        desk.now = max(desk.now, message.at.timestamp())
        journal.hear(raw)
        event = translate(message)
        if event is not None:
            tracker.feed(event)
    assert journal.close()
    assert len(desk.files()) == 2
    calls = {one.call.id: one.call for one in retell(desk.reader().entries(), Retelling(PBX))}
    assert calls
    assert {call.id: call for call in tracker.told()}.items() <= calls.items()
    began = min(call.started_at for call in calls.values())
    ended = max(call.ended_at for call in calls.values())
    assert began < MIDNIGHT < ended < began + timedelta(hours=1)
