"""A call's story as a drawing: a lane for the other side, one for each phone; pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pbx_bridge.call import OfferEnd, SegmentKind
from storage.calls import OfferRecord, SegmentRecord, Story
from storage.recording_pauses import RecordingPause

LANE_HEIGHT = 40  # pixels: a line of text and its bar
TEXT_HEIGHT = 17
BAR_HEIGHT = 14
NARROWEST = 0.4  # percent: a moment must still be seen
STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)  # seconds
MOST_TICKS = 8
PAUSES = "pause"  # the lane and the kind of times in which nothing was recorded

TONES = {
    SegmentKind.TALK: "good",
    SegmentKind.QUEUE: "ring",
    SegmentKind.RING: "ring",
    SegmentKind.HOLD: "warn",
    SegmentKind.PARKED: "warn",
    SegmentKind.CONSULT: "accent",
    SegmentKind.VOICEMAIL: "accent",
}
OFFER_TONES = {OfferEnd.ANSWERED: "ring", OfferEnd.MISSED: "bad", None: "ring"}


@dataclass(frozen=True, slots=True)
class Bar:
    """An interval in a lane; left and width in percent of the call."""

    left: float
    width: float
    tone: str
    kind: str  # a segment's kind, or offer
    seconds: float
    began: datetime
    note: str = ""  # the queue of a queue visit, how an offer ended


@dataclass(frozen=True, slots=True)
class Lane:
    """One line of the drawing."""

    label: str  # an agent's name or an extension; "" is the other side, or `pause`
    top: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Lanes from the top, and marks of time under them; heights in pixels."""

    lanes: tuple[Lane, ...]
    ticks: tuple[tuple[float, float], ...]  # percent, seconds since the beginning
    height: int


class _Scale:
    def __init__(self, began: datetime, ended: datetime) -> None:
        self.began = began
        self.ended = ended
        self.seconds = max((ended - began).total_seconds(), 1.0)

    def bar(
        self, began: datetime, ended: datetime | None, *, tone: str, kind: str, note: str = ""
    ) -> Bar:
        start = max(0.0, (began - self.began).total_seconds())
        end = max(start, ((ended or self.ended) - self.began).total_seconds())
        left = min(100.0 - NARROWEST, start / self.seconds * 100)
        width = min(100.0 - left, max(NARROWEST, (end - start) / self.seconds * 100))
        return Bar(round(left, 3), round(width, 3), tone, kind, end - start, began, note)

    def segment(self, segment: SegmentRecord, note: str = "") -> Bar:
        tone = TONES.get(segment.kind, "quiet")
        return self.bar(
            segment.started_at, segment.ended_at, tone=tone, kind=segment.kind.value, note=note
        )

    def offer(self, offer: OfferRecord) -> Bar:
        return self.bar(
            offer.started_at,
            offer.ended_at or offer.answered_at,
            tone=OFFER_TONES.get(offer.end, "quiet"),
            kind="offer",
            note=offer.end.value if offer.end else "",
        )

    def pause(self, pause: RecordingPause) -> Bar:
        return self.bar(pause.started_at, pause.ended_at, tone="wrap", kind=PAUSES)

    def ticks(self) -> Iterator[tuple[float, float]]:
        fitting = (step for step in STEPS if self.seconds / step <= MOST_TICKS)
        step = next(fitting, STEPS[-1])
        for n in range(int(self.seconds // step) + 1):
            yield round(n * step / self.seconds * 100, 3), n * step


def draw(story: Story, *, now: datetime) -> Drawing:
    """Draw the story; what has not ended reaches to `now`."""
    call = story.call
    scale = _Scale(call.started_at, max(call.ended_at or now, call.started_at + timedelta(0)))
    lanes: list[tuple[str, Sequence[Bar]]] = [
        (
            "",
            [
                scale.segment(part.segment, story.queue_label(part.segment.queue))
                for part in story.segments
            ],
        )
    ]
    for extension in _phones(story):
        bars = [scale.offer(offer) for offer in story.offers if offer.extension == extension]
        bars += [
            scale.segment(part.segment)
            for part in story.segments
            if any(party.extension == extension for party in part.parties)
        ]
        lanes.append((_who(story, extension), bars))
    pauses = [pause for each in story.pauses.values() for pause in each]
    if pauses:
        lanes.append((PAUSES, [scale.pause(pause) for pause in pauses]))
    return Drawing(
        lanes=tuple(
            Lane(label, n * LANE_HEIGHT, tuple(sorted(bars, key=lambda bar: bar.began)))
            for n, (label, bars) in enumerate(lanes)
        ),
        ticks=tuple(scale.ticks()),
        height=len(lanes) * LANE_HEIGHT + TEXT_HEIGHT,
    )


def _phones(story: Story) -> list[str]:
    """Our phones in the order in which they came into the call."""
    rang = [offer.extension for offer in story.offers]
    talked = [p.extension for part in story.segments for p in part.parties if p.extension]
    return list(dict.fromkeys(rang + talked))


def _who(story: Story, extension: str) -> str:
    users = [offer.user_id for offer in story.offers if offer.extension == extension]
    users += [leg.user_id for leg in story.legs if leg.extension == extension]
    name = next((story.names[user] for user in users if user), None)
    return f"{name} · {extension}" if name else extension
