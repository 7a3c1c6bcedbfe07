"""Calls that were up when the server stopped go on as the same calls when it is back; pure.

The tracker is told of their legs again, so that it gives them the ids they had; what it cannot know
any more (how they began, who rang before) is taken from what was stored.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from pbx_bridge import events
from pbx_bridge.call import (
    Call,
    CallResult,
    CallState,
    Leg,
    Offer,
    OfferEnd,
    Segment,
    SegmentKind,
)
from pbx_bridge.changes import (
    CallChanged,
    CallEnded,
    CallsJoined,
    Change,
    OfferAnswered,
    OfferBegan,
    OfferEnded,
)
from pbx_bridge.ids import call_id

C = TypeVar("C", bound=Change)


class Continuity:
    """What was stored of the calls that were up, until each of them is over."""

    def __init__(self, earlier: Iterable[Call] = (), *, resumed_at: datetime | None = None) -> None:
        self._earlier = {call.id: call for call in earlier}
        self._resumed_at = resumed_at
        self._ahead: Mapping[UUID, int] = {}

    def again(self, stored: Iterable[Call]) -> "Continuity":
        """Return it with the same calls as they are stored now."""
        fresh = (call for call in stored if call.id in self._earlier)
        return Continuity(fresh, resumed_at=self._resumed_at)

    def count_on(self, ahead: Mapping[UUID, int]) -> None:
        """Another node counted by so much more revisions of these calls: go on from there."""
        self._ahead = ahead

    def seeds(self) -> list[events.Event]:
        """Return the events that make a new tracker know these calls."""
        told: list[events.Event] = []
        for call in self._earlier.values():
            views = {leg.id: _view(leg) for leg in call.legs}
            for leg in call.legs:
                is_first = leg is call.legs[0]
                told.append(
                    events.LegBegan(
                        at=leg.started_at,
                        leg=views[leg.id],
                        exten=call.dialled if is_first else "",
                        calls=is_first,
                        up=leg.answered_at is not None,
                    )
                )
            told.append(events.LegsTied(at=call.legs[-1].started_at, legs=tuple(views.values())))
            told.extend(
                events.DialBegan(
                    at=offer.started_at, leg=views[key], dialler=views[call.legs[0].id]
                )
                for offer in call.offers
                if offer.end is None and not offer.outgoing
                for key in offer.legs
                if key in views
            )
            told += endings([call])
        firsts = {_first_heard(call) for call in self._earlier.values()}
        return sorted(told, key=lambda event: (not _begins(event, firsts), event.at))

    def told(self, change: C) -> C:
        """Return the change with what was stored of its call added."""
        if not (self._earlier or self._ahead) or not isinstance(
            change,
            OfferBegan | OfferAnswered | OfferEnded | CallChanged | CallEnded | CallsJoined,
        ):
            return change
        call = self._counted(change.call)
        before = self._of(call)
        if before is None or self._resumed_at is None:
            return replace(change, call=call) if call is not change.call else change
        call = carried_on(before, call, resumed_at=self._resumed_at)
        if isinstance(change, OfferBegan | OfferAnswered | OfferEnded):
            known = _same_offer(before, change.offer)
            return replace(change, call=call, offer=known)
        return replace(change, call=call)

    def call(self, call: Call) -> Call:
        """Return a call with what was stored of it added."""
        return self.told(CallChanged(call)).call

    def _counted(self, call: Call) -> Call:
        ahead = self._ahead.get(call.id)
        return replace(call, revision=call.revision + ahead) if ahead else call

    def _of(self, call: Call) -> Call | None:
        keys: tuple[UUID, ...] = (call.id, *call.aliases)
        return next((self._earlier[key] for key in keys if key in self._earlier), None)


def offered_still(
    call: Call, legs: Collection[UUID], *, hidden: Collection[UUID]
) -> Iterator[OfferBegan | OfferAnswered]:
    """Give what shows a call's cards again: of what rings, and of who talks by `legs`."""
    for offer in call.offers:
        if offer.id in hidden:
            continue
        is_talking = offer.end is OfferEnd.ANSWERED and any(leg in legs for leg in offer.legs)
        if offer.end is None or is_talking:
            yield OfferBegan(call, offer)
        if is_talking:
            yield OfferAnswered(call, offer)


def endings(calls: Iterable[Call]) -> list[events.LegEnded]:
    """Return the events that end those legs of the calls that have ended."""
    return [
        events.LegEnded(at=leg.ended_at, leg=_view(leg), cause=leg.hangup_cause)
        for call in calls
        for leg in call.legs
        if leg.ended_at
    ]


