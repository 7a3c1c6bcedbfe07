"""We were deaf for a while: from the lists that follow, what goes on now is told at once."""

from datetime import timedelta
from functools import cache
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lab.boards import Board
from pbx_bridge import events
from pbx_bridge.ami.message import Message
from pbx_bridge.call import SegmentKind
from pbx_bridge.tracker import Tracker
from pbx_bridge.translate import translate

from .conftest import PBX, PHONES, STREAMS

NAMES = sorted(  # no list tells of a transfer to a phone that still rings
    path.stem for path in STREAMS.glob("*_asterisk_*.ami") if not path.stem.startswith("blonde")
)
PART = st.floats(0, 0.999)
MOMENT = timedelta(milliseconds=50)
UNLISTED = {SegmentKind.RING, SegmentKind.HOLD}
TOGETHER = {SegmentKind.TALK, SegmentKind.CONSULT}


@cache
def messages_of(name: str) -> list[Message]:
    raws = (STREAMS / f"{name}.ami").read_bytes().split(b"\r\n\r\n")
    return [Message(raw, 0.0) for raw in raws if raw.startswith(b"Event: ")]


@cache
def calm(name: str) -> list[int]:
    """After which messages the PBX said nothing for a moment: then no leg is half moved.

    A busy machine can take that long to put the first one into a new bridge, too.
    """
    messages = messages_of(name)
    pairs = enumerate(pairwise(messages), 1)
    rests = [
        n for n, (one, two) in pairs if two.at - one.at > MOMENT and one.name != "BridgeCreate"
    ]
    return rests or [len(messages)]


def feed(tracker: Tracker, messages: list[Message]) -> None:
    for message in messages:
        event = translate(message)
        if event is not None:
            tracker.feed(event)


def listed(messages: list[Message]) -> list[Message]:
    """What the PBX lists after these messages, a little later."""
    board = Board()
    for message in messages:
        board.hear(message.raw)
    arrived = messages[-1].at.timestamp() + 0.0001
    return [Message(raw, arrived) for raw in board.lists()]


def now(tracker: Tracker) -> set[tuple[object, ...]]:
    """What goes on: who talks with whom, who waits where, which phones ring."""
    found: set[tuple[object, ...]] = set()
    for call in tracker.calls.values():
        names = {leg.id: leg.uniqueid for leg in call.legs}
        for segment in call.segments:
            if segment.ended_at is None and segment.kind not in UNLISTED:
                kind = "talk" if segment.kind in TOGETHER else segment.kind
                who = frozenset(names[party.leg] for party in segment.parties)
                found.add((kind, who, segment.queue))
        for offer in call.offers:
            if offer.end is None and not offer.outgoing:
                found.add(("rings", offer.extension))
    return found


def deaf(name: str, lost: int, heard: int) -> tuple[Tracker, Tracker, list[Message]]:
    """One tracker that heard everything, and one that heard nothing between two messages."""
    messages = messages_of(name)
    whole, gapped = Tracker(PBX, PHONES), Tracker(PBX, PHONES)
    feed(whole, messages[:heard])
    feed(gapped, messages[:lost])
    gapped.feed(events.LinkLost(at=messages[max(0, lost - 1)].at))
    feed(gapped, listed(messages[:heard]))
    return whole, gapped, messages


@settings(deadline=None, max_examples=100)
@given(name=st.sampled_from(NAMES), at=PART, before=PART)
def test_what_goes_on_is_told_right_after_a_reconnect(name, at, before):
    heard = calm(name)[int(at * len(calm(name)))]
    lost = 1 + int(before * (heard - 1))
    whole, gapped, _ = deaf(name, lost, heard)
    assert now(gapped) == now(whole)


@settings(deadline=None, max_examples=60)
@given(name=st.sampled_from(NAMES), at=PART, before=PART)
def test_what_is_up_after_a_gap_ends_as_if_there_had_been_none(name, at, before):
    heard = calm(name)[int(at * len(calm(name)))]
    lost = 1 + int(before * (heard - 1))
    whole, gapped, messages = deaf(name, lost, heard)
    up = {leg.uniqueid for call in whole.calls.values() for leg in call.legs if not leg.ended_at}
    for tracker in (whole, gapped):
        feed(tracker, messages[heard:])
    assert not gapped.calls
    ends = [
        {leg.uniqueid: leg.ended_at for call in tracker.told() for leg in call.legs}
        for tracker in (whole, gapped)
    ]
    assert {key: ends[1][key] for key in up} == {key: ends[0][key] for key in up}


def test_those_who_wait_in_one_parking_lot_do_not_talk(stage: Any) -> None:
    stage.views = {n: events.LegView(uniqueid=n, linkedid=n, channel=f"PJSIP/t-{n}") for n in "ab"}
    stage.feed(events.RoomSeen(at=stage.now, bridge="lot", holding=True))
    for leg in "ab":
        stage.cue(events.LegSeen, leg, up=True, bridge="lot")
    stage.feed(events.LegsListed(at=stage.now))
    assert len(stage.tracker.calls) == 2
    assert not any(call.answered_at for call in stage.tracker.calls.values())


def test_a_caller_who_left_the_queue_unheard_waits_no_longer(stage: Any) -> None:
    stage.inbound()
    stage.cue(events.QueueJoined, "a", queue="sales")
    stage.wait(5)
    stage.feed(events.LinkLost(at=stage.now))
    stage.wait(60)
    stage.cue(events.LegSeen, "a", up=True, application="Wait")
    stage.feed(events.LegsListed(at=stage.now))
    stage.feed(events.QueuesListed(at=stage.now))
    assert stage.kinds() == [("queue", "gap")]
    queue = stage.call.segments[0]
    assert queue.ended_at - queue.started_at == timedelta(seconds=5)


def test_a_listed_local_channel_ties_those_on_both_its_sides(stage: Any) -> None:
    channels = {
        "a": "PJSIP/trunk-1",
        "l": "Local/x@y-0;1",
        "m": "Local/x@y-0;2",
        "b": "PJSIP/101-2",
    }
    stage.views = {
        name: events.LegView(uniqueid=name, linkedid=name, channel=channel)
        for name, channel in channels.items()
    }
    for leg, bridge in zip("almb", "xxzz", strict=True):
        stage.cue(events.LegSeen, leg, up=True, bridge=bridge)
    stage.feed(events.LegsListed(at=stage.now))
    [talk] = stage.call.segments
    names = {leg.id: leg.uniqueid for leg in stage.call.legs}
    assert {names[party.leg] for party in talk.parties} == {"a", "b"}
