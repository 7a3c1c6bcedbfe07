"""A task: something to be done, by someone, a team, or whoever is first."""

from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from pbx_bridge.matching import msgid
from storage.database import Base
from storage.errors import Conflict, Refused
from storage.rules import texts


class TaskKind(StrEnum):
    """What is to be done."""

    TASK = "task"
    CALLBACK = "callback"  # call this number at this time


class Task(Base):
    """Open until it is done. Without a user it waits: for one of its team, or for anyone."""

    __tablename__ = "tasks"
    __table_args__ = (
        Index(None, "user_id", "done_at", "due_at"),
        Index(None, "done_at", "due_at"),
        Index(None, "customer_id", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[TaskKind]
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text, default="")
    number: Mapped[str | None] = mapped_column(String(20))  # to be called, in E.164
    due_at: Mapped[datetime | None]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))  # who does it
    team_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("teams.id", ondelete="SET NULL"), index=True
    )
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    call_id: Mapped[UUID | None] = mapped_column(ForeignKey("calls.id"), index=True)
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(default=1)  # of the row, against lost updates

    __mapper_args__ = {"version_id_col": version}

    @property
    def is_free(self) -> bool:
        """Whether it waits for whoever takes it."""
        return self.user_id is None and self.done_at is None

    def is_overdue(self, now: datetime) -> bool:
        """Whether it is late."""
        return self.done_at is None and self.due_at is not None and self.due_at < now


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFacts:
    """What a person may say of a task in one form; neither user nor team: anyone may do it."""

    kind: TaskKind = TaskKind.TASK
    title: str = ""
    body: str = ""
    number: str | None = None
    due_at: datetime | None = None
    user_id: UUID | None = None
    team_id: UUID | None = None
    customer_id: UUID | None = None
    call_id: UUID | None = None

    @classmethod
    def of(cls, task: Task) -> Self:
        """The facts as they are stored."""
        return cls(**{field.name: getattr(task, field.name) for field in fields(cls)})

    def storable(self) -> "TaskFacts":
        """The facts without what a database refuses; raises Refused with what is missing."""
        values = asdict(self) | {
            "title": texts.one_line(self.title, limit=200),
            "body": texts.clean(self.body),
            "due_at": self.due_at.astimezone(UTC) if self.due_at else None,
        }
        if self.kind is TaskKind.CALLBACK:
            if not self.number:
                raise Refused("A callback needs a number.")
            if self.due_at is None:
                raise Refused("A callback needs a time.")
        else:
            values["number"] = self.number or None
            if not values["title"]:
                raise Refused("A task needs a title.")
        return TaskFacts(**values)

    def changes_from(self, other: "TaskFacts") -> dict[str, Any]:
        """What differs from other facts, by field."""
        theirs = asdict(other)
        return {name: value for name, value in asdict(self).items() if value != theirs[name]}


class TaskChanged(Conflict):
    """A colleague saved this task first; carries what they say, its version, and yours."""

    def __init__(self, theirs: Task, yours: TaskFacts) -> None:
        super().__init__(msgid("A colleague has changed this task since you opened the page."))
        self.theirs = TaskFacts.of(theirs)
        self.version = theirs.version
        self.yours = yours


class Taken(Conflict):
    """A colleague was first; the message names them."""
