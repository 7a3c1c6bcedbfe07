"""What one event made of a call: its value before and after, as sentences to translate; pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from pbx_bridge.call import (
    Call,
    CallResult,
    Direction,
    Leg,
    Offer,
    OfferEnd,
    RecordingFile,
    RecordingPause,
    Segment,
)
from pbx_bridge.journal import spans
from pbx_bridge.matching import Reason, msgid


class About(StrEnum):
    """What of a call an event made otherwise."""

    CALL = "call"
    LEG = "leg"
    OFFER = "offer"
    SEGMENT = "segment"
    RECORDING = "recording"
    JOIN = "join"
    RESULT = "result"
    ODDITY = "oddity"  # nothing: the event fits no transition


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One thing that an event made otherwise; `key` is that of the part."""

    about: About
    what: Reason
    key: UUID | None = None


WITHHELD = "\N{EN DASH}"
BEGINS = msgid("A call begins.")
NATURES = {
    Direction.INBOUND: msgid("It is an incoming call from {number}."),
    Direction.OUTBOUND: msgid("It is an outgoing call to {number}."),
    Direction.INTERNAL: msgid("It is a call between colleagues, from {number}."),
}
DIALLED = msgid("What was dialled is {dialled}.")
COMES = msgid("{who} is part of the call from here on.")
COMES_LINKED = msgid("{who} is part of the call: the PBX counts its channel to the same linkedid.")
RINGS = msgid("It begins to ring at {phone} (attempt {attempt}).")
RINGS_FOR_QUEUE = msgid("It begins to ring at {phone} for the queue {queue} (attempt {attempt}).")
CALLS_OUT = msgid("{phone} gets the card of the call that it places.")
RINGS_TOO = msgid("Another device of {phone} belongs to the same offer.")
OFFER_ENDS = {
    OfferEnd.ANSWERED: msgid("{phone} has answered: this agent has the call."),
    OfferEnd.MISSED: msgid("{phone} missed the call."),
    OfferEnd.CANCELLED: msgid("It stops ringing at {phone} before anyone there answers."),
    OfferEnd.ELSEWHERE: msgid("It stops ringing at {phone}: someone else has taken the call."),
    OfferEnd.WITHDRAWN: msgid("It rings at {phone} no longer; how that ended was not heard."),
}
RECORDED = msgid("A recording of {who} is announced.")
RECORDS = msgid("The recording of {who} runs.")
PAUSED = msgid("The recording of {who} is paused: it holds silence from here on.")
RESUMED = msgid("The recording of {who} goes on.")
RECORDED_UNTIL = msgid("The recording of {who} is over.")
ENDS = msgid("The call is over.")
RESULTS = {
    CallResult.ANSWERED: msgid("Result: answered, since one of us talked with the other side."),
    CallResult.ABANDONED: msgid("Result: hung up waiting, since nobody had answered by then."),
    CallResult.TIMED_OUT: msgid("Result: waited too long, since the last queue gave up."),
    CallResult.NO_ANSWER: msgid("Result: no answer, since a phone that was tried last rang out."),
    CallResult.BUSY: msgid("Result: busy, since that is what was tried last."),
    CallResult.FAILED: msgid("Result: failed, since the end was not heard or nobody was reached."),
    CallResult.CANCELLED: msgid("Result: cancelled, since we hung up before the other side spoke."),
}


def effects(before: Call | None, now: Call, joined: Iterable[Call] = ()) -> list[Effect]:
    """Return what is otherwise; `joined` are the calls that became part of it just now."""
    others = tuple(joined)
    return [
        *_nature(before or next(iter(others), None), now),
        *_legs(_parts(before, others, "legs"), now),
        *_offers(_parts(before, others, "offers"), now),
        *_segments(_parts(before, others, "segments"), now),
        *_recordings(_parts(before, others, "recordings"), now),
        *_end(before, now),
    ]


def name_of(leg: Leg | None) -> str:
    """Return how a leg is called: our extension, their number, else the channel."""
    return WITHHELD if leg is None else leg.extension or leg.number or leg.channel


