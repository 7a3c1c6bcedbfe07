"""The tables of scripts: what is edited, what was published, what was answered in which call."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.blueprints import Blueprint, BlueprintVersion
from storage.database import Base

LONGEST_KEY = 24


class Script(Blueprint):
    """A script as it is edited; while it is not published agents see none."""

    __tablename__ = "scripts"


class ScriptVersion(BlueprintVersion):
    """A script as it was published: answers are read by it."""

    __tablename__ = "script_versions"
    __table_args__ = (UniqueConstraint("script_id", "number"),)

    script_id: Mapped[UUID] = mapped_column(ForeignKey("scripts.id", ondelete="CASCADE"))


class ScriptQueue(Base):
    """The script of a queue's calls. Campaigns will have a table of their own beside it."""

    __tablename__ = "script_queues"

    queue_id: Mapped[UUID] = mapped_column(
        ForeignKey("queues.id", ondelete="CASCADE"), primary_key=True
    )
    script_id: Mapped[UUID] = mapped_column(
        ForeignKey("scripts.id", ondelete="CASCADE"), index=True
    )


class ScriptRun(Base):
    """One script in one call, whoever fills it; it stays with the version it began with."""

    __tablename__ = "script_runs"
    __table_args__ = (
        UniqueConstraint("call_id", "script_id"),
        Index(None, "version_id", "started_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    call_id: Mapped[UUID] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"))
    script_id: Mapped[UUID] = mapped_column(ForeignKey("scripts.id", ondelete="CASCADE"))
    version_id: Mapped[UUID] = mapped_column(ForeignKey("script_versions.id", ondelete="CASCADE"))
    step: Mapped[str] = mapped_column(String(LONGEST_KEY))  # where the agent is, or ended
    started_at: Mapped[datetime] = mapped_column(index=True)
    started_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    updated_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class ScriptAnswer(Base):
    """The answer to one question in one call; `counts` says whether the way still leads there."""

    __tablename__ = "script_answers"

    run_id: Mapped[UUID] = mapped_column(
        ForeignKey("script_runs.id", ondelete="CASCADE"), primary_key=True
    )
    field: Mapped[str] = mapped_column(String(LONGEST_KEY), primary_key=True)
    answer: Mapped[str] = mapped_column(Text)  # empty: taken back
    counts: Mapped[bool]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
    version: Mapped[int]  # how often it was given
