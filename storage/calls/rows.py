"""From a call as the tracker tells it to the rows that remember it; nothing is read or written."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any
from uuid import UUID

from pbx_bridge.call import (
    Call,
    CallState,
    Leg,
    Offer,
    Party,
    RecordingFile,
    Segment,
    SegmentKind,
)
from pbx_bridge.matching import Level as MatchLevel
from pbx_bridge.matching import Reason
from storage.recordings import RecordingState

Row = tuple[Any, ...]
CONVERSATIONS = {SegmentKind.TALK, SegmentKind.HOLD, SegmentKind.CONSULT}


@dataclass(frozen=True, slots=True, kw_only=True)
class CallContext:
    """What the tracker does not know of a call: who sits where, and who is on the other side."""

    users: Mapping[tuple[UUID, str], UUID] = field(default_factory=dict)  # (pbx, extension) -> user
    e164: str | None = None
    match: MatchLevel = MatchLevel.UNKNOWN
    why: Reason | None = None  # it is that
    customer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a driver wants keys and times written."""

    key: Callable[[UUID | None], Any]
    time: Callable[[datetime | None], Any]


@dataclass(slots=True)
class Rows:
    """The rows of many calls by table, each in the order of the table's columns."""

    calls: list[Row] = field(default_factory=list)
    legs: list[Row] = field(default_factory=list)
    segments: list[Row] = field(default_factory=list)
    segment_parties: list[Row] = field(default_factory=list)
    offers: list[Row] = field(default_factory=list)
    recordings: list[Row] = field(default_factory=list)
    recording_pauses: list[Row] = field(default_factory=list)
    call_agents: list[Row] = field(default_factory=list)


class Seats:
    """Who sat at each phone of one call; whoever was stored first stays (hot-desking)."""

    def __init__(self, call: Call, context: CallContext, stored: Mapping[UUID, UUID]) -> None:
        self._pbx = call.pbx
        self._users = context.users
        self._stored = stored
        self._of_leg = {leg.id: self._seat(leg.id, leg.extension) for leg in call.legs}
        talks = (s for s in reversed(call.segments) if s.kind is SegmentKind.TALK)
        last = next((p for s in talks for p in s.parties if p.extension), None)
        dialled = next((o for o in call.offers if o.outgoing), None)
        self.extension = last.extension if last else dialled.extension if dialled else None
        self.agent = self.party(last) if last else self.offer(dialled) if dialled else None
        self.talked = {
            user
            for segment in call.segments
            if segment.kind in CONVERSATIONS
            for party in segment.parties
            if (user := self.party(party))
        }
        self.rang = {user for offer in call.offers if (user := self.offer(offer))}

    def _seat(self, key: UUID, extension: str | None) -> UUID | None:
        return self._stored.get(key) or self._users.get((self._pbx, extension or ""))

    def leg(self, key: UUID) -> UUID | None:
        return self._of_leg.get(key)

    def party(self, party: Party) -> UUID | None:
        if party.extension is None:
            return None
        return self._of_leg.get(party.leg) or self._users.get((self._pbx, party.extension))

    def offer(self, offer: Offer) -> UUID | None:
        legs = (self._of_leg.get(leg) for leg in offer.legs)
        return next(filter(None, legs), None) or self._seat(offer.id, offer.extension)


