"""Rating a call: begun once for each seat, each mark kept at once, then submitted."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

import storage.scorecards
from pbx_bridge.ids import uuid7
from pbx_bridge.matching import Reason, msgid
from storage import audit
from storage.errors import Conflict, NotFound, Refused
from storage.reviews.others import CALL_AGENTS
from storage.reviews.rows import get, marks_of, outline_of
from storage.reviews.tables import (
    LONGEST_TEXT,
    MOST_REMARKS,
    WHOLE,
    Calibration,
    Remark,
    Review,
    ReviewKind,
    ReviewMark,
    ReviewState,
    packed,
)
from storage.rules import scorecards as rules
from storage.rules import texts
from storage.rules.scorecards import Item, Outline

LONGEST_CALL = 24 * 3600.0  # seconds
OPEN = (ReviewState.DRAFT, ReviewState.APPEALED)


class MarkRefused(Refused):
    """A mark that the item cannot have; carries why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(str(reason))
        self.reason = reason


class MarkedMeanwhile(Conflict):
    """A colleague marked the same item first; carries theirs."""

    def __init__(self, theirs: ReviewMark) -> None:
        super().__init__(msgid("A colleague has rated this meanwhile."))
        self.mark, self.note, self.at_seconds = theirs.mark, theirs.note, theirs.at_seconds
        self.user_id, self.version = theirs.user_id, theirs.version


class Unfinished(Refused):
    """A review that cannot be submitted yet; carries the items without a mark."""

    def __init__(self, items: Sequence[Item]) -> None:
        super().__init__("Not every item is rated.")
        self.items = tuple(items)


class Said(NamedTuple):
    """What is said of an item, or of the whole call: None leaves as it is what was said before."""

    mark: str | None = None
    note: str | None = None
    at_seconds: float | None = None
    more: tuple[Remark, ...] | None = None  # all further comments
    moves: bool = False  # whether `at_seconds` is meant, None taking the moment away


async def begin(
    session: AsyncSession,
    call_id: UUID,
    agent_id: UUID,
    scorecard_id: UUID,
    *,
    kind: ReviewKind,
    by: UUID,
    now: datetime,
    calibration: Calibration | None = None,
) -> Review:
    """The review of this seat, begun by whoever is first; a second one finds the same.

    Raises NotFound where the agent did not talk in the call, Refused without a scorecard in use.
    """
    await _talked(session, call_id, agent_id)
    version_id = calibration.version_id if calibration else None
    if version_id is None:
        version_id = (await storage.scorecards.in_use(session, scorecard_id)).id
    seat = f"{calibration.id}:{by}" if calibration else kind.value
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    key = uuid7(now)
    added = await session.execute(
        insert(Review)
        .values(
            id=key, call_id=call_id, agent_id=agent_id, scorecard_id=scorecard_id,
            version_id=version_id, kind=kind, seat=seat, reviewer_id=by,
            calibration_id=calibration.id if calibration else None, state=ReviewState.DRAFT,
            failed=False, revision=0, answer="", started_at=now, updated_at=now,
        )
        .on_conflict_do_nothing(
            index_elements=["call_id", "agent_id", "scorecard_id", "seat"]
        )
        .returning(Review.id)
    )  # fmt: skip
    if added.first() is not None:
        audit.record(
            session, "review.begun", by=by, key=key, call=str(call_id), agent=str(agent_id),
            kind=kind.value,
        )  # fmt: skip
    query = select(Review).where(
        Review.call_id == call_id, Review.agent_id == agent_id,
        Review.scorecard_id == scorecard_id, Review.seat == seat,
    )  # fmt: skip
    return (await session.scalars(query)).one()


async def say(
    session: AsyncSession,
    key: UUID,
    item: str,
    said: Said,
    *,
    seen: int | None,
    by: UUID,
    now: datetime,
) -> ReviewMark:
    """Keep what is said of an item; `seen` is the version of what it replaces, 0 for nothing.

    Raises MarkRefused, MarkedMeanwhile where a colleague's is newer (not with `seen` None), and
    Refused where the review is no longer written at.
    """
    review = await get(session, key, locked=True)
    _must_be_open(review)
    outline = await outline_of(session, review)
    values = _values(outline, item, said)
    row = await session.get(ReviewMark, (key, item), populate_existing=True)
    if row is None:
        row = ReviewMark(
            review_id=key, item=item, mark="", note="", at_seconds=None, more={}, version=0
        )
    changes = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not changes:
        return row
    if row.version and seen is not None and row.version != seen and row.user_id != by:
        raise MarkedMeanwhile(row)
    for name, value in changes.items():
        setattr(row, name, value)
    row.user_id, row.at, row.version = by, now, row.version + 1
    session.add(row)
    review.updated_at = now
    audit.record(session, "review.marked", by=by, key=key, item=item, fields=sorted(changes))
    await session.flush()
    return row