def _parts(before: Call | None, others: tuple[Call, ...], kind: str) -> dict[UUID, object]:
    calls = (*others, before) if before else others
    return {part.id: part for call in calls for part in getattr(call, kind)}


def _effect(about: About, text: str, key: UUID | None = None, **params: str) -> Effect:
    return Effect(about=about, what=Reason(text=text, params=params), key=key)


def _nature(before: Call | None, now: Call) -> Iterator[Effect]:
    if before is None:
        yield _effect(About.CALL, BEGINS)
    if before is None or (before.direction, before.number) != (now.direction, now.number):
        yield _effect(About.CALL, NATURES[now.direction], number=now.number or WITHHELD)
    if now.dialled and (before is None or before.dialled != now.dialled):
        yield _effect(About.CALL, DIALLED, dialled=now.dialled)


def _legs(known: Mapping[UUID, object], now: Call) -> Iterator[Effect]:
    linkedids = {leg.linkedid for leg in now.legs if leg.id in known}
    for leg in now.legs:
        if leg.id not in known:
            text = COMES_LINKED if leg.linkedid in linkedids else COMES
            yield _effect(About.LEG, text, leg.id, who=name_of(leg))


def _offers(known: Mapping[UUID, object], now: Call) -> Iterator[Effect]:
    for offer in now.offers:
        old = known.get(offer.id)
        before = old if isinstance(old, Offer) else replace(offer, end=None)
        phone = offer.extension
        if old is None:
            yield _rings(offer)
        elif len(offer.legs) > len(before.legs):
            yield _effect(About.OFFER, RINGS_TOO, offer.id, phone=phone)
        if offer.end is not None and offer.end is not before.end:
            yield _effect(About.OFFER, OFFER_ENDS[offer.end], offer.id, phone=phone)


def _rings(offer: Offer) -> Effect:
    phone, attempt = offer.extension, str(offer.attempt)
    if offer.outgoing:
        return _effect(About.OFFER, CALLS_OUT, offer.id, phone=phone)
    if offer.queue is None:
        return _effect(About.OFFER, RINGS, offer.id, phone=phone, attempt=attempt)
    params = {"phone": phone, "queue": offer.queue, "attempt": attempt}
    return _effect(About.OFFER, RINGS_FOR_QUEUE, offer.id, **params)


def _segments(known: Mapping[UUID, object], now: Call) -> Iterator[Effect]:
    legs = {leg.id: leg for leg in now.legs}
    for segment in now.segments:
        old = known.get(segment.id)
        if old is segment:
            continue
        names = [name_of(legs.get(party.leg)) for party in segment.parties]
        ours = [party.extension for party in segment.parties if party.extension]
        before = old if isinstance(old, Segment) else None
        for reason in spans.told(before, segment, names, ours):
            yield Effect(about=About.SEGMENT, what=reason, key=segment.id)


def _recordings(known: Mapping[UUID, object], now: Call) -> Iterator[Effect]:
    legs = {leg.id: leg for leg in now.legs}
    for recording in now.recordings:
        old = known.get(recording.id)
        who = name_of(legs.get(recording.leg))
        started, ended = None, None
        pauses: tuple[RecordingPause, ...] = ()
        if isinstance(old, RecordingFile):
            started, ended, pauses = old.started_at, old.ended_at, old.pauses
        else:
            yield _effect(About.RECORDING, RECORDED, recording.id, who=who)
        if recording.started_at is not None and started is None:
            yield _effect(About.RECORDING, RECORDS, recording.id, who=who)
        if len(recording.pauses) > len(pauses):
            yield _effect(About.RECORDING, PAUSED, recording.id, who=who)
        elif pauses and recording.pause is None and recording.pauses != pauses:
            yield _effect(About.RECORDING, RESUMED, recording.id, who=who)
        if recording.ended_at is not None and ended is None:
            yield _effect(About.RECORDING, RECORDED_UNTIL, recording.id, who=who)


def _end(before: Call | None, now: Call) -> Iterator[Effect]:
    if now.ended_at is not None and (before is None or before.ended_at is None):
        yield _effect(About.CALL, ENDS)
    if now.result is not None and (before is None or before.result is not now.result):
        yield _effect(About.RESULT, RESULTS[now.result])
