"""Calls and recordings as the API gives them. Times are UTC, durations seconds."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from pbx_bridge.call import CallResult, CallState, Direction, OfferEnd, SegmentKind
from pbx_bridge.matching import Level
from storage.calls import Reviewed, Transferred
from storage.recordings import RecordingState
from storage.recoveries import Reason
from web.api.models.given import Given, Taken

Length = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]


class Leg(Given):
    """One channel's part of a call."""

    id: UUID
    uniqueid: str
    linkedid: str
    channel: str
    number: str
    name: str
    extension: str | None
    user_id: UUID | None
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    hangup_cause: int | None = Field(description="Q.850")


class Party(Given):
    """One side of a segment."""

    leg_id: UUID
    extension: str | None
    number: str
    user_id: UUID | None


class Segment(Given):
    """An interval of a call with a fixed set of parties."""

    id: UUID
    kind: SegmentKind
    started_at: datetime
    ended_at: datetime | None
    exit_reason: str | None
    queue: str | None
    parties: list[Party]


class Offer(Given):
    """One call ringing at one phone, once."""

    id: UUID
    extension: str
    user_id: UUID | None
    attempt: int
    queue: str | None
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    end: OfferEnd | None
    outgoing: bool


class WrapUp(Given):
    """What an agent noted after the call."""

    user_id: UUID
    outcome: str | None
    note: str
    at: datetime


class Recording(Given):
    """A recording of a call; it can be played when its state is `ready`."""

    id: UUID
    call_id: UUID
    state: RecordingState
    cause: str = Field(description="a sentence, where it is not ready")
    media_type: str | None
    size: int | None = Field(description="bytes")
    seconds: float | None
    sha256: str | None
    started_at: datetime | None
    ended_at: datetime | None


class Call(Given):
    """One conversation."""

    id: UUID
    pbx_id: UUID
    direction: Direction
    state: CallState
    result: CallResult | None
    number: str = Field(description="the other side's, as the PBX wrote it")
    e164: str | None
    name: str = Field(description="the other side's, as the PBX wrote it: a stranger's text")
    dialled: str
    queue: str | None
    customer_id: UUID | None
    match: Level
    user_id: UUID | None = Field(description="the agent who talked last")
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    wait_seconds: float | None
    talk_seconds: float
    revision: int


class Recovery(Given):
    """That a call was told from the PBX's own books, and not (only) as we heard it."""

    reason: Reason
    uncertain: list[str] = Field(description="offers, talk, hold …: what the books do not say")
    recovered_at: datetime


class CallStory(Call):
    """A call with everything that belongs to it."""

    recovery: Recovery | None = Field(description="none for a call that we heard")
    legs: list[Leg]
    segments: list[Segment]
    offers: list[Offer]
    recordings: list[Recording]
    wrap_ups: list[WrapUp]


class Calls(Given):
    """A page of calls, newest first."""

    calls: list[Call]
    next: str | None = Field(None, description="the cursor of the next page; none on the last one")


class CallQuery(Taken):
    """Which calls."""

    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    user: UUID | None = None
    queue: Annotated[str, StringConstraints(max_length=80)] | None = None
    customer: UUID | None = None
    outcome: UUID | None = None
    direction: Direction | None = None
    result: CallResult | None = None
    number: Annotated[str, StringConstraints(max_length=80)] = ""
    recording: bool | None = Field(None, description="whether there is one to hear")
    tag: UUID | None = None
    review: Reviewed | None = Field(None, description="as far as the token's user may review")
    comment: Annotated[str, StringConstraints(max_length=120)] = Field(
        "", description="words of one comment on a recording that the token's user may hear"
    )
    talk_from: Length | None = Field(None, description="seconds of talk, at least")
    talk_to: Length | None = Field(None, description="at most, where somebody talked")
    wait_from: Length | None = Field(None, description="seconds until somebody answered, at least")
    wait_to: Length | None = None
    transferred: Transferred | None = None
    held: bool | None = Field(None, description="whether somebody waited on hold")
    dialled: Annotated[str, StringConstraints(max_length=80)] = ""
    note: Annotated[str, StringConstraints(max_length=120)] = Field(
        "", description="words of one wrap-up"
    )
    pbx: UUID | None = None
    match: Level | None = None
    cursor: Annotated[str, StringConstraints(max_length=200)] = ""
    limit: int = Field(50, ge=1, le=200)


class Play(Given):
    """A recording that was opened; its audio is at `url` until it expires."""

    id: UUID
    url: str
    expires_at: datetime
