"""The tables of scorecards: what is edited, what was published, whose calls have which."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base

LONGEST_NAME = 120


class Scorecard(Base):
    """A scorecard as it is edited; `version` counts its changes, against lost updates."""

    __tablename__ = "scorecards"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    draft: Mapped[dict[str, Any]]  # an outline, perhaps not usable yet
    published: Mapped[int | None]  # the number of the version in use; None: no review begins
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    updated_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))


class ScorecardVersion(Base):
    """A scorecard as it was published. Never changed: reviews are read by it."""

    __tablename__ = "scorecard_versions"
    __table_args__ = (UniqueConstraint("scorecard_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    scorecard_id: Mapped[UUID] = mapped_column(ForeignKey("scorecards.id", ondelete="CASCADE"))
    number: Mapped[int]
    outline: Mapped[dict[str, Any]]
    published_at: Mapped[datetime]
    published_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))


class ScorecardQueue(Base):
    """A scorecard is meant for the calls of this queue."""

    __tablename__ = "scorecard_queues"

    scorecard_id: Mapped[UUID] = mapped_column(
        ForeignKey("scorecards.id", ondelete="CASCADE"), primary_key=True
    )
    queue_id: Mapped[UUID] = mapped_column(
        ForeignKey("queues.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class ScorecardTeam(Base):
    """A scorecard is meant for the calls of this team's agents."""

    __tablename__ = "scorecard_teams"

    scorecard_id: Mapped[UUID] = mapped_column(
        ForeignKey("scorecards.id", ondelete="CASCADE"), primary_key=True
    )
    team_id: Mapped[UUID] = mapped_column(
        ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True, index=True
    )
