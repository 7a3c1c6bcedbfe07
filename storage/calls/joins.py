"""Two provisional calls that turned out to be one: the older id stays, the other still resolves."""

from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage import audit
from storage.calls.tables import (
    CallAgent,
    CallAlias,
    CallRecord,
    LegRecord,
    OfferRecord,
    SegmentRecord,
    WrapUp,
)
from storage.consents import CallConsent
from storage.errors import NotFound
from storage.hand_overs import HandOver
from storage.holds import LegalHold
from storage.notes import Note
from storage.picks import taking as picks
from storage.promises import Promise
from storage.recording_pauses import PauseOrder
from storage.recordings import Recording
from storage.recoveries import Recovery
from storage.reviews import joining as reviews
from storage.rules.retention import Consent
from storage.scripts import lines as script_lines
from storage.supervisions import Supervision
from storage.tags import CallTag
from storage.tasks.tables import Task
from storage.tombstones import Tombstone

PARTS = (
    *(LegRecord, SegmentRecord, OfferRecord, Recording, Recovery),
    *(Note, Promise, Task, HandOver, PauseOrder, Supervision, LegalHold, Tombstone),
)


async def join(session: AsyncSession, keep: UUID, gone: UUID) -> None:
    """Make `gone` an alias of the stored call `keep` and move everything that hangs on it.

    `gone` may never have been stored. Raises NotFound where `keep` is not.
    """
    kept = await session.get(CallRecord, keep, populate_existing=True)
    if kept is None:
        raise NotFound("call", keep)
    if keep == gone or await session.get(CallAlias, gone) is not None:
        return
    lost = await session.get(CallRecord, gone, populate_existing=True)
    if lost is not None:
        await _move(session, kept, gone)
        if lost.matched_by_hand and not kept.matched_by_hand:
            kept.customer_id, kept.match = lost.customer_id, lost.match
            kept.match_why = lost.match_why
            kept.matched_by_hand = True
        await session.flush()
        await session.execute(delete(CallRecord).where(CallRecord.id == gone))
    session.add(CallAlias(id=gone, call_id=keep))
    audit.record(session, "call.joined", by=audit.SYSTEM, key=keep, gone=str(gone))
    await session.flush()


async def resolve(session: AsyncSession, key: UUID) -> UUID:
    """Return the id under which the call `key` is stored now; raises NotFound."""
    query = select(CallAlias.call_id).where(CallAlias.id == key)
    now = await session.scalar(query) or key
    if await session.scalar(select(CallRecord.id).where(CallRecord.id == now)) is None:
        raise NotFound("call", key)
    return now


async def _move(session: AsyncSession, kept: CallRecord, gone: UUID) -> None:
    keep = kept.id
    for part in PARTS:
        await session.execute(update(part).where(part.call_id == gone).values(call_id=keep))
    older = update(CallAlias).where(CallAlias.call_id == gone)
    await session.execute(older.values(call_id=keep))
    await _move_agents(session, kept, gone)
    await _move_words(session, keep, gone)
    await _move_wrap_ups(session, keep, gone)
    await script_lines.move(session, keep=keep, gone=gone)
    await reviews.move(session, keep=keep, gone=gone)
    await picks.move(session, keep=keep, gone=gone)


async def _move_words(session: AsyncSession, keep: UUID, gone: UUID) -> None:
    """Both calls' tags hold; a refusal of either is one of both."""
    there = set(await session.scalars(select(CallTag.tag_id).where(CallTag.call_id == keep)))
    tags = update(CallTag).where(CallTag.call_id == gone, CallTag.tag_id.not_in(there))
    await session.execute(tags.values(call_id=keep))
    lost = await session.get(CallConsent, gone)
    if lost is not None:
        kept = await session.get(CallConsent, keep)
        if kept is None or lost.state is Consent.REFUSED:
            kept = kept or CallConsent(call_id=keep)
            kept.state, kept.source = lost.state, lost.source
            kept.user_id, kept.at = lost.user_id, lost.at
            kept.heard_at = max(filter(None, (kept.heard_at, lost.heard_at)), default=None)
            session.add(kept)
        await session.delete(lost)
        await session.flush()


async def _move_agents(session: AsyncSession, kept: CallRecord, gone: UUID) -> None:
    keep = kept.id
    there = set(await session.scalars(select(CallAgent.user_id).where(CallAgent.call_id == keep)))
    moved = update(CallAgent).where(CallAgent.call_id == gone, CallAgent.user_id.not_in(there))
    await session.execute(moved.values(call_id=keep, started_at=kept.started_at))
    talked = select(CallAgent.user_id).where(CallAgent.call_id == gone, CallAgent.talked)
    both = update(CallAgent).where(CallAgent.call_id == keep, CallAgent.user_id.in_(talked))
    await session.execute(both.values(talked=True))


async def _move_wrap_ups(session: AsyncSession, keep: UUID, gone: UUID) -> None:
    """Where the agent wrapped up both, the later outcome holds and no word is lost."""
    rows = await session.scalars(select(WrapUp).where(WrapUp.call_id.in_((keep, gone))))
    there: dict[UUID, WrapUp] = {}
    for row in sorted(rows, key=lambda row: row.call_id != keep):
        first = there.setdefault(row.user_id, row)
        if first is row:
            row.call_id = keep
            continue
        notes = sorted((first, row), key=lambda each: each.updated_at)
        first.outcome_id = notes[1].outcome_id or notes[0].outcome_id
        first.note = "\n".join(each.note for each in notes if each.note)
        first.updated_at = notes[1].updated_at
        await session.delete(row)
    await session.flush()
