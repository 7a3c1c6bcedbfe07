"""How a caller waits: since when, and at which place of the line."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from pbx_bridge.call import Call, SegmentKind
from pbx_bridge.queues import Waiter


class Place(NamedTuple):
    """A caller's place in a queue's line at one moment, from 1, and how many stand in it."""

    position: int
    waiting: int


def queued_at(call: Call) -> datetime | None:
    """Return since when the call waited in the last queue it was in, None where it was in none."""
    visit = next((s for s in reversed(call.segments) if s.kind is SegmentKind.QUEUE), None)
    return visit.started_at if visit else None


def place_of(call: Call, waiters: Sequence[Waiter]) -> Place | None:
    """Return the call's place among those who wait in its queue; None: it stands in no line."""
    own = {leg.uniqueid for leg in call.legs}
    for n, waiter in enumerate(waiters, 1):
        if waiter.uniqueid in own:
            return Place(position=n, waiting=len(waiters))
    return None
