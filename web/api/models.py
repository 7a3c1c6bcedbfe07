"""What the API takes and gives. Times are UTC, numbers E.164, durations seconds."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from pbx_bridge.call import CallResult, CallState, Direction, OfferEnd, SegmentKind
from pbx_bridge.matching import Level
from storage.customers import CustomerKind
from storage.recordings import RecordingState

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Written = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]


class Given(BaseModel):
    """What the API gives; read from rows by attribute."""

    model_config = ConfigDict(from_attributes=True)


class Taken(BaseModel):
    """What the API takes; an unknown field is a mistake."""

    model_config = ConfigDict(extra="forbid")


class Number(Given):
    """A phone number of a customer."""

    id: UUID
    e164: str
    written: str = Field(description="as a person wrote it")
    label: str


class Customer(Given):
    """A person or company that is served."""

    id: UUID
    kind: CustomerKind
    name: str
    address_as: str | None = Field(description="preferred form of address")
    email: str | None
    about: str
    version: int = Field(description="send it back with a change")
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None = Field(description="no longer served")
    numbers: list[Number] = []


class Customers(Given):
    """A page of customers."""

    customers: list[Customer]
    next: str | None = Field(None, description="the cursor of the next page; none on the last one")


class NewNumber(Taken):
    """A number, in any spelling."""

    written: Written
    label: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = ""


class NewCustomer(Taken):
    """A customer to add."""

    name: Name
    kind: CustomerKind = CustomerKind.PERSON
    address_as: Annotated[str, StringConstraints(max_length=120)] | None = None
    email: Annotated[str, StringConstraints(max_length=254)] | None = None
    about: Text = ""
    numbers: list[NewNumber] = Field([], max_length=20)


class CustomerChange(Taken):
    """Fields to change; those left out stay. `version` is the one that was read."""

    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    name: Name | None = None
    kind: CustomerKind | None = None
    address_as: Annotated[str, StringConstraints(max_length=120)] | None = None
    email: Annotated[str, StringConstraints(max_length=254)] | None = None
    about: Text | None = None


class CustomerQuery(Taken):
    """Which customers."""

    q: Annotated[str, StringConstraints(max_length=200)] = Field(
        "", description="the beginning of any words of the name, or a number in any spelling"
    )
    kind: CustomerKind | None = None
    cursor: Annotated[str, StringConstraints(max_length=800)] = ""
    limit: int = Field(50, ge=1, le=200)


class Candidate(Given):
    """A customer who may be on the other side."""

    customer: UUID
    name: str
    kind: str


class NumberMatch(Given):
    """Whose a number is."""

    e164: str
    level: Level
    why: str
    customer: UUID | None
    candidates: list[Candidate]


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


class CallStory(Call):
    """A call with everything that belongs to it."""

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
    cursor: Annotated[str, StringConstraints(max_length=200)] = ""
    limit: int = Field(50, ge=1, le=200)


class Play(Given):
    """A recording that was opened; its audio is at `url` until it expires."""

    id: UUID
    url: str
    expires_at: datetime