def add_call(
    rows: Rows,
    call: Call,
    context: CallContext,
    *,
    revision: int,
    stored: Mapping[UUID, UUID],
    spell: Spelling,
) -> set[UUID]:
    """Add what is to be remembered of `call`; returns the users who take part in it.

    `stored` are the users that its legs and offers had before.
    """
    seats = Seats(call, context, stored)
    rows.calls.append(_call(call, context, seats, revision, spell))
    key, time = spell.key, spell.time
    call_key = key(call.id)
    pbx_key = key(call.pbx)
    for leg in call.legs:
        rows.legs.append((
            key(leg.id), call_key, pbx_key, _text(leg.uniqueid, 150), _text(leg.linkedid, 150),
            _text(leg.channel, 150), _text(leg.interface, 120), _text(leg.number, 80),
            _text(leg.name, 255), _word(leg.extension, 20), key(seats.leg(leg.id)),
            time(leg.started_at), time(leg.answered_at), time(leg.ended_at), leg.hangup_cause,
        ))  # fmt: skip
    for segment in call.segments:
        segment_key = key(segment.id)
        rows.segments.append((
            segment_key, call_key, segment.kind.value, time(segment.started_at),
            time(segment.ended_at), _word(segment.exit_reason, 40), _word(segment.queue, 80),
        ))  # fmt: skip
        for party in {party.leg: party for party in segment.parties}.values():
            rows.segment_parties.append((
                segment_key, key(party.leg), _word(party.extension, 20),
                _text(party.number, 80), key(seats.party(party)),
            ))  # fmt: skip
    _add_offers(rows, call, seats, spell)
    _add_recordings(rows, call, spell)
    users = seats.talked | seats.rang
    began = time(call.started_at)
    for user in users:
        rows.call_agents.append((call_key, key(user), began, user in seats.talked))
    return users


def _call(call: Call, context: CallContext, seats: Seats, revision: int, spell: Spelling) -> Row:
    key, time = spell.key, spell.time
    settled = call.ended_at if call.state is CallState.ENDED else None
    return (
        key(call.id), key(call.pbx), _text(call.legs[0].linkedid if call.legs else "", 150),
        call.direction.value, call.state.value, _text(call.number, 80), _word(context.e164, 20),
        _text(call.name, 255), _text(call.dialled, 80), _word(call.queue, 80),
        key(context.customer_id), context.match.value, _why(context.why), False,
        _word(seats.extension, 20), key(seats.agent), time(call.started_at), time(call.answered_at),
        time(call.ended_at), call.result.value if call.result else None, call.wait_seconds,
        float(call.talk_seconds), revision, time(settled),
    )  # fmt: skip


def _why(reason: Reason | None) -> str | None:
    return None if reason is None else json.dumps(kept(reason))


def kept(reason: Reason) -> dict[str, str]:
    """A reason as a call keeps it: whom it is about, and not their name."""
    params = {key: value for key, value in reason.params.items() if key != "name"}
    return {**params, "text": reason.text}


def _add_offers(rows: Rows, call: Call, seats: Seats, spell: Spelling) -> None:
    key, time = spell.key, spell.time
    for offer in call.offers:
        rows.offers.append((
            key(offer.id), key(call.id), _text(offer.extension, 20), key(seats.offer(offer)),
            offer.attempt, _word(offer.queue, 80), time(offer.started_at),
            time(offer.answered_at), time(offer.ended_at),
            offer.end.value if offer.end else None, offer.outgoing, None,
        ))  # fmt: skip


def _add_recordings(rows: Rows, call: Call, spell: Spelling) -> None:
    key, time = spell.key, spell.time
    for recording in call.recordings:
        rows.recordings.append((
            key(recording.id), key(call.id), key(recording.leg), _text(recording.path, 512),
            RecordingState.PENDING.value, "", None, None, None, None, None,
            time(recording.started_at), time(recording.ended_at),
            time(recording.started_at or call.started_at), None, None,
        ))  # fmt: skip
        for pause in recording.pauses:
            rows.recording_pauses.append((
                key(pause.id), key(recording.id), time(pause.started_at), time(pause.ended_at),
                pause.end.value if pause.end else None,
            ))  # fmt: skip


def told_keys(call: Call) -> set[UUID]:
    """Return the keys of every leg, segment, offer and recording that `call` tells of."""
    parts: Iterable[Leg | Segment | Offer | RecordingFile] = chain(
        call.legs, call.segments, call.offers, call.recordings
    )
    return {part.id for part in parts}


def _text(value: str, limit: int) -> str:
    """A stranger's text as every database takes it: no NUL, no half of a pair, not too long."""
    if len(value) > limit:
        value = value[:limit]
    if value.isascii() and "\0" not in value:
        return value
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


def _word(value: str | None, limit: int) -> str | None:
    return None if value is None else _text(value, limit)