async def submit(session: AsyncSession, key: UUID, *, by: UUID, now: datetime) -> Review:
    """The review is complete; raises Unfinished with what is not rated yet."""
    review = await get(session, key, locked=True)
    if review.state is not ReviewState.DRAFT:
        return review
    await settle(session, review)
    review.state, review.submitted_at, review.updated_at = ReviewState.SUBMITTED, now, now
    score = review.score
    audit.record(session, "review.submitted", by=by, key=key, score=score, failed=review.failed)
    await session.flush()
    return review


async def reopen(session: AsyncSession, key: UUID, *, by: UUID, now: datetime) -> Review:
    """Go on with a review that was submitted and that the agent has not been given."""
    review = await get(session, key, locked=True)
    if review.state is ReviewState.DRAFT:
        return review
    if review.state is not ReviewState.SUBMITTED or review.kind is ReviewKind.CALIBRATION:
        raise Refused("This review is not written at any more.")
    review.state, review.submitted_at, review.updated_at = ReviewState.DRAFT, None, now
    audit.record(session, "review.reopened", by=by, key=key)
    await session.flush()
    return review


async def take_over(session: AsyncSession, key: UUID, *, by: UUID, now: datetime) -> Review:
    """Make the review one's own; what was said stays, with who said it."""
    review = await get(session, key, locked=True)
    if review.kind is not ReviewKind.SUPERVISOR:
        raise Refused("Only a supervisor's review can be taken over.")
    if review.reviewer_id != by:
        was = str(review.reviewer_id)
        review.reviewer_id, review.updated_at = by, now
        audit.record(session, "review.taken_over", by=by, key=key, was=was)
        await session.flush()
    return review


async def settle(session: AsyncSession, review: Review) -> None:
    """Write down what the marks come to; raises Unfinished."""
    outline, marks = await outline_of(session, review), await marks_of(session, review.id)
    result = rules.score(outline, {key: row.mark for key, row in marks.items()})
    if result.missing:
        raise Unfinished(result.missing)
    review.score = None if result.percent is None else float(result.percent)
    review.failed = bool(result.failed)


def _must_be_open(review: Review) -> None:
    is_open = review.state in OPEN
    if review.kind is not ReviewKind.SUPERVISOR:
        is_open = review.state is ReviewState.DRAFT
    if not is_open:
        raise Refused("This review is not written at any more.")


def _values(outline: Outline, key: str, said: Said) -> dict[str, object]:
    values: dict[str, object] = {}
    item = outline.item(key)
    if item is None and key != WHOLE:
        raise NotFound("item", key)
    if said.mark is not None and item is not None:
        mark, problem = rules.read_mark(item, said.mark)
        if problem is not None:
            raise MarkRefused(problem)
        values["mark"] = mark
    if said.note is not None:
        values["note"] = texts.clean(said.note, limit=LONGEST_TEXT)
    if said.moves:
        values["at_seconds"] = _moment(said.at_seconds)
    if said.more is not None:
        cleaned = (
            Remark(texts.clean(one.note, limit=LONGEST_TEXT), _moment(one.at_seconds))
            for one in said.more[:MOST_REMARKS]
        )
        values["more"] = packed(one for one in cleaned if one.note)
    return values


def _moment(at: float | None) -> float | None:
    return None if at is None else round(min(max(at, 0.0), LONGEST_CALL), 1)


async def _talked(session: AsyncSession, call_id: UUID, agent_id: UUID) -> None:
    query = select(CALL_AGENTS.c.user_id).where(
        CALL_AGENTS.c.call_id == call_id, CALL_AGENTS.c.user_id == agent_id, CALL_AGENTS.c.talked
    )
    if await session.scalar(query) is None:
        raise NotFound("talk", call_id)
