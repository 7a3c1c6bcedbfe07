"""Tasks and callbacks as the API takes and gives them."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from storage.tasks import TaskKind
from web.api.models.given import Given, Taken, Text

Title = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Dialled = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)]
Moment = Annotated[
    AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2100, 1, 1, tzinfo=UTC))
]


class Task(Given):
    """Something to be done."""

    id: UUID
    kind: TaskKind
    title: str
    body: str
    number: str | None = Field(description="to be called, in E.164")
    due_at: datetime | None
    user_id: UUID | None = Field(description="who does it; null: whoever takes it")
    team_id: UUID | None = Field(description="without a user: one of this team may take it")
    customer_id: UUID | None
    call_id: UUID | None = Field(description="the call after which it was noted")
    made_by: UUID | None
    created_at: datetime
    updated_at: datetime
    done_at: datetime | None
    done_by: UUID | None
    version: int = Field(description="send it back with a change")


class Tasks(Given):
    """A page of tasks."""

    tasks: list[Task]
    next: str | None = Field(None, description="the cursor of the next page; none on the last one")


class NewTask(Taken):
    """A task to note: a title; a callback needs a number and a time instead."""

    kind: TaskKind = TaskKind.TASK
    title: Title = ""
    body: Text = ""
    number: Dialled | None = Field(None, description="in any spelling")
    due_at: Moment | None = None
    user_id: UUID | None = Field(None, description="who does it; left out: whoever takes it")
    team_id: UUID | None = None
    customer_id: UUID | None = None
    call_id: UUID | None = None


class TaskChange(Taken):
    """Fields to change; those left out stay. `version` is the one that was read."""

    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    title: Title | None = None
    body: Text | None = None
    number: Dialled | None = None
    due_at: Moment | None = None
    user_id: UUID | None = None
    team_id: UUID | None = None
    customer_id: UUID | None = None


class TaskQuery(Taken):
    """Which tasks."""

    user: UUID | None = Field(None, description="whose; as of now")
    customer: UUID | None = None
    kind: TaskKind | None = None
    done: bool | None = None
    due_before: Moment | None = None
    cursor: Annotated[str, StringConstraints(max_length=800)] = ""
    limit: int = Field(50, ge=1, le=200)
