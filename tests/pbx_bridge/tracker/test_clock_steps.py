"""The PBX's clock steps back in the middle of calls: nothing lasts less than no time."""

import os
import random
import re
from collections.abc import Iterator
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pbx_bridge import events
from pbx_bridge.ami.message import Message
from pbx_bridge.call import Call
from pbx_bridge.tracker import Tracker
from pbx_bridge.translate import translate

from .conftest import PBX, PHONES, STREAMS

CUTS = 20 if "RINGBOOK_PROVE" in os.environ else 1  # places in each stream
HOUR = 3600.0
NAMES = sorted(path.stem for path in STREAMS.glob("*_asterisk_*.ami"))
STAMP = re.compile(rb"Timestamp: ([0-9.]+)")


def messages_of(name: str, *, cut: float, back: float) -> list[Message]:
    """The stream, with its clock set back after a part of it."""
    raws = (STREAMS / f"{name}.ami").read_bytes().split(b"\r\n\r\n")
    raws = [raw for raw in raws if raw.startswith(b"Event: ")]
    at = int(cut * len(raws))
    moved = (STAMP.sub(lambda m: b"Timestamp: %f" % (float(m[1]) - back), r) for r in raws[at:])
    return [Message(raw, 0.0) for raw in (*raws[:at], *moved)]


def feed(tracker: Tracker, messages: list[Message]) -> None:
    for message in messages:
        event = translate(message)
        if event is not None:
            tracker.feed(event)


def intervals(call: Call) -> Iterator[tuple[datetime, datetime | None]]:
    for part in (call, *call.legs, *call.segments, *call.offers, *call.recordings):
        yield part.started_at, part.ended_at
        if part in (call, *call.legs, *call.offers):
            yield part.started_at, part.answered_at


@pytest.mark.bar(19)
def test_an_hour_forth_or_back_makes_no_time_negative(proof) -> None:
    chance = random.Random(19)
    tried = 0
    for name in NAMES:
        for step in (HOUR, -HOUR) * CUTS:
            tracker = Tracker(PBX, PHONES)
            feed(tracker, messages_of(name, cut=chance.random(), back=step))
            calls = list(tracker.told())
            times = [pair for call in calls for pair in intervals(call)]
            assert all(until is None or since <= until for since, until in times), name
            tried += len(calls)
    proof.tried(tried, of="calls in which the clock steps by an hour", seed=19)


@settings(deadline=None, max_examples=100)
@given(name=st.sampled_from(NAMES), cut=st.floats(0, 1), back=st.floats(0.001, 4000))
def test_nothing_lasts_less_than_no_time(name: str, cut: float, back: float) -> None:
    tracker = Tracker(PBX, PHONES)
    feed(tracker, messages_of(name, cut=cut, back=back))
    calls = list(tracker.told())
    assert calls
    assert not tracker.calls
    assert all(until is None or since <= until for c in calls for since, until in intervals(c))
    assert all(call.talk_seconds >= 0 and (call.wait_seconds or 0) >= 0 for call in calls)


@settings(deadline=None, max_examples=40)
@given(name=st.sampled_from(NAMES), back=st.floats(0.001, 4000))
def test_uniqueids_that_come_again_after_a_restart_are_other_calls(name: str, back: float) -> None:
    tracker = Tracker(PBX, PHONES)
    told: dict[object, Call] = {}
    first = messages_of(name, cut=1, back=0)
    feed(tracker, first)
    told |= {call.id: call for call in tracker.told()}
    count = len(told)
    tracker.feed(events.PbxRestarted(at=first[-1].at))
    feed(tracker, messages_of(name, cut=0, back=back))
    told |= {call.id: call for call in tracker.told()}
    assert len(told) == 2 * count
    legs = [leg.id for call in told.values() for leg in call.legs]
    assert len(set(legs)) == len(legs)