def carried_on(before: Call, now: Call, *, resumed_at: datetime) -> Call:
    """Return the call as it is now, with what only the stored one knows."""
    answered_at = before.answered_at or now.answered_at
    offers = {offer.id: offer for offer in before.offers}
    offers |= {o.id: o for o in (_same_offer(before, offer) for offer in now.offers)}
    if now.ended_at is None:
        result, state = None, CallState.TALKING if answered_at else CallState.RINGING
    else:
        result, state = CallResult.ANSWERED if answered_at else now.result, CallState.ENDED
    return replace(
        now,
        direction=before.direction,
        number=before.number or now.number,
        name=before.name or now.name,
        dialled=before.dialled or now.dialled,
        queue=now.queue or before.queue,
        started_at=before.started_at,
        answered_at=answered_at,
        state=state,
        result=result,
        legs=_legs(before, now),
        segments=_segments(before, now, resumed_at),
        offers=tuple(_ended(offer, now, resumed_at) for offer in offers.values()),
        recordings=tuple({r.id: r for r in (*before.recordings, *now.recordings)}.values()),
        aliases=tuple(dict.fromkeys((*before.aliases, *now.aliases))),
        revision=before.revision + now.revision,
    )


def _first_heard(call: Call) -> str:
    """The leg after which the call was called; a list may name a later one first."""
    ids = {call_id(call.pbx, leg.uniqueid, leg.started_at): leg.uniqueid for leg in call.legs}
    return ids.get(call.id, call.legs[0].uniqueid)


def _begins(event: events.Event, legs: Collection[str]) -> bool:
    return isinstance(event, events.LegBegan) and event.leg.uniqueid in legs


def _view(leg: Leg) -> events.LegView:
    return events.LegView(
        uniqueid=leg.uniqueid,
        linkedid=leg.linkedid,
        channel=leg.channel,
        number=leg.number,
        name=leg.name,
    )


def _legs(before: Call, now: Call) -> tuple[Leg, ...]:
    known = {leg.id: leg for leg in before.legs}
    for leg in now.legs:
        stored = known.get(leg.id, leg)
        known[leg.id] = replace(leg, answered_at=stored.answered_at or leg.answered_at)
    return tuple(sorted(known.values(), key=lambda leg: leg.started_at))


def _segments(before: Call, now: Call, resumed_at: datetime) -> tuple[Segment, ...]:
    """A talk of the same people is the same talk; other open intervals ended unseen."""
    talks = {_who(s): s for s in before.segments if s.ended_at is None and _is_talk(s)}
    known = {
        s.id: s if s.ended_at else replace(s, ended_at=max(resumed_at, s.started_at))
        for s in before.segments
    }
    for segment in now.segments:
        same = talks.pop(_who(segment), None) if _is_talk(segment) else None
        if same is not None:
            known[same.id] = replace(segment, id=same.id, started_at=same.started_at)
        else:
            known[segment.id] = segment
    return tuple(sorted(known.values(), key=lambda segment: segment.started_at))


def _is_talk(segment: Segment) -> bool:
    return segment.kind is SegmentKind.TALK


def _who(segment: Segment) -> frozenset[UUID]:
    return frozenset(party.leg for party in segment.parties)


def _same_offer(before: Call, offer: Offer) -> Offer:
    """An offer to a phone that had one open, or that talked, is that one."""
    mine = [o for o in before.offers if o.extension == offer.extension]
    same = next(
        (o for o in reversed(mine) if o.id == offer.id or o.end in {None, OfferEnd.ANSWERED}), None
    )
    if same is None:
        return replace(offer, attempt=offer.attempt + len(mine))
    answered_at = same.answered_at or offer.answered_at
    return replace(
        offer,
        id=same.id,
        attempt=same.attempt,
        queue=same.queue,
        outgoing=same.outgoing,
        started_at=same.started_at,
        answered_at=answered_at,
        legs=tuple(dict.fromkeys((*same.legs, *offer.legs))),
    )


def _ended(offer: Offer, now: Call, resumed_at: datetime) -> Offer:
    """An offer that rang and is told no more ended unseen."""
    told = any(o.extension == offer.extension for o in now.offers)
    if offer.end is not None or told:
        return offer
    return replace(offer, ended_at=resumed_at, end=OfferEnd.WITHDRAWN)
