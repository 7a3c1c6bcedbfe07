"""Legs change hands: transfers, pickups, parking; and those who only listen.

The talk of whoever transfers ends as `transferred`. When nobody speaks with the other side after
that, it is told as `lost_in_transfer`: its party is who lost the call.
"""

from dataclasses import replace
from datetime import datetime

from pbx_bridge.call import OfferEnd, SegmentKind
from pbx_bridge.events import (
    HandedOver,
    LegsTied,
    Listened,
    Parked,
    PickedUp,
    Unlistened,
    Unparked,
)
from pbx_bridge.tracker import dials, faults, offers, segments
from pbx_bridge.tracker.grouping import Switchboard
from pbx_bridge.tracker.results import PARKED, TRANSFERRED
from pbx_bridge.tracker.stories import LiveLeg


def on_legs_tied(board: Switchboard, event: LegsTied) -> str | None:
    """A transfer ties legs that no linkedid ties."""
    legs = [live for view in event.legs if (live := board.known(view)) is not None]
    for live in legs[1:]:
        board.unite(legs[0], live)
    if len(legs) < 2:  # noqa: PLR2004 - it takes two
        return faults.LEGS_TOO_FEW
    segments.retell_talks(legs[0].story, event.at)
    return None


def on_handed_over(board: Switchboard, event: HandedOver) -> str | None:
    """A leg transfers another: its talk ended by that, and the other waits for the next one."""
    live, given = board.known(event.leg), board.known(event.given)
    if live is None:
        return faults.TRANSFERER_UNKNOWN
    for view in event.others:
        other = board.known(view)
        if other is not None:
            board.unite(live, other)
    if given is not None:
        board.unite(live, given)
    live.has_handed_over = True
    segments.retell_talks(live.story, event.at)
    _end_talk_by(live, given, TRANSFERRED)
    if given is not None and given.is_alive:
        given.is_given = True
        if not given.story.talks_now(given):
            dials.ring_on(given, event.at)
    return None


def on_listened(board: Switchboard, event: Listened) -> str | None:
    """A leg listens to a conversation; that makes it no party of it."""
    live = board.met(event.leg, event.at)
    if live is None or not live.is_alive:
        return faults.LEG_GONE
    if segments.kind_alone(live) is not SegmentKind.APPLICATION:
        segments.begin_alone(live, SegmentKind.APPLICATION, event.at)
    return None


def on_unlistened(board: Switchboard, event: Unlistened) -> str | None:
    """A leg listens no longer."""
    live = board.known(event.leg)
    if live is None or segments.kind_alone(live) is not SegmentKind.APPLICATION:
        return faults.LEG_NOT_LISTENING
    segments.end_alone(live, event.at)
    return None


def on_picked_up(board: Switchboard, event: PickedUp) -> str | None:
    """A leg took a call that rang elsewhere: the phone that rang lost it."""
    live, target = board.met(event.leg, event.at), board.known(event.target)
    if live is None or target is None:
        return faults.LEG_OR_PHONE_UNKNOWN
    board.unite(live, target)
    _end_ring(target, event.at)
    offers.stop(target, event.at, OfferEnd.ELSEWHERE)
    return None


def on_parked(board: Switchboard, event: Parked) -> str | None:
    """A leg waits in a parking space."""
    live = board.met(event.leg, event.at)
    if live is None or not live.is_alive:
        return faults.LEG_GONE
    if segments.kind_alone(live) is not SegmentKind.PARKED:
        live.parked = segments.begin_alone(live, SegmentKind.PARKED, event.at)
        _end_talk_by(live, None, PARKED)
    return None


def on_unparked(board: Switchboard, event: Unparked) -> str | None:
    """A leg left its parking space: someone took it, or it waited too long."""
    live = board.known(event.leg)
    if live is None or live.parked is None:
        return faults.LEG_NOT_PARKED
    retriever = board.met(event.retriever, event.at)
    if retriever is not None:
        board.unite(live, retriever)
    segments.end(live.story, live.parked, event.at, event.why)  # it may talk already
    if live.alone == live.parked:
        live.alone = None
    live.parked = None
    return None


def _end_ring(target: LiveLeg, at: datetime) -> None:
    """The phone rang and somebody else answered, whatever its own end has said of that."""
    root = dials.root_of(target)
    for ring in segments.rings_of(target):
        ended_at = ring.ended_at or max(at, ring.started_at)
        target.story.put_segment(replace(ring, ended_at=ended_at, exit_reason="answered"))
        if root is not None and root.alone == ring.id:
            root.alone = None


def _end_talk_by(one: LiveLeg, two: LiveLeg | None, reason: str) -> None:
    """Tell why the last talk of these legs ended, or will."""
    wanted = {live.leg.id for live in (one, two) if live is not None}
    for talk in reversed(list(one.story.segments.values())):
        if talk.kind is SegmentKind.TALK and wanted <= {party.leg for party in talk.parties}:
            if talk.exit_reason != PARKED:  # a transfer to a parking space is both
                one.story.put_segment(replace(talk, exit_reason=reason))
            return
