"""Changes that nobody waits for are told once, after everything that came with them."""

import random
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from pbx_bridge.call import Call
from pbx_bridge.changes import CallChanged, CallsJoined, Change, OfferBegan
from pbx_bridge.tracker import Tracker

STREAMS = Path(__file__).parents[2] / "streams"
NAMES = sorted(path.stem for path in STREAMS.glob("*_asterisk_*.ami"))
PBX = UUID(int=7)
PHONES = {f"PJSIP/{n}": str(n) for n in range(101, 250)}


def latest(changes: list[Change]) -> dict[UUID, Call]:
    """What a reader of the changes holds in the end."""
    calls: dict[UUID, Call] = {}
    for change in changes:
        if isinstance(change, CallsJoined):
            calls.pop(change.gone, None)
        if isinstance(change, CallChanged):
            calls[change.call.id] = change.call
    return calls


def news(changes: list[Any]) -> list[tuple[Any, ...]]:
    """What people are told, with the call as it was at that moment."""
    return [change for change in changes if not isinstance(change, CallChanged)]


@pytest.mark.parametrize("name", NAMES)
def test_gathered_or_not_it_is_the_same_calls_and_the_same_news(name, stream_events) -> None:
    story, chance = stream_events(name), random.Random(name)
    plain, gathering = Tracker(PBX, PHONES), Tracker(PBX, PHONES)
    one: list[Change] = []
    two: list[Change] = []
    for event in story:
        one += plain.feed(event)
        two += gathering.feed(event, gathering=True)
        if chance.random() < 0.1:  # the inbox was empty
            two += gathering.gathered()
    two += gathering.gathered()
    assert latest(two) == latest(one)
    assert news(two) == news(one)
    assert len(two) <= len(one)
    assert not gathering.gathered()


def test_a_ring_is_told_at_once_and_what_led_to_it_with_it(stream_events) -> None:
    tracker = Tracker(PBX, PHONES)
    for event in stream_events("ringall_queue_answered_asterisk_22"):
        told = tracker.feed(event, gathering=True)
        began = next((change for change in told if isinstance(change, OfferBegan)), None)
        if began is not None:
            break
    assert began is not None
    assert began.call.queue
    assert began.offer in began.call.offers
    assert not tracker.gathered()
