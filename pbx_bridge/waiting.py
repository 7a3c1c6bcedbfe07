"""How a caller waits: since when, and at which place of the line."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from pbx_bridge.call import Call, Segment, SegmentKind


class Place(NamedTuple):
    """A caller's place in a queue's line at one moment, from 1, and how many stand in it."""

    position: int
    waiting: int


def queued_at(call: Call) -> datetime | None:
    """Return since when the call waited in the last queue it was in, None where it was in none."""
    visit = next((s for s in reversed(call.segments) if s.kind is SegmentKind.QUEUE), None)
    return visit.started_at if visit else None


def place_of(call: Call, calls: Iterable[Call]) -> Place | None:
    """Return the place of a waiting call among the live calls, first come first; None: no line."""
    own = _visit(call, call.queue)
    if own is None:
        return None
    others = (_visit(other, call.queue) for other in calls if other.id != call.id)
    since = [visit.started_at for visit in others if visit is not None]
    before = sum(1 for at in since if at < own.started_at)
    return Place(position=before + 1, waiting=len(since) + 1)


def _visit(call: Call, queue: str | None) -> Segment | None:
    """Return the call's visit to the queue that goes on."""
    if queue is None or call.queue != queue or call.ended_at is not None:
        return None
    waits = (s for s in reversed(call.segments) if s.kind is SegmentKind.QUEUE)
    return next((s for s in waits if s.queue == queue and s.ended_at is None), None)
