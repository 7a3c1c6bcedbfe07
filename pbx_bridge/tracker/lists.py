"""We were deaf for a while: lists of what is up put right what we believed.

Lists and news come over one wire, in order: a line of a list knows all that was told before it.
What ended while we were deaf is told to have ended when we went deaf; nothing lasts longer than we
know.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from pbx_bridge.call import SegmentKind
from pbx_bridge.events import LegSeen, LegsListed, QueuesListed, RoomSeen
from pbx_bridge.tracker import dials, faults, legs, offers, segments, talks, visits
from pbx_bridge.tracker.grouping import Switchboard
from pbx_bridge.tracker.stories import LiveLeg

GAP = "gap"
HALF_TOLD = timedelta(milliseconds=50)  # a leg is answered in several messages
TOLD_OTHERWISE = frozenset({SegmentKind.QUEUE, SegmentKind.RING, SegmentKind.PARKED})
APPLICATIONS = legs.ALONE | dict.fromkeys(("ChanSpy", "ExtenSpy"), SegmentKind.APPLICATION)


def on_room_seen(board: Switchboard, event: RoomSeen) -> str | None:
    """A bridge is there; in one that holds, nobody talks."""
    if event.holding:
        board.holding.add(event.bridge)
    return None


def on_leg_seen(board: Switchboard, event: LegSeen) -> str | None:
    """A channel is up, and does what the list says."""
    if board.listing_from is None:
        board.listing_from = board.ordinal
    at, began = event.at, event.at - timedelta(seconds=event.seconds)
    live = board.known(event.leg)
    if live is None and event.leg.channel:
        live = board.begin(event.leg, began, exten=event.exten, up=event.up)
    if live is None:
        return faults.LEG_NAMELESS
    board.unsure.pop(live.uniqueid, None)
    if not live.is_alive:
        return None
    holds = event.bridge in board.holding
    _answer(board, live, event)
    _leave(board, live, "" if holds else event.bridge)
    _alone(board, live, event, holds=holds)
    if event.bridge and not holds and live.bridge is None:
        board.enter(event.bridge, live)
        segments.retell_talks(live.story, at)
    if event.ringing and live.is_party and not live.was_dialled:
        board.called.append(live)  # for whom shows when every leg is known
    board.phones.touch(live)
    return None


def on_legs_listed(board: Switchboard, event: LegsListed) -> str | None:
    """Legs that the list did not name are gone; when is known only from below."""
    since = board.ordinal if board.listing_from is None else board.listing_from
    ended_at = board.lost_at or event.at
    _tie_locals(board, event.at)
    for live in board.called:
        dials.call(board, live, _caller_of(live), event.at)
        board.touch(live.story)
    board.called.clear()
    for live in list(board.legs.values()):
        if live.is_alive and live.heard < since:
            legs.hang_up(board, live, ended_at, lost=GAP)
    board.deaf_from, board.listed = board.lost_at, board.ordinal
    board.listing_from = board.lost_at = None
    board.holding.clear()
    return None


def on_queues_listed(board: Switchboard, _event: QueuesListed) -> str | None:
    """Callers that the list did not name wait no longer."""
    if board.deaf_from is None:
        return None
    for live in list(board.legs.values()):
        if live.is_alive and visits.waiting_in(live) and live.queued < board.listed:
            segments.end_alone(live, board.deaf_from, GAP)
            board.touch(live.story)
    board.deaf_from = None
    return None


def _tie_locals(board: Switchboard, at: datetime) -> None:
    """Both halves of a Local channel bear its name: what enters one comes out of the other."""
    halves: dict[str, LiveLeg] = {}
    for live in list(board.legs.values()):
        name, mark, _ = live.leg.channel.rpartition(";")
        if not mark or live.twin is not None or not live.is_alive:
            continue
        if (other := halves.pop(name, None)) is None:
            halves[name] = live
        else:
            live.twin, other.twin = other, live
            segments.retell_talks(board.touch(board.unite(live, other)), at)


def _answer(board: Switchboard, live: LiveLeg, event: LegSeen) -> None:
    """The leg was answered while we were deaf."""
    is_deaf = board.lost_at is not None and event.at - board.lost_at > HALF_TOLD
    if not (is_deaf and event.up):
        return
    if live.leg.answered_at is None:
        live.leg = replace(live.leg, answered_at=max(event.at, live.leg.started_at))
        live.story.is_changed = True
    if live.offer is None or live.story.offers[live.offer].end is not None:
        return
    root = dials.root_of(live)
    if root is not None and segments.kind_alone(root) is SegmentKind.RING:
        segments.end_alone(root, event.at, "answered")
    dials.end_dial(live, event.at, "ANSWER")
    offers.talk(live, event.at)


def _leave(board: Switchboard, live: LiveLeg, bridge: str) -> None:
    """Take the leg out of a bridge that it is not in any more."""
    if live.bridge is None or live.bridge.name == bridge or board.lost_at is None:
        return
    live.story.optimising.clear()
    talks.leave_silently(board, live, board.lost_at)
    segments.retell_talks(live.story, board.lost_at)


def _alone(board: Switchboard, live: LiveLeg, event: LegSeen, *, holds: bool) -> None:
    """End what the leg does not go through any more; begin what it does now."""
    kind, now = segments.kind_alone(live), APPLICATIONS.get(event.application)
    until: datetime = board.lost_at or event.at
    if kind is SegmentKind.PARKED and not (holds or event.parks):
        live.parked = None
        segments.end_alone(live, until, GAP)
    elif kind and event.application and kind is not now and (now or kind not in TOLD_OTHERWISE):
        segments.end_alone(live, until, GAP)
    if now is not None and live.is_party and live.alone is None and not event.bridge:
        segments.begin_alone(live, now, event.at)


def _caller_of(live: LiveLeg) -> LiveLeg | None:
    """Return for whom a phone rings that we did not hear being called: who began the call."""
    origin = live.story.origin
    return origin if origin is not None and origin is not live and origin.is_alive else None
