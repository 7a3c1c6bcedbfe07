"""What the books do not say of a call that was told from them."""

from collections.abc import Iterator
from datetime import timedelta

from pbx_bridge.books.channels import Channel
from pbx_bridge.books.ledgers import Ledger
from pbx_bridge.books.rows import Books
from pbx_bridge.call import Call, SegmentKind

_UNEXPLAINED = timedelta(seconds=1)  # that a caller may spend with nothing that we know of


class Doubts:
    """What some books can know, asked for each call that they tell."""

    def __init__(self, books: Books, ledger: Ledger) -> None:
        self._ledger = ledger
        self._in_cel = {row.uniqueid for row in books.cels}
        self._logged = {entry.callid for entry in books.queue_log}
        self._has_applications = any(row.type == "APP_START" for row in books.cels)

    def of(self, call: Call) -> frozenset[str]:
        """Return words for what is not known of this call."""
        found = (self._ledger.channel(leg.uniqueid, leg.started_at) for leg in call.legs)
        channels = [channel for channel in found if channel is not None]
        words = set(self._of_queues(call, channels))
        if any(segment.kind is SegmentKind.TALK for segment in call.segments):
            words.add("hold")
        if all(channel.uniqueid in self._in_cel for channel in channels):
            words |= set(self._of_cel(call, channels))
        else:
            words |= set(_of_cdr(call, channels))
        return frozenset(words)

    def _of_queues(self, call: Call, channels: list[Channel]) -> Iterator[str]:
        was_in_queue = call.queue or any(channel.is_of_queue for channel in channels)
        if was_in_queue and not any(channel.uniqueid in self._logged for channel in channels):
            yield from ("queue", "offers")
            if call.answered_at is None:
                yield "result"

    def _of_cel(self, call: Call, channels: list[Channel]) -> Iterator[str]:
        if not self._has_applications:
            yield "recordings"
            if _was_alone(call) > _UNEXPLAINED:
                yield "segments"
        firsts = {channel.began.linkedid for channel in channels}
        if not (all(channel.is_whole for channel in channels) and firsts <= self._in_cel):
            yield "started_at"
        if not all(channel.has_extras for channel in channels):
            yield from ("talk", "segments", "offers")
            if call.answered_at is None:
                yield "result"


def _of_cdr(call: Call, channels: list[Channel]) -> Iterator[str]:
    yield from ("legs", "offers", "segments", "talk", "recordings")
    if call.answered_at is None:
        yield "result"
    if any(channel.is_of_queue for channel in channels):
        yield "queue"
    if channels[0].is_called or channels[0].is_local:
        yield from ("direction", "number")


def _was_alone(call: Call) -> timedelta:
    """Return how long who began the call went through nothing that is told of."""
    first = call.legs[0]
    if first.ended_at is None:
        return timedelta(0)
    until, alone = first.started_at, timedelta(0)
    for segment in sorted(call.segments, key=lambda segment: segment.started_at):
        if first.id not in {party.leg for party in segment.parties}:
            continue
        alone += max(segment.started_at - until, timedelta(0))
        until = max(until, segment.ended_at or first.ended_at)
    return alone + max(first.ended_at - until, timedelta(0))
