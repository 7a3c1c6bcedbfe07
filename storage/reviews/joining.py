"""Where two provisional calls become one, and where a person is to be forgotten."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage import audit
from storage.reviews.tables import (
    Calibration,
    Review,
    ReviewAppeal,
    ReviewMark,
    ReviewRevision,
    unpacked,
)


async def move(session: AsyncSession, *, keep: UUID, gone: UUID) -> None:
    """Give the call `keep` the reviews of `gone`; of two in one seat both stay."""
    moved = update(Calibration).where(Calibration.call_id == gone)
    await session.execute(moved.values(call_id=keep))
    rows = await session.scalars(select(Review).where(Review.call_id.in_((keep, gone))))
    seats: set[tuple[UUID, UUID, str]] = set()
    for review in sorted(rows, key=lambda row: (row.call_id != keep, row.started_at)):
        seat = (review.agent_id, review.scorecard_id, review.seat)
        if seat in seats:
            review.seat = str(review.id)
        seats.add(seat)
        review.call_id = keep
    await session.flush()


async def erase_texts(session: AsyncSession, calls: Collection[UUID], *, by: UUID | None) -> int:
    """Take every free text out of the reviews of these calls; gives how many reviews had any.

    Marks, scores and who rated stay: they say nothing of the caller.
    """
    query = select(Review).where(Review.call_id.in_(calls))
    touched = 0
    for review in (await session.scalars(query)).all():
        marks = list(
            await session.scalars(select(ReviewMark).where(ReviewMark.review_id == review.id))
        )
        appeals = list(
            await session.scalars(select(ReviewAppeal).where(ReviewAppeal.review_id == review.id))
        )
        revisions = list(
            await session.scalars(
                select(ReviewRevision).where(ReviewRevision.review_id == review.id)
            )
        )
        had = bool(review.answer) or any(mark.note or unpacked(mark.more) for mark in marks)
        had = had or any(one.reason or one.decision for one in appeals)
        had = had or any(
            said["note"] or unpacked(said.get("more", {}))
            for row in revisions
            for said in row.marks.values()
        )
        review.answer = ""
        for mark in marks:
            mark.note, mark.more = "", {}
        for one in appeals:
            one.reason = one.decision = ""
        for row in revisions:
            row.marks = {key: said | {"note": "", "more": {}} for key, said in row.marks.items()}
        if had:
            touched += 1
            audit.record(session, "review.erased", by=by, key=review.id)
    await session.flush()
    return touched
