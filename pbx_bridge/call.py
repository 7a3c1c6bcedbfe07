"""What a call is: its legs, segments, offers and recordings, as plain values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

CONSENT_REFUSED = "refused"  # a word of `Call.consent`


class Direction(StrEnum):
    """Who began the conversation: someone outside, one of us to the outside, or two of us."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"


class CallState(StrEnum):
    """Where a call stands now; `ended` is final until it is told again."""

    RINGING = "ringing"  # nobody of ours speaks with the other side yet (also waiting in a queue)
    TALKING = "talking"
    ENDED = "ended"


class CallResult(StrEnum):
    """How a call came out, decided once it has ended."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"  # the caller hung up before anyone answered
    TIMED_OUT = "timed_out"  # the queue gave up
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"
    CANCELLED = "cancelled"  # we hung up before the other side answered


class SegmentKind(StrEnum):
    """What was going on during an interval of a call."""

    IVR = "ivr"
    QUEUE = "queue"
    RING = "ring"
    TALK = "talk"
    HOLD = "hold"
    CONSULT = "consult"
    PARKED = "parked"
    VOICEMAIL = "voicemail"
    APPLICATION = "application"


class OfferEnd(StrEnum):
    """How an offer ended for its agent; only `missed` counts against anyone."""

    ANSWERED = "answered"
    MISSED = "missed"  # rang out at this phone: no answer, busy or unreachable
    CANCELLED = "cancelled"  # the caller gave up, or the queue moved on
    ELSEWHERE = "elsewhere"  # another agent answered or picked it up
    WITHDRAWN = "withdrawn"  # the PBX went away, or the gap swallowed its end


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One channel's part of a call; unique by (pbx, uniqueid, started_at)."""

    id: UUID
    uniqueid: str
    linkedid: str  # the last one seen: a hint, never the key
    channel: str  # PJSIP/101-00000002
    interface: str  # PJSIP/101: the channel without its counter
    number: str  # caller number of the leg as the PBX wrote it, "" where withheld
    name: str  # caller name as the PBX wrote it: a stranger's text
    extension: str | None  # set where the interface is one of our phones
    started_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    hangup_cause: int | None = None  # Q.850


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One side of a segment: a leg, and our extension where it was one of our phones."""

    leg: UUID
    extension: str | None
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """An interval of a call with a fixed set of parties."""

    id: UUID
    kind: SegmentKind
    started_at: datetime
    ended_at: datetime | None = None
    exit_reason: str | None = None  # queue: answered, abandoned, timeout, empty, key, continue …
    queue: str | None = None
    parties: tuple[Party, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One call ringing at one phone of ours, once; two contacts of one phone are one offer."""

    id: UUID
    extension: str
    attempt: int  # 1, 2, … per (call, extension)
    legs: tuple[UUID, ...]
    queue: str | None
    started_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None  # when it stopped ringing
    end: OfferEnd | None = None
    outgoing: bool = False  # our agent dials: the card for a call that we place


class PauseEnd(StrEnum):
    """How a time without sound in a recording ended."""

    RESUMED = "resumed"
    OVER = "over"  # the recording ended first


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingPause:
    """A time in which a recording holds silence, both ways, as the PBX confirmed it."""

    id: UUID
    started_at: datetime
    ended_at: datetime | None = None
    end: PauseEnd | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingFile:
    """A file that MixMonitor writes for a leg, named as the PBX names it."""

    id: UUID
    leg: UUID
    path: str  # on the PBX; never a path of ours, never shown to a client
    started_at: datetime | None = None
    ended_at: datetime | None = None
    pauses: tuple[RecordingPause, ...] = ()  # in order; only the last may be open

    @property
    def runs(self) -> bool:
        """Whether it is written now."""
        return self.started_at is not None and self.ended_at is None

    @property
    def pause(self) -> RecordingPause | None:
        """The pause that lasts, None where it records."""
        last = self.pauses[-1] if self.pauses else None
        return last if last is not None and last.ended_at is None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One conversation, however many channels Asterisk used to carry it."""

    id: UUID  # ours, derived from the first leg; Asterisk's ids are attributes of the legs
    pbx: UUID
    direction: Direction
    number: str  # theirs (the other side's) as the PBX wrote it, whoever dialled; "" where withheld
    name: str  # theirs, as the PBX wrote it
    dialled: str  # what was dialled: our DID or extension inbound, their number outbound
    started_at: datetime
    state: CallState = CallState.RINGING
    answered_at: datetime | None = None  # someone of ours and the other side shared a bridge
    ended_at: datetime | None = None
    result: CallResult | None = None
    queue: str | None = None  # the last queue it waited in
    consent: str = ""  # to being recorded, as the dialplan told: announced, refused, unknown
    consent_at: datetime | None = None  # when it told that, by the PBX's clock
    legs: tuple[Leg, ...] = ()
    segments: tuple[Segment, ...] = ()
    offers: tuple[Offer, ...] = ()
    recordings: tuple[RecordingFile, ...] = ()
    aliases: tuple[UUID, ...] = ()  # ids of calls that turned out to be this one
    revision: int = 1  # grows with every change

    @property
    def extension(self) -> str | None:
        """The phone of ours that talked last, or None when nobody of ours has talked."""
        talks = (s for s in reversed(self.segments) if s.kind is SegmentKind.TALK)
        return next((p.extension for s in talks for p in s.parties if p.extension), None)

    @property
    def talk_seconds(self) -> float:
        """Seconds that someone of ours and the other side shared a bridge, ended talks only."""
        return sum(
            (s.ended_at - s.started_at).total_seconds()
            for s in self.segments
            if s.kind is SegmentKind.TALK and s.ended_at
        )

    @property
    def wait_seconds(self) -> float | None:
        """Seconds from the first event to the answer, or to the end of an unanswered call."""
        until = self.answered_at or self.ended_at
        return (until - self.started_at).total_seconds() if until else None
