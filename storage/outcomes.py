"""Outcomes: what an agent can choose when a call is over."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

import storage.queues
from storage import audit
from storage.choices import ChoiceList, Choosable
from storage.database import Base
from storage.errors import Conflict


class Outcome(Choosable):
    """One choice of the wrap-up. Never deleted, only closed: old calls keep theirs."""

    __tablename__ = "outcomes"


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
    scripted: bool = False  # agents are given a script

    def among(self, offered: Collection[UUID]) -> frozenset[UUID]:
        """Those of the `offered` that can be chosen: all, where none is for this queue."""
        return self.outcomes.intersection(offered) or frozenset(offered)


ANY = Choices()


LIST = ChoiceList(
    Outcome, "outcome", taken=lambda: Conflict("there is an outcome of this name already")
)
listed, get, create, change, move = LIST.listed, LIST.get, LIST.create, LIST.change, LIST.move


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
