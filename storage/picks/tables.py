"""The tables of picks: the rules that pick calls, and the calls that wait for a review."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base
from storage.rules.picks import RuleKind

LONGEST_NAME = 120
LONGEST_REASON = 500


class PickRule(Base):
    """A rule by which calls are picked; `version` counts its changes, against lost updates."""

    __tablename__ = "pick_rules"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    kind: Mapped[RuleKind]
    terms: Mapped[dict[str, Any]]  # of storage.rules.picks.Rule
    scorecard_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("scorecards.id", ondelete="SET NULL")
    )
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    updated_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    looked_at: Mapped[datetime | None]  # when it last looked for calls


class PickState(StrEnum):
    """What becomes of a call that was picked."""

    OPEN = "open"
    TAKEN = "taken"  # a reviewer has it
    DONE = "done"
    SKIPPED = "skipped"


class Pick(Base):
    """A call of an agent that is to be reviewed, once however many rules picked it."""

    __tablename__ = "picks"
    __table_args__ = (
        UniqueConstraint("call_id", "agent_id"),
        Index(None, "state", "call_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    call_id: Mapped[UUID] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"))
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    call_at: Mapped[datetime]
    picked_at: Mapped[datetime]
    state: Mapped[PickState] = mapped_column(default=PickState.OPEN)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))  # who has it
    taken_at: Mapped[datetime | None]
    review_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("reviews.id", ondelete="SET NULL"), index=True
    )
    ended_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON), default="")  # why it was skipped


class PickReason(Base):
    """Which rule picked a call, and by which facts; the rule's name as it was."""

    __tablename__ = "pick_reasons"

    pick_id: Mapped[UUID] = mapped_column(
        ForeignKey("picks.id", ondelete="CASCADE"), primary_key=True
    )
    rule_id: Mapped[UUID] = mapped_column(
        ForeignKey("pick_rules.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    kind: Mapped[RuleKind]
    why: Mapped[dict[str, Any]]
