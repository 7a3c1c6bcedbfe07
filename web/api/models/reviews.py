"""Reviews of calls, as the API gives them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from storage.reviews import ReviewKind, ReviewState
from web.api.models.given import Given, Taken


class ReviewRemark(Given):
    """A further comment on an item."""

    note: str
    at_seconds: float | None = Field(description="into the recording")


class ReviewMark(Given):
    """What was said of one item of the scorecard."""

    item: str = Field(description="the item's key, the same in all versions")
    section: str
    label: str
    mark: str = Field(description="yes, no, a step of the scale, na: not applicable; empty: none")
    note: str
    at_seconds: float | None = Field(description="into the recording")
    critical: bool
    more: list[ReviewRemark] = Field(description="further comments on the item")


class Review(Given):
    """One verdict on one agent in one call, as it is written now."""

    id: UUID
    call_id: UUID
    agent_id: UUID
    reviewer_id: UUID
    kind: ReviewKind
    state: ReviewState
    scorecard_id: UUID
    scorecard: str
    version: int = Field(description="of the scorecard")
    score: float | None = Field(description="percent, as it was submitted")
    failed: bool = Field(description="a critical item was not met")
    revision: int = Field(description="how often it was released to the agent")
    started_at: datetime
    submitted_at: datetime | None
    released_at: datetime | None
    summary: str
    answer: str = Field(description="the agent's")
    marks: list[ReviewMark]


class Reviews(Given):
    """A page of reviews, in the order in which they began."""

    reviews: list[Review]
    next: str | None = Field(None, description="the cursor of the next page; none on the last one")


class ReviewQuery(Taken):
    """Which reviews."""

    agent: UUID | None = None
    scorecard: UUID | None = None
    state: ReviewState | None = None
    since: AwareDatetime | None = Field(None, description="begun at or after it")
    until: AwareDatetime | None = Field(None, description="begun before it")
    cursor: Annotated[str, StringConstraints(max_length=200)] = ""
    limit: int = Field(50, ge=1, le=200)
