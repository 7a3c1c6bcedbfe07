"""What was answered in scripts, as the API gives it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from storage.rules.scripts import FieldKind
from web.api.models.given import Given, Taken


class ScriptAnswer(Given):
    """A question of a script and its answer."""

    field: str = Field(description="the question's key, the same in all versions")
    question: str
    kind: FieldKind
    answer: str = Field(
        description="yes or no; a number with a point; a day as 2026-11-28; choices one a line"
    )
    counts: bool = Field(description="false: an earlier answer has since led elsewhere")
    user_id: UUID = Field(description="who gave it")
    at: datetime


class ScriptRun(Given):
    """A script that was filled in a call."""

    id: UUID
    call_id: UUID
    script_id: UUID
    script: str = Field(description="its name now")
    version: int
    step: str = Field(description="where it was ended or left")
    started_at: datetime
    started_by: UUID
    updated_at: datetime
    finished_at: datetime | None
    answers: list[ScriptAnswer]


class ScriptRuns(Given):
    """A page of filled scripts, in the order in which they began."""

    runs: list[ScriptRun]
    next: str | None = Field(None, description="the cursor of the next page; none on the last one")


class ScriptRunQuery(Taken):
    """Which filled scripts."""

    script: UUID | None = None
    since: AwareDatetime | None = Field(None, description="begun at or after it")
    until: AwareDatetime | None = Field(None, description="begun before it")
    cursor: Annotated[str, StringConstraints(max_length=200)] = ""
    limit: int = Field(50, ge=1, le=200)
