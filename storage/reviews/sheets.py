"""A review with all that its page shows, as it is written now or as a revision gave it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

import storage.users
from storage.errors import NotFound
from storage.reviews.rows import get, marks_of
from storage.reviews.tables import (
    Remark,
    Review,
    ReviewAppeal,
    ReviewKind,
    ReviewRevision,
    ReviewState,
    ReviewTask,
    unpacked,
)
from storage.rules import scorecards as rules
from storage.rules.scorecards import Outline, Score
from storage.scorecards.tables import Scorecard, ScorecardVersion
from storage.tasks.tables import Task


class Marked(NamedTuple):
    """What is said of one item."""

    mark: str = ""
    note: str = ""
    at_seconds: float | None = None
    version: int = 0
    user_id: UUID | None = None
    more: tuple[Remark, ...] = ()

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """All comments on the item, the first one first."""
        has_first = self.note or self.at_seconds is not None
        return (*((Remark(self.note, self.at_seconds),) if has_first else ()), *self.more)


NOTHING = Marked()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A review, its scorecard, and what is said by item."""

    review: Review
    card: str
    number: int  # of the scorecard's version
    outline: Outline
    marks: Mapping[str, Marked]
    score: Score
    names: Mapping[UUID, str] = field(default_factory=dict)

    def said(self, key: str = "") -> Marked:
        """What is said of the item, or of the whole call."""
        return self.marks.get(key, NOTHING)

    @property
    def is_given(self) -> bool:
        """Whether the agent may read it."""
        return self.review.revision > 0


class Appeal(NamedTuple):
    """An appeal, with who decided it."""

    row: ReviewAppeal
    decided_by: str


async def sheet(session: AsyncSession, key: UUID) -> Sheet:
    """The review as it is written now; raises NotFound."""
    return await _sheet(session, await get(session, key))


async def revision(session: AsyncSession, key: UUID, number: int | None = None) -> Sheet:
    """The review as a revision gave it, the last one unless a number says which."""
    review = await get(session, key)
    wanted = review.revision if number is None else number
    row = await session.get(ReviewRevision, (key, wanted))
    if row is None:
        raise NotFound("revision", wanted)
    marks = {
        item: Marked(said["mark"], said["note"], said["at"], more=unpacked(said.get("more", {})))
        for item, said in row.marks.items()
    }
    return await _sheet(session, review, marks)


async def of_call(session: AsyncSession, call_id: UUID) -> Sequence[Review]:
    """Every review of a call but those of calibrations, in the order in which they began."""
    query = select(Review).where(Review.call_id == call_id, Review.kind != ReviewKind.CALIBRATION)
    return (await session.scalars(query.order_by(Review.started_at, Review.id))).all()


async def beside(session: AsyncSession, review: Review) -> Sheet | None:
    """The agent's own review of the same call by the same scorecard, once it is submitted."""
    query = select(Review).where(
        Review.call_id == review.call_id, Review.agent_id == review.agent_id,
        Review.scorecard_id == review.scorecard_id, Review.kind == ReviewKind.SELF,
        Review.state == ReviewState.SUBMITTED,
    )  # fmt: skip
    found = (await session.scalars(query.limit(1))).first()
    return await _sheet(session, found) if found else None


async def appeals(session: AsyncSession, key: UUID) -> Sequence[Appeal]:
    """The appeals against a review, in order of time."""
    query = select(ReviewAppeal).where(ReviewAppeal.review_id == key)
    rows = (await session.scalars(query.order_by(ReviewAppeal.made_at))).all()
    names = await storage.users.names(session)
    return [Appeal(row, names.get(row.decided_by, "") if row.decided_by else "") for row in rows]


async def revisions(session: AsyncSession, key: UUID) -> Sequence[tuple[int, datetime]]:
    """The number of each revision and when it was given."""
    query = select(ReviewRevision.number, ReviewRevision.released_at)
    query = query.where(ReviewRevision.review_id == key).order_by(ReviewRevision.number)
    return [(row[0], row[1]) for row in await session.execute(query)]


async def tasks(session: AsyncSession, key: UUID) -> Sequence[Task]:
    """The tasks that came of a review."""
    query = select(Task).join(ReviewTask, ReviewTask.task_id == Task.id)
    query = query.where(ReviewTask.review_id == key).order_by(Task.created_at)
    return (await session.scalars(query)).all()


async def many(session: AsyncSession, reviews: Sequence[Review]) -> Sequence[Sheet]:
    """The sheets of several reviews, in their order."""
    return [await _sheet(session, review) for review in reviews]


async def _sheet(
    session: AsyncSession, review: Review, marks: Mapping[str, Marked] | None = None
) -> Sheet:
    version = await session.get_one(ScorecardVersion, review.version_id)
    card = await session.get_one(Scorecard, review.scorecard_id)
    outline = rules.from_data(version.outline)
    if marks is None:
        rows = await marks_of(session, review.id)
        marks = {
            item: Marked(
                row.mark, row.note, row.at_seconds, row.version, row.user_id, unpacked(row.more)
            )
            for item, row in rows.items()
        }
    return Sheet(
        review=review,
        card=card.name,
        number=version.number,
        outline=outline,
        marks=marks,
        score=rules.score(outline, {item: said.mark for item, said in marks.items()}),
        names=await storage.users.names(session),
    )
