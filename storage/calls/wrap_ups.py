"""What an agent notes after a call: outcome and a few words; and what is still to be noted."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from pbx_bridge.call import CallState
from pbx_bridge.ids import uuid7
from storage import audit
from storage.calls.joins import resolve
from storage.calls.tables import CallAgent, CallRecord, OfferRecord, WrapUp
from storage.errors import NotFound, Refused
from storage.outcomes import Outcome

MOST_OPEN = 50


async def wrap_up(
    session: AsyncSession,
    call_id: UUID,
    *,
    user_id: UUID,
    outcome_id: UUID | None,
    note: str,
    by: UUID | None,
) -> WrapUp:
    """Store outcome and note of the user after the call; stored again, they are changed.

    Raises NotFound for an unknown call, Refused for an outcome that cannot be chosen.
    """
    key = await resolve(session, call_id)
    row = await of_user(session, key, user_id)
    if outcome_id is not None and (row is None or row.outcome_id != outcome_id):
        outcome = await session.get(Outcome, outcome_id)
        if outcome is None or not outcome.active:
            raise Refused("this outcome cannot be chosen any more")
    now = datetime.now(UTC)
    if row is None:
        row = WrapUp(id=uuid7(now), call_id=key, user_id=user_id, created_at=now)
        session.add(row)
    row.outcome_id = outcome_id
    row.note = note.strip().replace("\0", "\N{REPLACEMENT CHARACTER}")
    row.updated_at = now
    await session.flush()
    audit.record(
        session,
        "wrap_up.stored",
        by=by,
        key=row.id,
        call=str(key),
        outcome=str(outcome_id) if outcome_id else None,
    )
    return row


async def of_user(session: AsyncSession, call_id: UUID, user_id: UUID) -> WrapUp | None:
    """What the user noted after the call, or None."""
    query = select(WrapUp).where(WrapUp.call_id == call_id, WrapUp.user_id == user_id)
    row: WrapUp | None = await session.scalar(query)
    return row


async def not_wrapped_up(
    session: AsyncSession, user_id: UUID, *, since: datetime
) -> Sequence[CallRecord]:
    """Ended calls that the user talked in since then, noted nothing on and did not put away."""
    noted = exists().where(WrapUp.call_id == CallRecord.id, WrapUp.user_id == user_id)
    put_away = exists().where(
        OfferRecord.call_id == CallRecord.id,
        OfferRecord.user_id == user_id,
        OfferRecord.dismissed_at.is_not(None),
    )
    query = (
        select(CallRecord)
        .join(CallAgent, CallAgent.call_id == CallRecord.id)
        .where(
            CallAgent.user_id == user_id,
            CallAgent.started_at >= since,
            CallAgent.talked,
            CallRecord.state == CallState.ENDED,
            ~noted,
            ~put_away,
        )
        .order_by(CallAgent.started_at.desc())
        .limit(MOST_OPEN)
    )
    return (await session.scalars(query)).all()


async def put_away(session: AsyncSession, offer_ids: Collection[UUID], *, at: datetime) -> None:
    """No card was ever shown for these offers, and none shall ask for a wrap-up now."""
    query = update(OfferRecord).where(
        OfferRecord.id.in_(offer_ids), OfferRecord.dismissed_at.is_(None)
    )
    await session.execute(query.values(dismissed_at=at))


async def dismiss(session: AsyncSession, offer_id: UUID, *, user_id: UUID, at: datetime) -> None:
    """Note that the user put the card of the offer away; NotFound where it is not theirs."""
    query = (
        update(OfferRecord)
        .where(OfferRecord.id == offer_id, OfferRecord.user_id == user_id)
        .values(dismissed_at=at)
        .returning(OfferRecord.id)
    )
    if (await session.execute(query)).first() is None:
        raise NotFound("offer", offer_id)
