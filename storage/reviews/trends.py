"""What reviews came to over time: per agent, item and queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.queues import Queue
from storage.reviews.others import CALLS
from storage.reviews.tables import Review, ReviewKind, ReviewMark, ReviewState
from storage.rules import scorecards as rules
from storage.rules.scorecards import Result
from storage.scorecards.tables import ScorecardVersion
from storage.users import User

COUNTED = (ReviewState.SUBMITTED, ReviewState.RELEASED, ReviewState.APPEALED)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendQuestion:
    """Which reviews: submitted from the one moment and before the other."""

    since: datetime
    until: datetime
    scorecard_id: UUID | None = None
    agent_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """One reviewed call with what it came to, in all and by item."""

    review: Review
    agent: str
    queue: str  # as people call it; empty for none
    result: Result
    items: Sequence[tuple[str, str, str, Result | None]]  # key, words, mark; None: not applicable


async def rated(
    session: AsyncSession, asked: TrendQuestion, *, reach: frozenset[UUID] | None
) -> Sequence[Rated]:
    """The supervisors' reviews that were submitted in the period, in order of time.

    A review whose items all do not apply has no score and is left out.
    """
    query = (
        select(Review, User.name, Queue.label, ScorecardVersion.outline)
        .join(User, User.id == Review.agent_id)
        .join(ScorecardVersion, ScorecardVersion.id == Review.version_id)
        .join(CALLS, CALLS.c.id == Review.call_id)
        .outerjoin(Queue, and_(Queue.pbx_id == CALLS.c.pbx_id, Queue.name == CALLS.c.queue))
        .where(
            Review.kind == ReviewKind.SUPERVISOR, Review.state.in_(COUNTED),
            Review.submitted_at >= asked.since, Review.submitted_at < asked.until,
            Review.score.is_not(None),
        )
        .order_by(Review.submitted_at, Review.id)
    )  # fmt: skip
    if reach is not None:
        query = query.where(Review.agent_id.in_(reach))
    if asked.scorecard_id is not None:
        query = query.where(Review.scorecard_id == asked.scorecard_id)
    if asked.agent_id is not None:
        query = query.where(Review.agent_id == asked.agent_id)
    rows = (await session.execute(query)).all()
    marks: dict[UUID, dict[str, str]] = {row[0].id: {} for row in rows}
    for start in range(0, len(rows), 500):
        keys = [row[0].id for row in rows[start : start + 500]]
        for one in await session.scalars(select(ReviewMark).where(ReviewMark.review_id.in_(keys))):
            marks[one.review_id][one.item] = one.mark
    return [
        _rated(review, agent, queue, data, marks[review.id]) for review, agent, queue, data in rows
    ]


def _rated(
    review: Review, agent: str, queue: str | None, data: dict[str, object], marks: dict[str, str]
) -> Rated:
    at = review.submitted_at or review.updated_at
    items = []
    outline = rules.from_data(data)
    for item in (item for section in outline.sections for item in section.items):
        mark = marks.get(item.key, "")
        value = rules.share(item, mark)
        result = None
        if value is not None:
            result = Result(at=at, percent=rules.percent(value), failed=rules.fails(item, mark))
        items.append((item.key, item.label, mark, result))
    score = Decimal(str(review.score))
    return Rated(
        review=review, agent=agent, queue=queue or "", items=items,
        result=Result(at=at, percent=score, failed=review.failed),
    )  # fmt: skip
