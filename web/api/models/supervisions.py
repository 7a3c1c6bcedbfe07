"""Listening in as the API takes and gives it. Times are UTC, by the PBX's clock."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from storage.rules.supervisions import Mode
from web.api.models.given import Given, Taken
from web.dialling import KEY


class NewSupervision(Taken):
    """How to be in the call; the same key is the same click."""

    mode: Mode
    key: Annotated[str, StringConstraints(pattern=f"^{KEY}$")]
    extension: Annotated[str, StringConstraints(max_length=20)] = Field(
        "", description="the agent's phone, where several agents talk in the call"
    )


class SupervisionNow(Given):
    """What the token's user is in, or has asked to be in."""

    call: UUID
    mode: Mode | None = Field(None, description="none: begun by keys of a phone")
    started_at: datetime | None = Field(None, description="none while the phone rings")


class Talk(Given):
    """An agent's talk that can be listened to, and how."""

    call: UUID
    extension: str
    user_id: UUID | None
    name: str
    modes: list[Mode]


class Talks(Given):
    """Who talks now, as far as the rights of the token's user reach; what the user is in."""

    own: SupervisionNow | None
    talks: list[Talk]


class Supervision(Given):
    """One time that somebody was in a call, in one mode."""

    id: UUID
    user_id: UUID | None
    by: str
    agent_id: UUID | None
    agent: str
    mode: Mode | None
    shown: bool = Field(description="the agent's card told it")
    started_at: datetime
    ended_at: datetime | None
    end_heard: bool = Field(description="the PBX told the end")


class Supervisions(Given):
    """Who was in a call to supervise it, oldest first."""

    supervisions: list[Supervision]
