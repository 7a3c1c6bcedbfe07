"""Outcomes: what an agent can choose when a call is over."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import ForeignKey, String, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

import storage.queues
from pbx_bridge.ids import uuid7
from storage import audit
from storage.database import Base
from storage.errors import Conflict, NotFound


class Outcome(Base):
    """One choice of the wrap-up. Never deleted, only closed: old calls keep theirs."""

    __tablename__ = "outcomes"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    position: Mapped[int] = mapped_column(default=0)  # order in the list
    active: Mapped[bool] = mapped_column(default=True)


class QueueOutcome(Base):
    """An outcome that calls of a queue can have; a queue without any takes every outcome."""

    __tablename__ = "queue_outcomes"

    queue_id: Mapped[UUID] = mapped_column(
        ForeignKey("queues.id", ondelete="CASCADE"), primary_key=True
    )
    outcome_id: Mapped[UUID] = mapped_column(
        ForeignKey("outcomes.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Choices(NamedTuple):
    """What calls of one queue can come to; nothing chosen means every outcome."""

    outcomes: frozenset[UUID] = frozenset()
    required: bool = True  # a call that is over needs one

    def among(self, offered: Collection[UUID]) -> frozenset[UUID]:
        """Those of the `offered` that can be chosen: all, where none is for this queue."""
        return self.outcomes.intersection(offered) or frozenset(offered)


ANY = Choices()


async def listed(session: AsyncSession, *, closed: bool = False) -> Sequence[Outcome]:
    """The outcomes in their order; `closed` adds those that can no longer be chosen."""
    query = select(Outcome).order_by(Outcome.position, Outcome.id)
    if not closed:
        query = query.where(Outcome.active)
    return (await session.scalars(query)).all()


async def get(session: AsyncSession, key: UUID) -> Outcome:
    """The outcome; raises NotFound."""
    outcome = await session.get(Outcome, key)
    if outcome is None:
        raise NotFound("outcome", key)
    return outcome


async def create(session: AsyncSession, name: str, *, now: datetime, by: UUID | None) -> Outcome:
    """Add an outcome at the end of the list; raises Conflict where there is one of this name."""
    await _refuse_taken(session, name)
    last = await session.scalar(select(func.max(Outcome.position)))
    outcome = Outcome(id=uuid7(now), name=name, position=0 if last is None else last + 1)
    session.add(outcome)
    await session.flush()
    audit.record(session, "outcome.created", by=by, key=outcome.id)
    return outcome


async def change(
    session: AsyncSession, key: UUID, *, name: str, active: bool, by: UUID | None
) -> None:
    """Rename an outcome, close it or open it again; raises Conflict where the name is taken."""
    outcome = await get(session, key)
    await _refuse_taken(session, name, but=key)
    outcome.name, outcome.active = name, active
    audit.record(session, "outcome.changed", by=by, key=key, active=active)


async def move(
    session: AsyncSession, key: UUID, to: Literal["up", "down"], *, by: UUID | None
) -> None:
    """Let an outcome change places with the one above or below it; at the end nothing moves."""
    order = list(await listed(session, closed=True))
    at = next((place for place, outcome in enumerate(order) if outcome.id == key), None)
    if at is None:
        raise NotFound("outcome", key)
    other = at - 1 if to == "up" else at + 1
    if not 0 <= other < len(order):
        return
    order[at], order[other] = order[other], order[at]
    for place, outcome in enumerate(order):
        outcome.position = place
    audit.record(session, "outcome.moved", by=by, key=key, to=to)


async def chosen(session: AsyncSession) -> Mapping[UUID, Choices]:
    """What calls of each queue can come to, by the queue's id."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for row in await session.execute(select(QueueOutcome.queue_id, QueueOutcome.outcome_id)):
        found[row.queue_id].add(row.outcome_id)
    return {
        queue.id: Choices(frozenset(found[queue.id]), queue.outcome_required)
        for queue in await storage.queues.listed(session)
    }


async def of_queue(
    session: AsyncSession, pbx_id: UUID, name: str | None, *, also: UUID | None = None
) -> tuple[Sequence[Outcome], Choices]:
    """What a call of this queue can come to, in its order; a call of none: every outcome.

    `also` is one that the call has already.
    """
    queue = await storage.queues.named(session, pbx_id, name)
    choices = ANY
    if queue is not None:
        query = select(QueueOutcome.outcome_id).where(QueueOutcome.queue_id == queue.id)
        keys = frozenset(await session.scalars(query))
        choices = Choices(keys, queue.outcome_required)
    outcomes = await listed(session, closed=True)
    allowed = choices.among([outcome.id for outcome in outcomes if outcome.active]) | {also}
    return [outcome for outcome in outcomes if outcome.id in allowed], choices


async def choose(
    session: AsyncSession,
    queue_id: UUID,
    outcomes: Collection[UUID],
    *,
    required: bool,
    by: UUID | None,
) -> None:
    """Say which outcomes calls of a queue can have (none: all), and whether they need one."""
    queue = await storage.queues.get(session, queue_id)
    known = [each.id for each in await listed(session, closed=True) if each.id in set(outcomes)]
    await session.execute(delete(QueueOutcome).where(QueueOutcome.queue_id == queue_id))
    session.add_all(QueueOutcome(queue_id=queue_id, outcome_id=key) for key in known)
    queue.outcome_required = required
    audit.record(
        session,
        "queue.outcomes_chosen",
        by=by,
        key=queue_id,
        outcomes=sorted(map(str, known)),
        required=required,
    )
    await session.flush()


async def _refuse_taken(session: AsyncSession, name: str, *, but: UUID | None = None) -> None:
    query = select(Outcome.id).where(func.lower(Outcome.name) == name.lower())
    if any(key != but for key in await session.scalars(query)):
        raise Conflict("there is an outcome of this name already")
