"""Writing calls as the tracker tells them: whole, in groups, a newer revision over an older."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pbx_bridge.call import Call
from storage import audit
from storage.calls import joins, upserts
from storage.calls.memories import forget_vanished, recall, recall_parts
from storage.calls.rows import CallContext, Rows, add_call
from storage.calls.tables import ERASED, CallAlias, CallRecord

Told = tuple[Call, CallContext]
LATE = "events after the end"


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
    stored = await session.scalar(select(CallRecord.revision).where(CallRecord.id == call.id))
    if key is None and stored != ERASED:
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
    stored = await recall(session, list(told))
    if not forced:
        told = {k: p for k, p in told.items() if stored.revisions.get(k, 0) <= p[0].revision}
    joining = [call for call, _context in told.values() if call.aliases]
    gone = [alias for call in joining for alias in call.aliases]
    await recall_parts(session, stored, [*(k for k in told if k in stored.revisions), *gone])
    connection = await session.connection()
    rows = Rows()
    agents: set[tuple[UUID, UUID]] = set()
    for key, (call, context) in told.items():
        before = stored.revisions.get(key, 0)
        revision = max(call.revision, before + 1) if forced else call.revision
        spell = upserts.SPELLINGS[connection.dialect.name]
        users = add_call(rows, call, context, revision=revision, stored=stored.users, spell=spell)
        agents.update((key, user) for user in users)
        if key in stored.settled and revision > before:
            audit.record(session, "call.revised", by=by, key=key, revision=revision, reason=reason)
    if joining:
        await upserts.write(connection, Rows(calls=rows.calls))
        for call in joining:
            for alias in call.aliases:
                await joins.join(session, call.id, alias)
    await forget_vanished(session, stored, [call for call, _context in told.values()], agents)
    await upserts.write(connection, rows)
