"""An agent's own day: what they promised that is due, and today's figures beside the team's."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import case, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.calls import CallAgent, CallRecord, OfferRecord, WrapUp, rang_in_vain
from storage.customers import Customer
from storage.promises import Promise

MOST_DUE = 20


class DuePromise(NamedTuple):
    """A promise that is due, and to whom it was given."""

    promise: Promise
    customer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one agent did; an average holds fractions."""

    rang: float = 0
    talked: float = 0
    talk_seconds: float = 0.0  # of the calls that are theirs at the end
    missed: float = 0
    wrapped_up: float = 0  # of the calls since then

    @classmethod
    def average(cls, each: Collection["Figures"]) -> "Figures | None":
        """The mean of those whose phone rang; None where nobody's did."""
        worked = [figures for figures in each if figures.rang]
        if not worked:
            return None
        sums = {f.name: sum(getattr(one, f.name) for one in worked) for f in fields(cls)}
        return cls(**{name: total / len(worked) for name, total in sums.items()})


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


async def count_promises(session: AsyncSession, user_id: UUID, *, until: date) -> int:
    """How much of what the user promised is open and due by that day."""
    query = select(func.count()).where(
        Promise.user_id == user_id,
        Promise.kept_at.is_(None),
        Promise.broken_at.is_(None),
        Promise.due_on <= until,
    )
    return await session.scalar(query) or 0


async def tally(session: AsyncSession, user_id: UUID, *, since: datetime) -> Tally:
    """Count the user's calls that began since then."""
    talked = func.sum(case((CallAgent.talked, 1), else_=0))
    query = select(func.count(), talked).where(
        CallAgent.user_id == user_id, CallAgent.started_at >= since
    )
    rang, spoke = (await session.execute(query)).one()
    return Tally(rang, int(spoke or 0))


async def figures(
    session: AsyncSession, users: Collection[UUID], *, since: datetime
) -> Mapping[UUID, Figures]:
    """What each of the users did since then; those who did nothing as well."""
    talked = func.sum(case((CallAgent.talked, 1), else_=0))
    calls = select(CallAgent.user_id, func.count(), talked).where(
        CallAgent.user_id.in_(users), CallAgent.started_at >= since
    )
    seconds = select(CallRecord.user_id, func.sum(CallRecord.talk_seconds)).where(
        CallRecord.user_id.in_(users), CallRecord.started_at >= since
    )
    talks = exists().where(
        CallAgent.call_id == OfferRecord.call_id,
        CallAgent.user_id == OfferRecord.user_id,
        CallAgent.talked,
    )
    missed = select(OfferRecord.user_id, func.count(OfferRecord.call_id.distinct())).where(
        OfferRecord.user_id.in_(users), OfferRecord.started_at >= since, rang_in_vain(), ~talks
    )
    notes = (
        select(WrapUp.user_id, func.count())
        .join(CallRecord, CallRecord.id == WrapUp.call_id)
        .where(WrapUp.user_id.in_(users), CallRecord.started_at >= since)
    )
    found = {user: dict[str, float]() for user in users}
    for row in await session.execute(calls.group_by(CallAgent.user_id)):
        found[row[0]] |= {"rang": row[1], "talked": int(row[2] or 0)}
    for name, query, column in (
        ("talk_seconds", seconds, CallRecord.user_id),
        ("missed", missed, OfferRecord.user_id),
        ("wrapped_up", notes, WrapUp.user_id),
    ):
        for user, value in await session.execute(query.group_by(column)):
            found[user][name] = value or 0
    return {user: Figures(**values) for user, values in found.items()}
