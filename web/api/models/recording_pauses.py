"""Pauses of recordings as the API takes and gives them. Times are UTC."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from pbx_bridge.call import PauseEnd
from pbx_bridge.recorders import Recorder
from storage.recording_pauses import LONGEST_REASON, Cause, Outcome, What
from web.api.models.given import Given, Taken


class NewRecordingPause(Taken):
    """Why; a sentence for whoever hears the recording later."""

    reason: Annotated[str, StringConstraints(max_length=LONGEST_REASON)] = ""


class RecordingNow(Given):
    """What is recorded of a call now, as the PBX said last."""

    state: Recorder
    since: datetime | None = Field(None, description="of the pause")
    by: str | None = None
    cause: Cause | None = None
    until: datetime | None = Field(None, description="when it ends by itself")
    held: bool = Field(default=False, description="a script's step keeps it paused")


class RecordingPause(Given):
    """A silence in a recording, in seconds from its begin."""

    id: UUID
    recording_id: UUID
    started_at: datetime
    ended_at: datetime | None
    start: float
    stop: float | None = Field(description="none while it lasts")
    end: PauseEnd | None = Field(description="`over`: the recording ended first")
    cause: Cause | None = Field(description="none: another program paused it")
    by: str
    reason: str
    end_cause: Cause | None
    end_by: str


class PauseOrder(Given):
    """What was asked of the PBX, and what came of it."""

    id: UUID
    what: What
    cause: Cause
    user_id: UUID | None
    reason: str
    asked_at: datetime
    outcome: Outcome
    why: str = Field(description="the PBX's word, or ours where it gave none")


class RecordingPauses(Given):
    """The silences of a call's recordings, and what was asked for."""

    pauses: list[RecordingPause]
    orders: list[PauseOrder]
