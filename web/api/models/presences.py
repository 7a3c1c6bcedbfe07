"""What agents are for the queues, as the API gives it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from pbx_bridge.presences import AgentState, Source
from web.api.models.given import Given, Taken


class AgentNow(Given):
    """An agent at a phone, and what they are for the queues now."""

    user_id: UUID
    pbx_id: UUID
    extension: str
    state: AgentState | None = Field(description="null: the PBX is not heard")


class AgentsNow(Given):
    """Every agent with a phone."""

    agents: list[AgentNow]


class Presence(Given):
    """An interval in which an agent was something; where there is none, nothing is known."""

    id: UUID
    user_id: UUID
    pbx_id: UUID
    extension: str
    queue: str | None = Field(description="null: in all queues together")
    state: AgentState
    reason: str
    source: Source | None = Field(description="who brought it about; null: it was so before")
    began_at: datetime
    ended_at: datetime | None = Field(description="null while it lasts")


class Presences(Given):
    """A page of intervals, in the order in which they began."""

    presences: list[Presence]
    next: str | None = Field(None, description="the cursor of the next page; none on the last one")


class PresenceQuery(Taken):
    """Which intervals: those that lasted at some time from `since` until `until`."""

    user: UUID | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    cursor: Annotated[str, StringConstraints(max_length=200)] = ""
    limit: int = Field(50, ge=1, le=200)
