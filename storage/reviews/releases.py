"""What becomes of a review between reviewer and agent: given, read, answered, appealed, decided."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pbx_bridge.ids import uuid7
from storage import audit
from storage.errors import Conflict, Refused
from storage.reviews.rating import settle
from storage.reviews.rows import get, marks_of
from storage.reviews.tables import (
    LONGEST_TEXT,
    Review,
    ReviewAppeal,
    ReviewKind,
    ReviewRevision,
    ReviewState,
    ReviewTask,
)
from storage.rules import texts

GIVEN = (ReviewState.RELEASED, ReviewState.APPEALED)


async def release(session: AsyncSession, key: UUID, *, by: UUID, now: datetime) -> Review:
    """Give the review to its agent, as it is now; asked again it does nothing."""
    review = await get(session, key, locked=True)
    if review.kind is not ReviewKind.SUPERVISOR:
        raise Refused("Only a supervisor's review is released.")
    if review.state in GIVEN:
        return review
    if review.state is not ReviewState.SUBMITTED:
        raise Refused("Submit the review before you release it.")
    await _revise(session, review, by=by, now=now)
    audit.record(session, "review.released", by=by, key=key, revision=review.revision)
    await session.flush()
    return review


async def read(session: AsyncSession, key: UUID, *, by: UUID, now: datetime) -> None:
    """The agent has looked at the review; the first time is kept."""
    review = await get(session, key, locked=True)
    if review.read_at is None and review.agent_id == by and review.state in GIVEN:
        review.read_at = now
        audit.record(session, "review.read", by=by, key=key)
        await session.flush()


async def answer(session: AsyncSession, key: UUID, text: str, *, by: UUID, now: datetime) -> Review:
    """Keep what the agent says to the review; said again, it is changed."""
    review = await get(session, key, locked=True)
    _must_be_given(review)
    text = texts.clean(text, limit=LONGEST_TEXT)
    if not text and not review.answer:
        raise Refused("Write what you want to say.")
    if text != review.answer:
        review.answer, review.answered_at = text, now
        audit.record(session, "review.answered", by=by, key=key)
        await session.flush()
    return review


async def appeal(
    session: AsyncSession, key: UUID, reason: str, *, by: UUID, now: datetime
) -> ReviewAppeal:
    """The agent disagrees with the revision that was released; once with each."""
    review = await get(session, key, locked=True)
    _must_be_given(review)
    reason = texts.clean(reason, limit=LONGEST_TEXT)
    if not reason:
        raise Refused("An appeal needs a reason.")
    query = select(ReviewAppeal).where(
        ReviewAppeal.review_id == key, ReviewAppeal.revision == review.revision
    )
    if await session.scalar(query) is not None:
        raise Conflict("This revision was appealed already.")
    made = ReviewAppeal(
        id=uuid7(now), review_id=key, revision=review.revision, reason=reason, made_at=now
    )
    session.add(made)
    review.state = ReviewState.APPEALED
    audit.record(session, "review.appealed", by=by, key=key, revision=review.revision)
    await session.flush()
    return made


async def decide(
    session: AsyncSession,
    key: UUID,
    *,
    granted: bool,
    decision: str,
    by: UUID,
    now: datetime,
) -> Review:
    """Decide an appeal: what was marked since becomes another revision, where it is granted.

    Raises Refused without a word of why, or where somebody would decide on themselves, Conflict
    where it was decided meanwhile, and Unfinished.
    """
    review = await get(session, key, locked=True)
    decision = texts.clean(decision, limit=LONGEST_TEXT)
    if not decision:
        raise Refused("Say why you decide so: the agent reads it.")
    if review.agent_id == by:
        raise Refused("Nobody decides an appeal of their own.")
    query = select(ReviewAppeal).where(
        ReviewAppeal.review_id == key, ReviewAppeal.decided_at.is_(None)
    )
    pending: ReviewAppeal | None = await session.scalar(query)
    if pending is None or review.state is not ReviewState.APPEALED:
        raise Conflict("This appeal was decided already.")
    pending.granted, pending.decision = granted, decision
    pending.decided_at, pending.decided_by = now, by
    if granted:
        await settle(session, review)
        await _revise(session, review, by=by, now=now)
    else:
        await _restore(session, review)
        review.state = ReviewState.RELEASED
    audit.record(
        session, "review.decided", by=by, key=key, granted=granted, revision=review.revision
    )
    await session.flush()
    return review


async def note_task(session: AsyncSession, key: UUID, task_id: UUID, *, by: UUID) -> None:
    """A task came of the review."""
    await get(session, key)
    if await session.get(ReviewTask, (key, task_id)) is None:
        session.add(ReviewTask(review_id=key, task_id=task_id))
        audit.record(session, "review.coached", by=by, key=key, task=str(task_id))
        await session.flush()


def _must_be_given(review: Review) -> None:
    if review.state not in GIVEN:
        raise Refused("This review has not been released.")


async def _revise(session: AsyncSession, review: Review, *, by: UUID, now: datetime) -> None:
    review.revision += 1
    review.state, review.updated_at = ReviewState.RELEASED, now
    review.released_at = review.released_at or now
    review.read_at = None
    marks = await marks_of(session, review.id)
    session.add(
        ReviewRevision(
            review_id=review.id, number=review.revision, released_at=now, released_by=by,
            score=review.score, failed=review.failed,
            marks={
                key: {"mark": row.mark, "note": row.note, "at": row.at_seconds, "more": row.more}
                for key, row in marks.items()
            },
        )
    )  # fmt: skip


async def _restore(session: AsyncSession, review: Review) -> None:
    """Take back what was marked while the appeal was looked at."""
    told = await session.get_one(ReviewRevision, (review.id, review.revision))
    for key, row in (await marks_of(session, review.id)).items():
        was = {"mark": "", "note": "", "at": None, "more": {}} | told.marks.get(key, {})
        values = was["mark"], was["note"], was["at"], was["more"]
        if (row.mark, row.note, row.at_seconds, row.more) != values:
            row.mark, row.note, row.at_seconds, row.more = values
            row.version += 1
