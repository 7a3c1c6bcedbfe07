"""An agent's own day: the calls they took part in, and what they promised that is due."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.calls import CallAgent
from storage.customers import Customer
from storage.promises import Promise

MOST_DUE = 20


class DuePromise(NamedTuple):
    """A promise that is due, and to whom it was given."""

    promise: Promise
    customer: str


class Tally(NamedTuple):
    """How many calls rang at an agent, and in how many of them they talked."""

    rang: int
    talked: int


async def promises_due(
    session: AsyncSession, user_id: UUID, *, until: date
) -> Sequence[DuePromise]:
    """What the user promised, is open and due by that day; the longest overdue first."""
    query = (
        select(Promise, Customer.name)
        .join(Customer, Customer.id == Promise.customer_id)
        .where(
            Promise.user_id == user_id,
            Promise.kept_at.is_(None),
            Promise.broken_at.is_(None),
            Promise.due_on <= until,
        )
        .order_by(Promise.due_on, Promise.id)
        .limit(MOST_DUE)
    )
    return [DuePromise(promise, name) for promise, name in await session.execute(query)]


async def tally(session: AsyncSession, user_id: UUID, *, since: datetime) -> Tally:
    """Count the user's calls that began since then."""
    talked = func.sum(case((CallAgent.talked, 1), else_=0))
    query = select(func.count(), talked).where(
        CallAgent.user_id == user_id, CallAgent.started_at >= since
    )
    rang, spoke = (await session.execute(query)).one()
    return Tally(rang, int(spoke or 0))
