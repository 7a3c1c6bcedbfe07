"""A call while it lives: what is known of it so far, and what of it people must still be told."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from pbx_bridge.call import (
    Call,
    CallResult,
    CallState,
    Direction,
    Leg,
    Offer,
    RecordingFile,
    Segment,
)
from pbx_bridge.changes import OfferAnswered, OfferBegan, OfferEnded

Notice = type[OfferBegan] | type[OfferAnswered] | type[OfferEnded]


@dataclass(slots=True, eq=False, kw_only=True)
class Bridge:
    """A room of the PBX; in a holding bridge nobody talks."""

    name: str
    members: dict[str, "LiveLeg"] = field(default_factory=dict)


@dataclass(slots=True, eq=False, kw_only=True)
class LiveLeg:
    """A leg, and what it is doing."""

    leg: Leg
    story: "Story"
    is_party: bool  # a person or a machine that talks, not a wire inside the PBX
    twin: "LiveLeg | None" = None  # the other half of a Local channel
    bridge: Bridge | None = None
    replaced_in: str | None = None  # the bridge where another leg took its place
    dialler: "LiveLeg | None" = None
    is_calling: bool = False  # into the PBX
    was_dialled: bool = False
    is_dialled: bool = False  # right now
    dials: dict[str, "LiveLeg"] = field(default_factory=dict)  # whom it calls, or reached
    queue: str | None = None  # that calls this leg for its caller
    offer: UUID | None = None
    alone: UUID | None = None  # the segment it goes through without a peer
    abandoned_at: datetime | None = None  # the queue gave it up
    hold: UUID | None = None  # the segment in which it holds the others
    kept_waiting: UUID | None = None  # the hold in which the other side left it alone
    has_handed_over: bool = False  # its call to someone else, and may get it back
    parked: UUID | None = None  # the segment in which it is, or was, parked
    visit: UUID | None = None  # its last one to a queue
    guess: str | None = None  # how its dial ended, by its hang-up; the PBX may tell better
    is_given: bool = False  # by a transfer, to phones that may ring already
    files: list[UUID] = field(default_factory=list)  # being recorded
    mutes: dict[UUID, frozenset[str]] = field(default_factory=dict)  # of files: ways without sound
    heard: int = 0  # the number of the last event about it
    queued: int = 0  # the same, of its queue

    @property
    def uniqueid(self) -> str:
        """Asterisk's id of the channel."""
        return self.leg.uniqueid

    @property
    def extension(self) -> str | None:
        """Our extension, where this is one of our phones."""
        return self.leg.extension

    @property
    def is_alive(self) -> bool:
        """Whether the channel still exists."""
        return self.leg.ended_at is None

    @property
    def is_up(self) -> bool:
        """Whether the channel was answered and still exists."""
        return self.is_alive and self.leg.answered_at is not None


@dataclass(slots=True, eq=False, kw_only=True)
class Story:
    """What is known of a call; `tell` makes the value that others get."""

    id: UUID
    pbx: UUID
    started_at: datetime
    direction: Direction = Direction.INTERNAL
    number: str = ""
    name: str = ""
    dialled: str = ""
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    result: CallResult | None = None
    queue: str | None = None
    consent: str = ""
    consent_at: datetime | None = None
    legs: list[LiveLeg] = field(default_factory=list)
    segments: dict[UUID, Segment] = field(default_factory=dict)
    offers: dict[UUID, Offer] = field(default_factory=dict)
    recordings: dict[UUID, RecordingFile] = field(default_factory=dict)
    aliases: tuple[UUID, ...] = ()

    origin: LiveLeg | None = None  # the party that began it
    customer: LiveLeg | None = None  # the other side's leg
    linkedids: set[str] = field(default_factory=set)
    bridges: dict[str, Bridge] = field(default_factory=dict)
    talks: dict[frozenset[str], UUID] = field(default_factory=dict)  # open, by who is in them
    optimising: set[str] = field(default_factory=set)  # Local halves that are being taken out
    ringing: dict[str, UUID] = field(default_factory=dict)  # open offers by extension
    contacts: dict[UUID, set[str]] = field(default_factory=dict)  # ringing legs of open offers
    attempts: dict[str, int] = field(default_factory=dict)  # by extension
    open_dials: set[str] = field(default_factory=set)
    dial_ends: list[str] = field(default_factory=list)  # of the last round of dials
    queue_was_last: bool = False  # tried after the last dial that no queue made
    was_lost: bool = False  # the PBX went away, or the gap swallowed its end

    told: Call | None = None
    revision: int = 0
    is_changed: bool = True
    notices: list[tuple[Notice, UUID]] = field(default_factory=list)
    joined: list[UUID] = field(default_factory=list)

    @property
    def state(self) -> CallState:
        """Where the call stands now."""
        if self.ended_at is not None:
            return CallState.ENDED
        return CallState.RINGING if self.answered_at is None else CallState.TALKING

    @property
    def is_alive(self) -> bool:
        """Whether a party's channel still exists, or none has come yet."""
        if any(live.is_party and live.is_alive for live in self.legs):
            return True
        if any(live.is_party for live in self.legs):
            return False
        return any(live.is_alive for live in self.legs)

    def talks_now(self, live: LiveLeg) -> bool:
        """Whether the leg shares sound with somebody now."""
        return any(live.uniqueid in who for who in self.talks)

    def put_segment(self, segment: Segment) -> None:
        """Add a segment, or tell it anew."""
        self.segments[segment.id] = segment
        self.is_changed = True

    def put_offer(self, offer: Offer, notice: Notice | None = None) -> None:
        """Add an offer or tell it anew; its agent gets the notice."""
        self.offers[offer.id] = offer
        self.is_changed = True
        if notice:
            self.notices.append((notice, offer.id))

    def put_recording(self, recording: RecordingFile) -> None:
        """Add a recording, or tell it anew."""
        self.recordings[recording.id] = recording
        self.is_changed = True

    @property
    def is_quiet(self) -> bool:
        """Whether nobody waits for the news: the call is known, and no phone or end is in it."""
        return (
            self.told is not None and self.ended_at is None and not self.notices and not self.joined
        )

    def revise(self) -> None:
        """Count what an event changed as the next revision."""
        self.revision += 1
        self.is_changed = False

    def tell(self) -> Call:
        """Return the call as it is now."""
        self.told = Call(
            id=self.id,
            pbx=self.pbx,
            direction=self.direction,
            number=self.number,
            name=self.name,
            dialled=self.dialled,
            started_at=self.started_at,
            state=self.state,
            answered_at=self.answered_at,
            ended_at=self.ended_at,
            result=self.result,
            queue=self.queue,
            consent=self.consent,
            consent_at=self.consent_at,
            legs=tuple(live.leg for live in self.legs),
            segments=tuple(self.segments.values()),
            offers=tuple(self.offers.values()),
            recordings=tuple(self.recordings.values()),
            aliases=self.aliases,
            revision=self.revision,
        )
        return self.told
