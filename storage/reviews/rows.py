"""A review's own rows: itself, its scorecard, what was said by item."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.errors import NotFound
from storage.reviews.tables import Review, ReviewMark
from storage.rules import scorecards as rules
from storage.rules.scorecards import Outline
from storage.scorecards.tables import ScorecardVersion


async def get(session: AsyncSession, key: UUID, *, locked: bool = False) -> Review:
    """The review; raises NotFound."""
    review = await session.get(
        Review, key, with_for_update=True if locked else None, populate_existing=locked
    )
    if review is None:
        raise NotFound("review", key)
    return review


async def outline_of(session: AsyncSession, review: Review) -> Outline:
    """The scorecard that the review began with."""
    version = await session.get_one(ScorecardVersion, review.version_id)
    return rules.from_data(version.outline)


async def marks_of(session: AsyncSession, key: UUID) -> Mapping[str, ReviewMark]:
    """What was said, by item."""
    rows = await session.scalars(select(ReviewMark).where(ReviewMark.review_id == key))
    return {row.item: row for row in rows}
