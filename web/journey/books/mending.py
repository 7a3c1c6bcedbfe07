"""A call that we heard in part and the PBX's books tell whole, made one; pure.

What we heard keeps its ids, and its times where the books tell the same moment: two clocks never
agree to the millisecond, and a call that is told again must come out as it is stored. An end that
nobody heard gives way.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from pbx_bridge.books import Recovered
from pbx_bridge.call import (
    Call,
    CallResult,
    CallState,
    Leg,
    Offer,
    OfferEnd,
    Party,
    RecordingFile,
    Segment,
    SegmentKind,
)
from web.journey.books.presumed import UNHEARD, Presumed, near

Lasting = TypeVar("Lasting", Leg, Segment, Offer)

LOOSE = timedelta(seconds=3)  # within which a segment of the same people is the same segment


def mended(stored: Sequence[Call], told: Recovered, *, deaf_since: datetime | None) -> Call:
    """Return the call as it is to be stored: the oldest of `stored` carries it on.

    Who called whom holds as we heard it, unless the call began after `deaf_since`.
    """
    before, *others = stored
    now = told.call
    presumed = Presumed.of(stored, deaf_since=deaf_since)
    call = replace(
        _facts(before, now, deaf_since, presumed),
        id=before.id,
        legs=_legs(stored, now, presumed),
        aliases=tuple(other.id for other in others),
        revision=max(call.revision for call in stored),
    )
    keys = {leg.id: _key(stored, leg) for leg in now.legs}
    segments = _segments(stored, now, keys, presumed) if "segments" not in told.uncertain else None
    offers = _offers(stored, now, keys, presumed) if "offers" not in told.uncertain else None
    heard_offers = [offer for each in stored for offer in each.offers]
    heard_segments = [segment for each in stored for segment in each.segments]
    return replace(
        call,
        result=_result(before, told),
        segments=tuple(segments or (_ended(s, call.ended_at) for s in heard_segments)),
        offers=tuple(offers or (_ended_offer(o, call.ended_at) for o in heard_offers)),
        recordings=_recordings(stored, now.recordings, keys, presumed),
    )


def closed(call: Call, *, at: datetime) -> Call:
    """Return a call whose end the books never tell, for the PBX died: it ended when that showed."""
    end = max(at, call.started_at)
    return replace(
        call,
        state=CallState.ENDED,
        ended_at=end,
        result=CallResult.ANSWERED if call.answered_at else CallResult.FAILED,
        legs=tuple(replace(leg, ended_at=leg.ended_at or end) for leg in call.legs),
        segments=tuple(_ended(segment, end) for segment in call.segments),
        offers=tuple(_ended_offer(offer, end) for offer in call.offers),
    )


def new_answers(stored: Sequence[Call], call: Call) -> list[UUID]:
    """Return the offers of which nobody saw that they were answered: no card shows for them."""
    seen = {offer.id for each in stored for offer in each.offers if offer.answered_at}
    return [offer.id for offer in call.offers if offer.answered_at and offer.id not in seen]


def _facts(before: Call, now: Call, deaf_since: datetime | None, presumed: Presumed) -> Call:
    was_heard = deaf_since is None or before.started_at < deaf_since
    first, second = (before, now) if was_heard else (now, before)
    return replace(
        now,
        direction=first.direction,
        number=first.number or second.number,
        name=first.name or second.name,
        dialled=first.dialled or second.dialled,
        queue=now.queue or before.queue,
        started_at=near(before.started_at, now.started_at),
        answered_at=near(before.answered_at, now.answered_at),
        ended_at=presumed.end(before.ended_at, now.ended_at),
    )


def _result(before: Call, told: Recovered) -> CallResult | None:
    if "result" in told.uncertain and before.result is not None:
        return before.result
    return told.call.result


def _legs(stored: Sequence[Call], now: Call, presumed: Presumed) -> tuple[Leg, ...]:
    known = {leg.uniqueid: leg for call in stored for leg in call.legs}
    told = []
    for leg in now.legs:
        heard = known.pop(leg.uniqueid, None)
        told.append(leg if heard is None else _leg(heard, leg, presumed))
    rest = (replace(leg, ended_at=leg.ended_at or now.ended_at) for leg in known.values())
    return tuple(sorted((*told, *rest), key=lambda leg: leg.started_at))


def _leg(heard: Leg, leg: Leg, presumed: Presumed) -> Leg:
    cause = heard.hangup_cause if heard.hangup_cause is not None else leg.hangup_cause
    return replace(
        _timed(heard, leg, presumed),
        linkedid=heard.linkedid or leg.linkedid,
        channel=heard.channel or leg.channel,
        interface=heard.interface or leg.interface,
        number=heard.number or leg.number,
        name=heard.name or leg.name,
        extension=heard.extension or leg.extension,
        answered_at=near(heard.answered_at, leg.answered_at),
        hangup_cause=cause,
    )


def _key(stored: Iterable[Call], leg: Leg) -> UUID:
    same = (one.id for call in stored for one in call.legs if one.uniqueid == leg.uniqueid)
    return next(same, leg.id)


def _segments(
    stored: Sequence[Call], now: Call, keys: dict[UUID, UUID], presumed: Presumed
) -> list[Segment]:
    """Hold stands in no book unless CEL is told to write it: what we heard of it stays."""
    heard = [segment for call in stored for segment in call.segments]
    told = []
    for segment in now.segments:
        parties = tuple(replace(p, leg=keys.get(p.leg, p.leg)) for p in segment.parties)
        moved = replace(segment, parties=parties)
        same = next((one for one in heard if _is_same(one, moved)), None)
        if same is not None:
            heard.remove(same)
            reason = moved.exit_reason or (
                same.exit_reason if same.exit_reason not in UNHEARD else None
            )
            moved = replace(_timed(same, moved, presumed), exit_reason=reason, parties=same.parties)
        told.append(moved)
    holds = [_ended(s, now.ended_at) for s in heard if s.kind is SegmentKind.HOLD]
    return sorted((*told, *holds), key=lambda segment: segment.started_at)


def _is_same(heard: Segment, told: Segment) -> bool:
    if heard.kind is not told.kind or heard.queue != told.queue:
        return False
    return abs(heard.started_at - told.started_at) <= LOOSE and _who(heard.parties) == _who(
        told.parties
    )


def _who(parties: Iterable[Party]) -> frozenset[UUID]:
    return frozenset(party.leg for party in parties)


def _offers(
    stored: Sequence[Call], now: Call, keys: dict[UUID, UUID], presumed: Presumed
) -> list[Offer]:
    heard = {(o.extension, o.attempt): o for call in stored for o in call.offers}
    told = []
    for offer in now.offers:
        moved = replace(offer, legs=tuple(keys.get(leg, leg) for leg in offer.legs))
        same = heard.pop((offer.extension, offer.attempt), None)
        if same is not None:
            moved = replace(
                _timed(same, moved, presumed),
                answered_at=near(same.answered_at, moved.answered_at),
                queue=moved.queue or same.queue,
                outgoing=same.outgoing,
                legs=tuple(dict.fromkeys((*same.legs, *moved.legs))),
            )
        told.append(moved)
    rest = (_ended_offer(offer, now.ended_at) for offer in heard.values())
    return sorted((*told, *rest), key=lambda offer: offer.started_at)


def _recordings(
    stored: Sequence[Call],
    now: Iterable[RecordingFile],
    keys: dict[UUID, UUID],
    presumed: Presumed,
) -> tuple[RecordingFile, ...]:
    """The books name a file below the recordings folder, where the PBX said its whole path."""
    known = {file.id: file for call in stored for file in call.recordings}
    new = []
    for file in (replace(file, leg=keys.get(file.leg, file.leg)) for file in now):
        same = next((f for f in known.values() if f"/{f.path}".endswith(f"/{file.path}")), None)
        if same is None:
            new.append(file)
        elif file.ended_at and presumed.is_so(same.ended_at):
            known[same.id] = replace(same, ended_at=file.ended_at)
    return (*known.values(), *new)


def _timed(heard: Lasting, told: Lasting, presumed: Presumed) -> Lasting:
    """What is told, under the id it had, and with the times we heard where they are the same."""
    return replace(
        told,
        id=heard.id,
        started_at=near(heard.started_at, told.started_at),
        ended_at=presumed.end(heard.ended_at, told.ended_at),
    )


def _ended(segment: Segment, at: datetime | None) -> Segment:
    """Nothing of a call outlasts it, and what was left open ended with it."""
    if at is None or (segment.ended_at is not None and segment.ended_at <= at):
        return segment
    return replace(segment, ended_at=max(at, segment.started_at))


def _ended_offer(offer: Offer, at: datetime | None) -> Offer:
    if at is None or offer.answered_at or (offer.ended_at and offer.ended_at <= at):
        return offer
    end = offer.end or OfferEnd.WITHDRAWN
    return replace(offer, ended_at=max(at, offer.started_at), end=end)
