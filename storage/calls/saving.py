"""Writing calls as the tracker tells them: whole, in groups, a newer revision over an older."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import delete, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from pbx_bridge.call import Call
from storage import audit
from storage.calls import joins, upserts
from storage.calls.rows import CallContext, Rows, add_call, told_keys
from storage.calls.tables import (
    CallAgent,
    CallAlias,
    CallRecord,
    LegRecord,
    OfferRecord,
    SegmentParty,
    SegmentRecord,
)
from storage.recordings import Recording, RecordingState

Told = tuple[Call, CallContext]
LATE = "events after the end"


@dataclass(slots=True)
class _Stored:
    """What the base already knows of the calls that are being written."""

    revisions: dict[UUID, int] = field(default_factory=dict)
    settled: set[UUID] = field(default_factory=set)
    seats: dict[UUID, UUID] = field(default_factory=dict)  # leg or offer -> its user


async def save(session: AsyncSession, call: Call, *, context: CallContext) -> None:
    """Store the call as it is told; an older revision than the stored one changes nothing."""
    await save_many(session, [(call, context)])


async def save_many(session: AsyncSession, told: Iterable[Told]) -> None:
    """Store many calls in one go, each whole: rows that are told no more go.

    Wrap-ups, notes, promises, what the pickup found and a match by hand stay. Calls named in
    `call.aliases` are joined into it. A revision of a settled call leaves an audit row.
    """
    await _write(session, await _newest(session, told), reason=LATE)


async def retell(
    session: AsyncSession, call: Call, *, context: CallContext, reason: str, by: UUID | None
) -> None:
    """Store the call whatever its revision: reconciliation or replay knows better."""
    key = await session.scalar(select(CallAlias.call_id).where(CallAlias.id == call.id))
    if key is None:
        await _write(session, {call.id: (call, context)}, reason=reason, by=by, forced=True)


async def _newest(session: AsyncSession, told: Iterable[Told]) -> dict[UUID, Told]:
    """Keep the last revision of each call, and none of a call that became part of another."""
    newest: dict[UUID, Told] = {}
    for call, context in told:
        if call.id not in newest or newest[call.id][0].revision <= call.revision:
            newest[call.id] = (call, context)
    gone = {alias for call, _ in newest.values() for alias in call.aliases}
    query = select(CallAlias.id).where(CallAlias.id.in_(newest))
    gone.update(await session.scalars(query))
    return {key: pair for key, pair in newest.items() if key not in gone}


async def _write(
    session: AsyncSession,
    told: dict[UUID, Told],
    *,
    reason: str,
    by: UUID | None = None,
    forced: bool = False,
) -> None:
    if not told:
        return
    stored = await _stored(session, list(told))
    if not forced:
        told = {k: p for k, p in told.items() if stored.revisions.get(k, 0) <= p[0].revision}
    joined = [gone for call, _ in told.values() for gone in call.aliases]
    await _read_seats(session, stored, [*(k for k in told if k in stored.revisions), *joined])
    connection = await session.connection()
    rows = Rows()
    for key, (call, context) in told.items():
        before = stored.revisions.get(key, 0)
        revision = max(call.revision, before + 1) if forced else call.revision
        add_call(
            rows,
            call,
            context,
            revision=revision,
            stored=stored.seats,
            spell=upserts.SPELLINGS[connection.dialect.name],
        )
        if key in stored.settled and revision > before:
            audit.record(session, "call.revised", by=by, key=key, revision=revision, reason=reason)
    known = [call for key, (call, _) in told.items() if key in stored.revisions]
    joining = [call for call, _ in told.values() if call.aliases]
    if joining:
        await upserts.write(connection, Rows(calls=rows.calls))
        for call in joining:
            for gone in call.aliases:
                await joins.join(session, call.id, gone)
    await _forget(session, {call.id: call for call in [*known, *joining]}, told)
    await upserts.write(connection, rows)


async def _stored(session: AsyncSession, keys: Sequence[UUID]) -> _Stored:
    query = select(CallRecord.id, CallRecord.revision, CallRecord.settled_at)
    rows = await session.execute(query.where(CallRecord.id.in_(keys)).with_for_update())
    stored = _Stored()
    for key, revision, settled_at in rows:
        stored.revisions[key] = revision
        if settled_at is not None:
            stored.settled.add(key)
    return stored


async def _read_seats(session: AsyncSession, stored: _Stored, keys: Sequence[UUID]) -> None:
    if not keys:
        return
    query = union_all(
        *(
            select(part.id, part.user_id).where(part.call_id.in_(keys), part.user_id.is_not(None))
            for part in (LegRecord, OfferRecord)
        )
    )
    for key, user_id in await session.execute(query):
        if user_id is not None:
            stored.seats[key] = user_id


async def _forget(session: AsyncSession, calls: dict[UUID, Call], told: dict[UUID, Told]) -> None:
    """Delete the parts of `calls` that no call tells of any more."""
    if not calls:
        return
    keep = set().union(*(told_keys(call) for call, _ in told.values()))
    for part in (LegRecord, SegmentRecord, OfferRecord):
        query = select(part.id).where(part.call_id.in_(calls))
        if vanished := set(await session.scalars(query)) - keep:
            await session.execute(delete(part).where(part.id.in_(vanished)))
    await _forget_recordings(session, calls, keep)
    await session.execute(delete(CallAgent).where(CallAgent.call_id.in_(calls)))
    segments = select(SegmentRecord.id).where(SegmentRecord.call_id.in_(calls))
    await session.execute(delete(SegmentParty).where(SegmentParty.segment_id.in_(segments)))


async def _forget_recordings(
    session: AsyncSession, calls: dict[UUID, Call], keep: set[UUID]
) -> None:
    """Only what was never picked up goes: sound outlives a retelling that omits it."""
    query = select(Recording.id).where(
        Recording.call_id.in_(calls), Recording.state == RecordingState.PENDING
    )
    if vanished := set(await session.scalars(query)) - keep:
        await session.execute(delete(Recording).where(Recording.id.in_(vanished)))
