"""What a list shows of a call beside its own row, read for a whole page at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

import storage.recoveries
from storage.calls.tables import CallRecord, WrapUp
from storage.customers import Customer, CustomerKind
from storage.outcomes import Outcome
from storage.recordings import Recording, RecordingState
from storage.users import User

BEST_FIRST = (
    RecordingState.READY,
    RecordingState.TRUNCATED,
    RecordingState.PENDING,
    RecordingState.BROKEN,
    RecordingState.EMPTY,
    RecordingState.MISSING,
    RecordingState.GIVEN_UP,
    RecordingState.DELETED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLine:
    """A call as a list shows it."""

    call: CallRecord
    customer: str | None = None
    customer_kind: CustomerKind | None = None
    agent: str | None = None
    outcomes: tuple[str, ...] = ()
    note: str = ""  # the first of its wrap-ups
    recording: RecordingState | None = None  # the best of its recordings
    is_recovered: bool = False  # told from the PBX's books


async def lines_of(session: AsyncSession, calls: Sequence[CallRecord]) -> list[CallLine]:
    """Give each call the names, outcomes and recording that a list shows."""
    keys = [call.id for call in calls]
    if not keys:
        return []
    customers = await _customers(session, {c.customer_id for c in calls if c.customer_id})
    agents = await _agents(session, {call.user_id for call in calls if call.user_id})
    recordings = await _recordings(session, keys)
    wrap_ups = await _wrap_ups(session, keys)
    recovered = await storage.recoveries.among(session, keys)
    lines = []
    for call in calls:
        name, kind = customers[call.customer_id] if call.customer_id else (None, None)
        outcomes, note = wrap_ups.get(call.id, ((), ""))
        lines.append(
            CallLine(
                call=call,
                customer=name,
                customer_kind=kind,
                agent=agents[call.user_id] if call.user_id else None,
                outcomes=outcomes,
                note=note,
                recording=recordings.get(call.id),
                is_recovered=call.id in recovered,
            )
        )
    return lines


async def _customers(
    session: AsyncSession, keys: set[UUID]
) -> dict[UUID, tuple[str, CustomerKind]]:
    query = select(Customer.id, Customer.name, Customer.kind).where(Customer.id.in_(keys))
    return {key: (name, kind) for key, name, kind in (await session.execute(query))}


async def _agents(session: AsyncSession, keys: set[UUID]) -> dict[UUID, str]:
    query = select(User.id, User.name).where(User.id.in_(keys))
    return dict((await session.execute(query)).all())


async def _recordings(session: AsyncSession, keys: Sequence[UUID]) -> dict[UUID, RecordingState]:
    query = select(Recording.call_id, Recording.state).where(Recording.call_id.in_(keys))
    best: dict[UUID, RecordingState] = {}
    for call_id, state in await session.execute(query):
        best[call_id] = min(state, best.get(call_id, state), key=BEST_FIRST.index)
    return best


async def _wrap_ups(
    session: AsyncSession, keys: Sequence[UUID]
) -> dict[UUID, tuple[tuple[str, ...], str]]:
    query = (
        select(WrapUp.call_id, WrapUp.note, Outcome.name)
        .outerjoin(Outcome, Outcome.id == WrapUp.outcome_id)
        .where(WrapUp.call_id.in_(keys))
        .order_by(WrapUp.created_at)
    )
    found: dict[UUID, tuple[tuple[str, ...], str]] = {}
    for call_id, note, outcome in await session.execute(query):
        outcomes, first = found.get(call_id, ((), ""))
        found[call_id] = (outcomes + ((outcome,) if outcome else ()), first or note)
    return found
