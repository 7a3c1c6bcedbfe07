"""The tables of scorecards: what is edited, what was published, whose calls have which."""

from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.blueprints import Blueprint, BlueprintVersion
from storage.database import Base


class Scorecard(Blueprint):
    """A scorecard as it is edited; while it is not published no review begins."""

    __tablename__ = "scorecards"


class ScorecardVersion(BlueprintVersion):
    """A scorecard as it was published: reviews are read by it."""

    __tablename__ = "scorecard_versions"
    __table_args__ = (UniqueConstraint("scorecard_id", "number"),)

    scorecard_id: Mapped[UUID] = mapped_column(ForeignKey("scorecards.id", ondelete="CASCADE"))


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
