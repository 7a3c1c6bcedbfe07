"""Which recordings are due now, by the rules and what holds them."""

from collections import defaultdict
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

import storage.holds
from storage.calls import CallRecord, WrapUp
from storage.consents import CallConsent
from storage.holds import LegalHold
from storage.recordings import Recording, RecordingState
from storage.retention.policies import terms as chosen
from storage.rules.retention import Consent, End, Facts, Terms, end_of, least_days
from storage.tags import CallTag

BATCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A recording whose time is over, or will be."""

    recording_id: UUID
    call_id: UUID
    customer_id: UUID | None
    started_at: datetime  # of the call
    queue: str | None
    seconds: float | None
    end: End
    is_held: bool  # it is kept all the same


async def due(
    session: AsyncSession,
    *,
    now: datetime,
    terms: Terms | None = None,
    only_refused: bool = False,
) -> AsyncIterator[Due]:
    """Every recording that goes by now, the oldest first; those that are held bear that mark."""
    terms = terms or await chosen(session)
    days = least_days(terms)
    if days is None:
        return
    after: UUID | None = None
    while True:
        query = _candidates().where(Recording.created_at <= now - timedelta(days=days))
        if only_refused:
            refused = select(CallConsent.call_id).where(CallConsent.state == Consent.REFUSED)
            query = query.where(Recording.call_id.in_(refused))
        if after is not None:
            query = query.where(Recording.id > after)
        rows = (await session.execute(query.order_by(Recording.id).limit(BATCH))).all()
        for found in await _judged(session, rows, terms):
            if found.end.at <= now:
                yield found
        if len(rows) < BATCH:
            return
        after = rows[-1][0].id


async def end_of_recording(
    session: AsyncSession, recording_id: UUID, *, terms: Terms | None = None
) -> Due | None:
    """When one recording goes; None where it never does, or is gone."""
    query = _candidates().where(Recording.id == recording_id)
    rows = (await session.execute(query)).all()
    found = await _judged(session, rows, terms or await chosen(session))
    return found[0] if found else None


async def is_held(session: AsyncSession, call_id: UUID) -> bool:
    """Whether a hold keeps the call's recordings: its own, or its customer's."""
    call = await session.get_one(CallRecord, call_id)
    return bool(await storage.holds.on_call(session, call_id, call.customer_id))


def _candidates() -> Select[Recording, CallRecord]:
    """Recordings that there is something of, or may come."""
    return (
        select(Recording, CallRecord)
        .join(CallRecord, CallRecord.id == Recording.call_id)
        .where(or_(Recording.shelf_key.is_not(None), Recording.state == RecordingState.PENDING))
    )


async def _judged(session: AsyncSession, rows, terms: Terms) -> list[Due]:  # type: ignore[no-untyped-def]  # noqa: ANN001
    calls = {call.id for _, call in rows}
    if not calls:
        return []
    tags = await _pairs(session, CallTag.call_id, CallTag.tag_id, calls)
    outcomes = await _pairs(session, WrapUp.call_id, WrapUp.outcome_id, calls)
    query = select(CallConsent.call_id, CallConsent.state).where(CallConsent.call_id.in_(calls))
    consents = dict((await session.execute(query)).all())
    held = await _held(session, {call.customer_id for _, call in rows if call.customer_id}, calls)
    found = []
    for recording, call in rows:
        facts = Facts(
            at=call.ended_at or recording.created_at, queue=call.queue, tags=tags[call.id],
            outcomes=outcomes[call.id], consent=consents.get(call.id, Consent.UNKNOWN),
        )  # fmt: skip
        end = end_of(terms, facts)
        if recording.state is RecordingState.PENDING and facts.consent is not Consent.REFUSED:
            continue  # what never came is no recording
        if end is not None:
            found.append(
                Due(
                    recording_id=recording.id, call_id=call.id, customer_id=call.customer_id,
                    started_at=call.started_at, queue=call.queue, seconds=recording.seconds,
                    end=end, is_held=call.id in held or call.customer_id in held,
                )
            )  # fmt: skip
    return found


async def _pairs(session: AsyncSession, key, value, calls: Collection[UUID]):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for call, other in await session.execute(select(key, value).where(key.in_(calls))):
        if other is not None:
            found[call].add(other)
    return found


async def _held(
    session: AsyncSession, customers: Collection[UUID], calls: Collection[UUID]
) -> set[UUID | None]:
    """The calls and customers of these that are held."""
    query = select(LegalHold.call_id, LegalHold.customer_id).where(
        LegalHold.lifted_at.is_(None),
        or_(LegalHold.call_id.in_(calls), LegalHold.customer_id.in_(customers)),
    )
    held = {key for row in await session.execute(query) for key in row}
    return held - {None}
