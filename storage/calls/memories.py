"""What the base already holds of calls that are told again, and letting go of what is gone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import and_, delete, select, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from pbx_bridge.call import Call
from storage.calls.rows import told_keys
from storage.calls.tables import (
    CallAgent,
    CallRecord,
    LegRecord,
    OfferRecord,
    SegmentParty,
    SegmentRecord,
)
from storage.recordings import Recording, RecordingState

Pair = tuple[UUID, UUID]


@dataclass(slots=True)
class Memory:
    """Revisions of the calls, and keys of their parts, before they are written."""

    revisions: dict[UUID, int] = field(default_factory=dict)
    settled: set[UUID] = field(default_factory=set)
    users: dict[UUID, UUID] = field(default_factory=dict)  # of legs and offers
    parts: set[UUID] = field(default_factory=set)  # legs, offers, segments, pending recordings
    parties: set[Pair] = field(default_factory=set)  # (segment, leg)
    agents: set[Pair] = field(default_factory=set)  # (call, user)


async def recall(session: AsyncSession, keys: Sequence[UUID]) -> Memory:
    """Read which of the calls are stored, locked against other writers."""
    query = select(CallRecord.id, CallRecord.revision, CallRecord.settled_at)
    memory = Memory()
    rows = await session.execute(query.where(CallRecord.id.in_(keys)).with_for_update())
    for key, revision, settled_at in rows:
        memory.revisions[key] = revision
        if settled_at is not None:
            memory.settled.add(key)
    return memory


async def recall_parts(session: AsyncSession, memory: Memory, keys: Sequence[UUID]) -> None:
    """Read which parts the stored calls have."""
    if not keys:
        return
    people = union_all(
        *(select(x.id, x.user_id).where(x.call_id.in_(keys)) for x in (LegRecord, OfferRecord))
    )
    for key, user_id in await session.execute(people):
        memory.parts.add(key)
        if user_id is not None:
            memory.users[key] = user_id
    segments = (
        select(SegmentRecord.id, SegmentParty.leg_id)
        .outerjoin(SegmentParty, SegmentParty.segment_id == SegmentRecord.id)
        .where(SegmentRecord.call_id.in_(keys))
    )
    for key, leg_id in await session.execute(segments):
        memory.parts.add(key)
        if leg_id is not None:
            memory.parties.add((key, leg_id))
    # sound outlives a retelling that omits it: only what was never picked up may go, and not what
    # a person took into the call (it has no leg)
    pending = and_(
        Recording.call_id.in_(keys),
        Recording.state == RecordingState.PENDING,
        Recording.leg_id.is_not(None),
    )
    memory.parts.update(await session.scalars(select(Recording.id).where(pending)))
    agents = select(CallAgent.call_id, CallAgent.user_id).where(CallAgent.call_id.in_(keys))
    memory.agents.update((call, user) for call, user in await session.execute(agents))


async def forget_vanished(
    session: AsyncSession, memory: Memory, calls: Sequence[Call], agents: set[Pair]
) -> None:
    """Delete the parts that no call tells of any more; `agents` are those who still take part."""
    if vanished := memory.parts.difference(*map(told_keys, calls)):
        for part in (LegRecord, OfferRecord, SegmentRecord, Recording):
            await session.execute(delete(part).where(part.id.in_(vanished)))
    parties = {
        (segment.id, party.leg)
        for call in calls
        for segment in call.segments
        for party in segment.parties
    }
    if gone := memory.parties - parties:
        pair = tuple_(SegmentParty.segment_id, SegmentParty.leg_id)
        await session.execute(delete(SegmentParty).where(pair.in_(gone)))
    joined = {alias: call.id for call in calls for alias in call.aliases}
    known = {(joined.get(call, call), user) for call, user in memory.agents}
    if gone := known - agents:
        pair = tuple_(CallAgent.call_id, CallAgent.user_id)
        await session.execute(delete(CallAgent).where(pair.in_(gone)))
