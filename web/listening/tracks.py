"""What a call's page draws over the sound of a recording: what went on while it was recorded."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from aiohttp import web

import storage.recording_pauses
import storage.transcripts
from pbx_bridge.call import SegmentKind
from storage.calls import SegmentStory, Story
from storage.recording_pauses import Window as Pause
from storage.recordings import Recording
from storage.rules.withheld import Window
from web.keys import DATABASE, VISITOR
from web.listening.sounds import silent_for

PAUSED, WITHHELD, CARD = "paused", "withheld", "card"
OVER = {"hold", "consult", "parked", PAUSED, WITHHELD, CARD}  # lie over what else goes on
TONES = {
    "talk": "good", "queue": "ring", "ring": "ring", "hold": "warn", "parked": "warn",
    "consult": "accent", "voicemail": "accent", PAUSED: "bad",
}  # fmt: skip
SHORTEST = 0.05  # seconds: what is shorter is not to be heard


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An interval of a recording, in seconds from its beginning."""

    begins: float
    ends: float
    kind: str  # of a segment, or paused, withheld, card
    who: str = ""  # our people in it
    queue: str = ""

    @property
    def tone(self) -> str:
        """The colour of the kind."""
        return TONES.get(self.kind, "quiet")

    @property
    def row(self) -> int:
        """In which row of the drawing it stands."""
        return int(self.kind in OVER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """What is drawn over one recording; `lanes` name who is heard in which of two channels."""

    parts: tuple[Part, ...] = ()
    lanes: tuple[str, str] = ("", "")  # "" is the other side


async def tracks_of(request: web.Request, story: Story) -> Mapping[UUID, Track]:
    """Return what is drawn over each recording of the call, for the visitor."""
    audible = [recording for recording in story.recordings if recording.is_audible]
    tracks: dict[UUID, Track] = {}
    async with request.app[DATABASE].reading() as session:
        pauses = await storage.recording_pauses.windows(session, audible)
        cards = await storage.transcripts.of_recordings(session, [one.id for one in audible])
        for recording in audible:
            silent = await silent_for(session, request[VISITOR], recording)
            tracks[recording.id] = Track(
                parts=parts(
                    story,
                    recording,
                    pauses.get(recording.id, ()),
                    silent,
                    cards[recording.id].windows if recording.id in cards else (),
                ),
                lanes=lanes(story, recording),
            )
    return tracks


def parts(
    story: Story, recording: Recording, pauses: Sequence[Pause], silent: Iterable[Window],
    cards: Collection[Window] = (),
) -> tuple[Part, ...]:  # fmt: skip
    """Return what went on while it was recorded, in order; what lies outside of it is cut off.

    Of what is silent, `cards` are where the number of a card is said.
    """
    seconds = recording.seconds or 0.0
    found = []
    if recording.started_at is not None:
        found = [_part(story, recording, each) for each in story.segments]
    found += [
        Part(begins=each.start, ends=seconds if each.stop is None else each.stop, kind=PAUSED)
        for each in pauses
    ]
    found += [
        Part(begins=each.begins, ends=each.ends, kind=CARD if each in cards else WITHHELD)
        for each in silent
    ]
    cut = (
        Part(
            begins=max(0.0, part.begins),
            ends=min(part.ends, seconds),
            kind=part.kind,
            who=part.who,
            queue=part.queue,
        )
        for part in found
    )
    heard = [part for part in cut if part.ends - part.begins >= SHORTEST]
    return tuple(sorted(heard, key=lambda part: (part.begins, part.row)))


def _part(story: Story, recording: Recording, told: SegmentStory) -> Part:
    began = recording.started_at or told.segment.started_at
    segment = told.segment
    ended = segment.ended_at or story.call.ended_at or segment.started_at
    names = [
        story.names.get(party.user_id, party.extension) if party.user_id else party.extension
        for party in told.parties
        if party.extension
    ]
    return Part(
        begins=(segment.started_at - began).total_seconds(),
        ends=(ended - began).total_seconds(),
        kind=segment.kind.value,
        who=", ".join(sorted({name for name in names if name})),
        queue=story.queue_label(segment.queue) if segment.kind is SegmentKind.QUEUE else "",
    )


def lanes(story: Story, recording: Recording) -> tuple[str, str]:
    """Name the channels: first what came from the leg that was recorded, then what went to it."""
    leg = next((leg for leg in story.legs if leg.id == recording.leg_id), None)
    if leg is None:
        return "", ""
    if leg.extension is None:
        agents = [story.names[user] for user in story.talked if user in story.names]
        return "", ", ".join(sorted(agents))
    name = story.names.get(leg.user_id) if leg.user_id else None
    return name or leg.extension, ""
