"""Links to recordings, as the API takes and gives them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from web.api.models.given import Given, Taken

Tells = Literal["when", "customer", "agent"]


class Share(Given):
    """A link to a recording; its secret was told once, when it was made."""

    id: UUID
    recording_id: UUID
    user_id: UUID = Field(description="who made it")
    for_user_id: UUID | None = Field(description="the colleague for whom alone it is")
    plays_allowed: int | None
    plays_used: int
    tells: list[str] = Field(description="what its page tells beside the sound")
    created_at: datetime
    expires_at: datetime
    withdrawn_at: datetime | None


class NewShare(Taken):
    """A link to make: for one colleague, or for 1 to 100 plays by whoever has it."""

    hours: int = Field(ge=1, le=720, description="until it ends")
    plays: int | None = Field(None, ge=1, le=100)
    for_user_id: UUID | None = None
    tells: list[Tells] = Field([], max_length=3)


class ShareMade(Share):
    """A link that was made, with its address: it is told this once."""

    url: str


class Shares(Given):
    """A page of links, the newest first."""

    shares: list[Share]
    next: str | None = Field(None, description="the cursor of the next page; none on the last one")


class ShareQuery(Taken):
    """Which links."""

    cursor: Annotated[str, StringConstraints(max_length=200)] = ""
    limit: int = Field(50, ge=1, le=200)
