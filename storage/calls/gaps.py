"""Calls that the PBX no longer knows: their end was lost in a gap, and the record says so."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from pbx_bridge.call import CallResult, CallState, OfferEnd
from storage import audit
from storage.calls.tables import CallRecord, LegRecord, OfferRecord, SegmentRecord


@dataclass(frozen=True, slots=True)
class OpenLeg:
    """A leg that was alive when we last heard of it."""

    call_id: UUID
    leg_id: UUID
    uniqueid: str


async def open_legs(session: AsyncSession, pbx_id: UUID) -> Sequence[OpenLeg]:
    """Every leg of the PBX's calls that have not ended: compare with CoreShowChannels."""
    query = (
        select(CallRecord.id, LegRecord.id, LegRecord.uniqueid)
        .join(LegRecord, LegRecord.call_id == CallRecord.id)
        .where(
            CallRecord.pbx_id == pbx_id,
            CallRecord.state != CallState.ENDED,
            LegRecord.ended_at.is_(None),
        )
    )
    return [OpenLeg(*row) for row in (await session.execute(query))]


async def close_lost(
    session: AsyncSession, call_ids: Collection[UUID], *, at: datetime, reason: str
) -> Sequence[UUID]:
    """End these calls at `at`, the moment we noticed; returns those that were still open.

    Audited with the reason, for the true end is not known; a later retelling may correct it.
    """
    query = select(CallRecord).where(
        CallRecord.id.in_(call_ids), CallRecord.state != CallState.ENDED
    )
    calls = (await session.scalars(query.with_for_update())).all()
    for call in calls:
        call.state = CallState.ENDED
        call.ended_at = call.settled_at = max(at, call.started_at)
        call.result = CallResult.ANSWERED if call.answered_at else CallResult.FAILED
        call.revision += 1
        audit.record(
            session, "call.revised", by=audit.SYSTEM, key=call.id,
            revision=call.revision, reason=reason,
        )  # fmt: skip
    await session.flush()
    closed = [call.id for call in calls]
    for part in (LegRecord, SegmentRecord, OfferRecord):
        open_parts = update(part).where(part.call_id.in_(closed), part.ended_at.is_(None))
        await session.execute(open_parts.values(ended_at=at))
    unanswered = update(OfferRecord).where(
        OfferRecord.call_id.in_(closed),
        OfferRecord.end.is_(None),
        OfferRecord.answered_at.is_(None),
    )
    await session.execute(unanswered.values(end=OfferEnd.WITHDRAWN))
    return closed
