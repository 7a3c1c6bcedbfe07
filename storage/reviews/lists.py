"""Lists of reviews: filtered, page by page, as far as one may see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from storage.reviews.others import CALLS
from storage.reviews.tables import Review, ReviewKind, ReviewState
from storage.scorecards.tables import Scorecard
from storage.users import User

PAGE = 50


class ReviewPlace(NamedTuple):
    """Where a page of reviews begins: after the one of this begin and id."""

    started_at: datetime
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewFilters:
    """What a list is narrowed to; nothing set means all but calibrations."""

    agent_id: UUID | None = None
    scorecard_id: UUID | None = None
    state: ReviewState | None = None
    kind: ReviewKind | None = None
    since: datetime | None = None  # begun from then on
    until: datetime | None = None  # begun before
    given: bool = False  # only what was released


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewLine:
    """A review as a list shows it."""

    review: Review
    agent: str
    reviewer: str
    card: str
    caller: str
    call_at: datetime


async def listed(
    session: AsyncSession,
    filters: ReviewFilters,
    *,
    reach: frozenset[UUID] | None,
    after: ReviewPlace | None = None,
    limit: int = PAGE,
    newest_first: bool = True,
) -> Sequence[ReviewLine]:
    """Reviews of agents within reach (None: everyone's), in the order in which they began."""
    agent, reviewer = aliased(User), aliased(User)
    query = (
        select(
            Review, agent.name, reviewer.name, Scorecard.name, CALLS.c.name, CALLS.c.e164,
            CALLS.c.number, CALLS.c.started_at,
        )
        .join(agent, agent.id == Review.agent_id)
        .join(reviewer, reviewer.id == Review.reviewer_id)
        .join(Scorecard, Scorecard.id == Review.scorecard_id)
        .join(CALLS, CALLS.c.id == Review.call_id)
        .where(*_conditions(filters, reach))
        .limit(limit)
    )  # fmt: skip
    order = (Review.started_at, Review.id)
    if newest_first:
        query = query.order_by(*(column.desc() for column in order))
    else:
        query = query.order_by(*order)
    if after is not None:
        later = Review.started_at < after.started_at if newest_first else (
            Review.started_at > after.started_at
        )  # fmt: skip
        beyond = Review.id < after.id if newest_first else Review.id > after.id
        query = query.where(or_(later, and_(Review.started_at == after.started_at, beyond)))
    return [_line(tuple(row)) for row in await session.execute(query)]


def _line(row: Sequence[Any]) -> ReviewLine:
    review, agent, reviewer, card, name, e164, number, at = row
    return ReviewLine(
        review=review, agent=agent, reviewer=reviewer, card=card, caller=name or e164 or number,
        call_at=at,
    )  # fmt: skip


def _conditions(filters: ReviewFilters, reach: frozenset[UUID] | None) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if reach is not None:
        found.append(Review.agent_id.in_(reach))
    if filters.kind is None:
        found.append(Review.kind != ReviewKind.CALIBRATION)
    else:
        found.append(Review.kind == filters.kind)
    if filters.agent_id is not None:
        found.append(Review.agent_id == filters.agent_id)
    if filters.scorecard_id is not None:
        found.append(Review.scorecard_id == filters.scorecard_id)
    if filters.state is not None:
        found.append(Review.state == filters.state)
    if filters.since is not None:
        found.append(Review.started_at >= filters.since)
    if filters.until is not None:
        found.append(Review.started_at < filters.until)
    if filters.given:
        found.append(Review.revision > 0)
    return found
