"""Which tasks there are: a person's, a customer's, and those that wait for someone."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from storage.customers import Customer
from storage.tasks.tables import Task, TaskKind
from storage.teams import Team
from storage.users import User

MOST = 100


class TaskLine(NamedTuple):
    """A task with the names that belong to it."""

    task: Task
    customer: str | None
    user: str | None  # who does it
    team: str | None
    author: str | None  # who noted it
    finisher: str | None


async def open_for(
    session: AsyncSession,
    user_id: UUID,
    teams: Collection[UUID],
    *,
    kind: TaskKind | None = None,
    limit: int = MOST,
) -> Sequence[TaskLine]:
    """What the user may do: their own, their teams' and anyone's; the longest overdue first."""
    query = _lines().where(for_user(user_id, teams))
    if kind is not None:
        query = query.where(Task.kind == kind)
    return await _fetch(session, query.order_by(*_due_first()).limit(limit))


async def due_for(
    session: AsyncSession, user_id: UUID, teams: Collection[UUID], *, until: datetime
) -> Sequence[Task]:
    """What of it is due by then, the longest overdue first."""
    query = select(Task).where(for_user(user_id, teams), Task.due_at <= until)
    return (await session.scalars(query.order_by(*_due_first()).limit(MOST))).all()


async def open_of(session: AsyncSession, customer_id: UUID) -> Sequence[TaskLine]:
    """What is to be done for a customer, what is due first first."""
    query = _lines().where(Task.customer_id == customer_id, Task.done_at.is_(None))
    return await _fetch(session, query.order_by(*_due_first()).limit(MOST))


async def latest_of(session: AsyncSession, customer_id: UUID, *, limit: int) -> Sequence[TaskLine]:
    """Every task for a customer, done or not, newest first."""
    query = _lines().where(Task.customer_id == customer_id)
    return await _fetch(session, query.order_by(Task.created_at.desc(), Task.id).limit(limit))


async def of_call(session: AsyncSession, call_id: UUID) -> Sequence[TaskLine]:
    """What was noted to be done in or after a call."""
    return await _fetch(session, _lines().where(Task.call_id == call_id).order_by(Task.id))


async def listed(
    session: AsyncSession,
    *,
    user_id: UUID | None = None,
    customer_id: UUID | None = None,
    kind: TaskKind | None = None,
    done: bool | None = None,
    due_before: datetime | None = None,
    after: UUID | None = None,
    limit: int = MOST,
) -> Sequence[Task]:
    """Tasks in the order in which they were made, from behind `after` on."""
    query = select(Task).order_by(Task.id).limit(limit)
    wanted: list[ColumnElement[bool]] = []
    if user_id is not None:
        wanted.append(Task.user_id == user_id)
    if customer_id is not None:
        wanted.append(Task.customer_id == customer_id)
    if kind is not None:
        wanted.append(Task.kind == kind)
    if done is not None:
        wanted.append(Task.done_at.is_not(None) if done else Task.done_at.is_(None))
    if due_before is not None:
        wanted.append(Task.due_at < due_before)
    if after is not None:
        wanted.append(Task.id > after)
    return (await session.scalars(query.where(*wanted))).all()


def for_user(user_id: UUID, teams: Collection[UUID]) -> ColumnElement[bool]:
    """What is open and the user's own, or waits for them: of their teams or for anyone."""
    free = and_(Task.user_id.is_(None), or_(Task.team_id.is_(None), Task.team_id.in_(teams)))
    return and_(Task.done_at.is_(None), or_(Task.user_id == user_id, free))


def _due_first() -> tuple[Any, ...]:
    return Task.due_at.is_(None), Task.due_at, Task.id


def _lines() -> Select[*tuple[Any, ...]]:
    user, author, finisher = aliased(User), aliased(User), aliased(User)
    return (
        select(Task, Customer.name, user.name, Team.name, author.name, finisher.name)
        .outerjoin(Customer, Customer.id == Task.customer_id)
        .outerjoin(user, user.id == Task.user_id)
        .outerjoin(Team, Team.id == Task.team_id)
        .outerjoin(author, author.id == Task.made_by)
        .outerjoin(finisher, finisher.id == Task.done_by)
    )


async def _fetch(session: AsyncSession, query: Select[*tuple[Any, ...]]) -> Sequence[TaskLine]:
    return [TaskLine(*row) for row in (await session.execute(query)).all()]
