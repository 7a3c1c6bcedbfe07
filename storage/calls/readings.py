"""Many calls read back at once with their parts: to hold them against what is told anew."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar, cast
from uuid import UUID

from sqlalchemy import Table, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

import storage.recording_pauses
from storage.calls.stories import SegmentStory
from storage.calls.tables import (
    CallRecord,
    LegRecord,
    OfferRecord,
    SegmentParty,
    SegmentRecord,
)
from storage.database import Base
from storage.recording_pauses import RecordingPause
from storage.recordings import Recording

Part = TypeVar("Part", bound=Base)

AT_ONCE = 400
LONGEST = timedelta(hours=24)  # of a call
SAME = timedelta(hours=1)  # between two begins of what may be one leg: ids come again after years


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A call and its parts, each in order of time."""

    call: CallRecord
    legs: Sequence[LegRecord] = field(default_factory=list)
    segments: Sequence[SegmentStory] = field(default_factory=list)
    offers: Sequence[OfferRecord] = field(default_factory=list)
    recordings: Sequence[Recording] = field(default_factory=list)
    pauses: Mapping[UUID, Sequence[RecordingPause]] = field(default_factory=dict)  # by recording


async def parts(session: AsyncSession, keys: Collection[UUID]) -> list[Parts]:
    """The stored calls of these ids with their parts; an id that is not stored is left out."""
    found = []
    for some in _groups(keys):
        query = select(CallRecord).where(CallRecord.id.in_(some)).order_by(CallRecord.started_at)
        calls = (await session.scalars(query)).all()
        legs = await _by_call(session, LegRecord, some, "started_at")
        segments = await _by_call(session, SegmentRecord, some, "started_at")
        parties = await _parties(session, [s.id for each in segments.values() for s in each])
        offers = await _by_call(session, OfferRecord, some, "started_at")
        recordings = await _by_call(session, Recording, some, "created_at")
        heard = [recording.id for each in recordings.values() for recording in each]
        pauses = await storage.recording_pauses.of(session, heard)
        found += [
            Parts(
                call=call,
                legs=legs[call.id],
                segments=[SegmentStory(s, parties[s.id]) for s in segments[call.id]],
                offers=offers[call.id],
                recordings=recordings[call.id],
                pauses=pauses,
            )
            for call in calls
        ]
    return found


async def touching(
    session: AsyncSession, pbx_id: UUID, *, since: datetime, until: datetime
) -> Sequence[UUID]:
    """Ids of the PBX's calls that were up at some moment of the period."""
    query = select(CallRecord.id).where(
        CallRecord.pbx_id == pbx_id,
        CallRecord.started_at >= since - LONGEST,
        CallRecord.started_at <= until,
        or_(CallRecord.ended_at.is_(None), CallRecord.ended_at >= since),
    )
    return (await session.scalars(query.order_by(CallRecord.started_at))).all()


async def owners(
    session: AsyncSession, pbx_id: UUID, legs: Mapping[str, datetime]
) -> dict[str, UUID]:
    """The call in which each of these legs is stored, by uniqueid; `legs` says when it began."""
    found: dict[str, UUID] = {}
    columns = (LegRecord.uniqueid, LegRecord.started_at, LegRecord.call_id)
    for some in _groups(legs):
        query = select(*columns).where(LegRecord.pbx_id == pbx_id, LegRecord.uniqueid.in_(some))
        rows = (await session.execute(query)).all()
        found.update((uid, call) for uid, began, call in rows if abs(began - legs[uid]) <= SAME)
    return found


def _groups(keys: Iterable[object]) -> Iterable[list[object]]:
    rest = iter(keys)
    return iter(lambda: list(islice(rest, AT_ONCE)), [])


async def _by_call(
    session: AsyncSession, part: type[Part], keys: list[object], order: str
) -> Mapping[UUID, list[Part]]:
    columns = cast("Table", part.__table__).c
    query = select(part).where(columns.call_id.in_(keys)).order_by(columns[order], columns.id)
    found: dict[UUID, list[Part]] = defaultdict(list)
    for row in await session.scalars(query):
        found[row.call_id].append(row)  # type: ignore[attr-defined]
    return found


async def _parties(
    session: AsyncSession, keys: Sequence[UUID]
) -> Mapping[UUID, list[SegmentParty]]:
    found: dict[UUID, list[SegmentParty]] = defaultdict(list)
    for some in _groups(keys):
        query = select(SegmentParty).where(SegmentParty.segment_id.in_(some))
        for party in await session.scalars(query):
            found[party.segment_id].append(party)
    return found
