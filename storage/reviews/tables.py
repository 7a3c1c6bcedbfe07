"""The tables of reviews: who rated which call of whom by which scorecard, and what came of it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy import text as sql_text
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base

WHOLE = ""  # stands for an item's key where the whole call is meant
LONGEST_TEXT = 4_000
MOST_REMARKS = 20  # on one item, beside the first


class ReviewKind(StrEnum):
    """Whose verdict it is."""

    SUPERVISOR = "supervisor"
    SELF = "self"  # the agent's own
    CALIBRATION = "calibration"  # one of several, blind


class ReviewState(StrEnum):
    """How far a review is."""

    DRAFT = "draft"
    SUBMITTED = "submitted"  # complete; the agent does not see it yet
    RELEASED = "released"  # the agent reads the last revision
    APPEALED = "appealed"  # and disagrees with it


class Review(Base):
    """One verdict on one agent in one call; it keeps the version that it began with."""

    __tablename__ = "reviews"
    __table_args__ = (
        UniqueConstraint("call_id", "agent_id", "scorecard_id", "seat"),
        Index(None, "agent_id", "submitted_at"),
        Index(None, "kind", "submitted_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    call_id: Mapped[UUID] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"))
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))  # who is rated
    scorecard_id: Mapped[UUID] = mapped_column(ForeignKey("scorecards.id"))
    version_id: Mapped[UUID] = mapped_column(ForeignKey("scorecard_versions.id"))
    kind: Mapped[ReviewKind]
    seat: Mapped[str] = mapped_column(String(80))  # one review a seat: two do not do the same
    calibration_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("calibrations.id", ondelete="CASCADE"), index=True
    )
    reviewer_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    state: Mapped[ReviewState] = mapped_column(default=ReviewState.DRAFT)
    score: Mapped[float | None]  # percent, as it was submitted
    failed: Mapped[bool] = mapped_column(default=False)
    started_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=0)  # how often it was released
    read_at: Mapped[datetime | None]  # by the agent, first
    answer: Mapped[str] = mapped_column(Text, default="")  # the agent's
    answered_at: Mapped[datetime | None]


class Remark(NamedTuple):
    """A comment on an item, and the moment of the recording that it is about."""

    note: str
    at_seconds: float | None = None


def packed(remarks: Iterable[Remark]) -> dict[str, Any]:
    """Return remarks as they are kept."""
    return {"remarks": [{"note": one.note, "at": one.at_seconds} for one in remarks]}


def unpacked(kept: Mapping[str, Any]) -> tuple[Remark, ...]:
    """Return remarks that are kept so."""
    return tuple(Remark(one["note"], one["at"]) for one in kept.get("remarks", ()))


class ReviewMark(Base):
    """What was said of one item, or of the whole call: a mark, a note, a moment of the sound."""

    __tablename__ = "review_marks"

    review_id: Mapped[UUID] = mapped_column(
        ForeignKey("reviews.id", ondelete="CASCADE"), primary_key=True
    )
    item: Mapped[str] = mapped_column(String(24), primary_key=True)
    mark: Mapped[str] = mapped_column(String(8), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    at_seconds: Mapped[float | None]  # into the recording
    # further comments, as `packed` writes them
    more: Mapped[dict[str, Any]] = mapped_column(server_default=sql_text("'{}'"), default=dict)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
    version: Mapped[int]  # how often it was changed, against lost updates


class ReviewRevision(Base):
    """A review as the agent was given it; never changed but for what an erasure takes out."""

    __tablename__ = "review_revisions"

    review_id: Mapped[UUID] = mapped_column(
        ForeignKey("reviews.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    released_at: Mapped[datetime]
    released_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    score: Mapped[float | None]
    failed: Mapped[bool]
    marks: Mapped[dict[str, Any]]  # by item: mark, note, at, more


class ReviewAppeal(Base):
    """An agent disagrees with a revision; a supervisor decides."""

    __tablename__ = "review_appeals"
    __table_args__ = (UniqueConstraint("review_id", "revision"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    review_id: Mapped[UUID] = mapped_column(ForeignKey("reviews.id", ondelete="CASCADE"))
    revision: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    granted: Mapped[bool | None]
    decision: Mapped[str] = mapped_column(Text, default="")


class ReviewTask(Base):
    """A task that came of a review: coaching."""

    __tablename__ = "review_tasks"

    review_id: Mapped[UUID] = mapped_column(
        ForeignKey("reviews.id", ondelete="CASCADE"), primary_key=True
    )
    task_id: Mapped[UUID] = mapped_column(
        ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Calibration(Base):
    """Several reviewers rate one call, none of them seeing what the others say until it is over."""

    __tablename__ = "calibrations"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    call_id: Mapped[UUID] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), index=True)
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    scorecard_id: Mapped[UUID] = mapped_column(ForeignKey("scorecards.id"))
    version_id: Mapped[UUID] = mapped_column(ForeignKey("scorecard_versions.id"))
    made_at: Mapped[datetime] = mapped_column(index=True)
    made_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
