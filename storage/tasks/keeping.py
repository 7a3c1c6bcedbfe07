"""Making tasks, changing, taking, finishing them; each act names who did it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

import storage.customers
import storage.teams
import storage.users
from pbx_bridge.ids import uuid7
from storage import audit
from storage.errors import NotFound, Refused
from storage.tasks.tables import Taken, Task, TaskChanged, TaskFacts


async def get(session: AsyncSession, key: UUID, *, locked: bool = False) -> Task:
    """The task, locked against other writers where asked; raises NotFound."""
    task = await session.get(
        Task, key, with_for_update=True if locked else None, populate_existing=locked
    )
    if task is None:
        raise NotFound("task", key)
    return task


async def add(session: AsyncSession, facts: TaskFacts, *, by: UUID | None, now: datetime) -> Task:
    """Note what is to be done; what the same person notes again after the same call is one.

    Raises Refused with what is missing, NotFound for a customer, user or team that is not there.
    """
    facts = facts.storable()
    await _check(session, facts)
    if facts.call_id and (same := await _same(session, facts, by)):
        return same
    values = _values(facts)
    task = Task(id=uuid7(now), **values, made_by=by, created_at=now, updated_at=now)
    session.add(task)
    await session.flush()
    audit.record(session, "task.added", by=by, key=task.id, **_told(facts))
    return task


async def change(
    session: AsyncSession,
    key: UUID,
    facts: TaskFacts,
    *,
    version: int,
    by: UUID | None,
    now: datetime,
) -> Task:
    """Save what was edited from `version` on; raises TaskChanged where a colleague was first.

    Saving what is stored already is no conflict; what is done is changed no more (Refused).
    """
    facts = facts.storable()
    task = await get(session, key, locked=True)
    changes = facts.changes_from(TaskFacts.of(task))
    if not changes:
        return task
    if task.version != version:
        raise TaskChanged(task, facts)
    if task.done_at is not None:
        raise Refused("This task is done: open it again before you change it.")
    await _check(session, facts)
    for name, value in changes.items():
        setattr(task, name, value)
    task.updated_at = now
    audit.record(session, "task.changed", by=by, key=key, fields=sorted(changes))
    await session.flush()
    return task


async def claim(session: AsyncSession, key: UUID, *, by: UUID, now: datetime) -> Task:
    """Take a task that waits for someone: the first has it, the next one is told (Taken)."""
    task = await get(session, key, locked=True)
    if task.done_at is not None:
        raise await _done_by(session, task)
    if task.user_id == by:
        return task
    if task.user_id is not None:
        raise Taken("{name} has taken this already.", name=await _name(session, task.user_id))
    task.user_id, task.updated_at = by, now
    audit.record(session, "task.claimed", by=by, key=key)
    await session.flush()
    return task


async def finish(session: AsyncSession, key: UUID, *, by: UUID | None, now: datetime) -> Task:
    """It is done; raises Taken where somebody else did it already."""
    task = await get(session, key, locked=True)
    if task.done_at is not None:
        if task.done_by == by:
            return task
        raise await _done_by(session, task)
    task.done_at, task.done_by, task.updated_at = now, by, now
    audit.record(session, "task.finished", by=by, key=key)
    await session.flush()
    return task


async def reopen(session: AsyncSession, key: UUID, *, by: UUID | None, now: datetime) -> Task:
    """It was not done after all."""
    task = await get(session, key, locked=True)
    if task.done_at is not None:
        task.done_at, task.done_by, task.updated_at = None, None, now
        audit.record(session, "task.reopened", by=by, key=key)
        await session.flush()
    return task


async def _check(session: AsyncSession, facts: TaskFacts) -> None:
    if facts.customer_id is not None:
        await storage.customers.get(session, facts.customer_id)
    if facts.team_id is not None:
        await storage.teams.get(session, facts.team_id)
    if facts.user_id is not None and not (await storage.users.get(session, facts.user_id)).active:
        raise Refused("This colleague has no access any more: choose somebody else.")


async def _same(session: AsyncSession, facts: TaskFacts, by: UUID | None) -> Task | None:
    query = select(Task).where(
        Task.call_id == facts.call_id,
        Task.made_by == by,
        Task.kind == facts.kind,
        Task.title == facts.title,
        Task.due_at == facts.due_at if facts.due_at else Task.due_at.is_(None),
        Task.number == facts.number if facts.number else Task.number.is_(None),
    )
    task: Task | None = await session.scalar(query.limit(1))
    return task


def _values(facts: TaskFacts) -> dict[str, Any]:
    return facts.changes_from(TaskFacts()) | {"kind": facts.kind, "title": facts.title}


def _told(facts: TaskFacts) -> dict[str, str]:
    """Whose it is and with whom, as ids: the audit holds no names."""
    named = {
        "user": facts.user_id, "team": facts.team_id,
        "customer": facts.customer_id, "call": facts.call_id,
    }  # fmt: skip
    return {name: str(key) for name, key in named.items() if key}


async def _done_by(session: AsyncSession, task: Task) -> Taken:
    return Taken("{name} has done this already.", name=await _name(session, task.done_by))


async def _name(session: AsyncSession, user_id: UUID | None) -> str:
    return (await storage.users.get(session, user_id)).name if user_id else "Somebody"
