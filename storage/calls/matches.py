"""Who was on the other side: set or corrected by a person, and what follows from it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from pbx_bridge import matching
from pbx_bridge.call import Direction
from pbx_bridge.matching import Level as MatchLevel
from storage import audit
from storage.calls.joins import resolve
from storage.calls.tables import CallRecord
from storage.customers import Customer
from storage.errors import NotFound, Refused
from storage.notes import Note
from storage.numbers import Number
from storage.promises import Promise
from storage.tasks.tables import Task


async def match_by_hand(
    session: AsyncSession, call_id: UUID, customer_id: UUID | None, *, by: UUID | None
) -> CallRecord:
    """Say who was on the other side; None says that nobody we know was.

    What was written in this call about the wrong customer goes over to the right one. No later
    match by number changes it. Raises NotFound, and Refused for a call between colleagues.
    """
    key = await resolve(session, call_id)
    call = await session.get_one(CallRecord, key, with_for_update=True, populate_existing=True)
    if call.direction is Direction.INTERNAL:
        raise Refused("a call between colleagues has no customer")
    if customer_id is not None and await session.get(Customer, customer_id) is None:
        raise NotFound("customer", customer_id)
    before = call.customer_id
    call.customer_id = customer_id
    call.match = MatchLevel.KNOWN if customer_id else MatchLevel.UNKNOWN
    call.match_why = {"text": matching.BY_HAND}
    call.matched_by_hand = True
    if before and customer_id and before != customer_id:
        for part in (Note, Promise):
            written = update(part).where(part.call_id == key, part.customer_id == before)
            await session.execute(written.values(customer_id=customer_id))
    if customer_id and before != customer_id:
        await _give_tasks(session, Task.call_id == key, before, customer_id)
    audit.record(
        session,
        "call.matched",
        by=by,
        key=key,
        before=str(before) if before else None,
        after=str(customer_id) if customer_id else None,
    )
    await session.flush()
    return call


async def adopt(session: AsyncSession, e164: str, customer_id: UUID, *, by: UUID | None) -> int:
    """Give the customer the earlier unknown calls of the number; returns how many.

    Only where the customer is the number's one living owner; never a call matched by hand.
    """
    query = (
        select(Number.customer_id)
        .join(Customer, Customer.id == Number.customer_id)
        .where(Number.e164 == e164, Customer.closed_at.is_(None))
        .distinct()
    )
    await session.flush()
    if set(await session.scalars(query)) != {customer_id}:
        return 0
    adopted = await session.scalars(
        update(CallRecord)
        .where(
            CallRecord.e164 == e164,
            CallRecord.customer_id.is_(None),
            CallRecord.match == MatchLevel.UNKNOWN,
            CallRecord.matched_by_hand.is_(False),
            CallRecord.direction != Direction.INTERNAL,
        )
        .values(
            customer_id=customer_id,
            match=MatchLevel.KNOWN,
            match_why={"text": matching.FOLLOWED, "customer": str(customer_id)},
        )
        .returning(CallRecord.id)
        .execution_options(synchronize_session="fetch")
    )
    count = len(adopted.all())
    if count:
        theirs = select(CallRecord.id).where(CallRecord.customer_id == customer_id)
        await _give_tasks(session, Task.call_id.in_(theirs), None, customer_id)
        audit.record(session, "call.adopted", by=by, key=customer_id, calls=count)
    return count


async def _give_tasks(
    session: AsyncSession, noted: ColumnElement[bool], before: UUID | None, customer_id: UUID
) -> None:
    """What was noted to be done after a call is for the customer who is known now."""
    same = Task.customer_id == before if before else Task.customer_id.is_(None)
    given = {"customer_id": customer_id, "version": Task.version + 1}
    await session.execute(update(Task).where(noted, same).values(given))


async def last_contact(session: AsyncSession, customer_id: UUID) -> datetime | None:
    """When the customer was last on the phone with us, or tried to be."""
    query = select(func.max(CallRecord.started_at)).where(CallRecord.customer_id == customer_id)
    at: datetime | None = await session.scalar(query)
    return at
