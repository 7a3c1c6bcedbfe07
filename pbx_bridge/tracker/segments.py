"""What goes on in a call, interval by interval.

Alone, a leg goes through one segment at a time: a menu, a queue, ringing, a parking space,
voicemail. Together, legs talk: bridges and the Local channels between them make a room, and a talk
is an interval with a fixed set of parties in a room. Whenever someone comes or goes, the rooms of
the call are looked at anew; no event is trusted to say who talks with whom.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from pbx_bridge.call import Direction, Party, Segment, SegmentKind
from pbx_bridge.ids import derived_uuid7
from pbx_bridge.tracker import offers
from pbx_bridge.tracker.joins import conversation_kind
from pbx_bridge.tracker.stories import Bridge, LiveLeg, Story

_INTERRUPTION = timedelta(milliseconds=50)  # at most, while the PBX moves legs


def begin(
    story: Story,
    kind: SegmentKind,
    parties: Iterable[LiveLeg],
    at: datetime,
    *,
    queue: str | None = None,
) -> UUID:
    """Begin a segment and return its id."""
    legs = tuple(parties)
    segment = Segment(
        id=derived_uuid7(at, story.pbx, "segment", kind, at, *(live.leg.id for live in legs)),
        kind=kind,
        started_at=at,
        queue=queue,
        parties=tuple(_party(live) for live in legs),
    )
    story.put_segment(segment)
    return segment.id


def end(story: Story, segment_id: UUID, at: datetime, reason: str | None = None) -> None:
    """End a segment, never before it began; of one that has ended, learn why."""
    segment = story.segments[segment_id]
    if segment.ended_at is None:
        ended_at = max(at, segment.started_at)
        why = reason or segment.exit_reason
        story.put_segment(replace(segment, ended_at=ended_at, exit_reason=why))
    elif segment.exit_reason is None and reason is not None:
        story.put_segment(replace(segment, exit_reason=reason))


def begin_alone(
    live: LiveLeg, kind: SegmentKind, at: datetime, *, queue: str | None = None
) -> UUID:
    """The leg goes through this now, instead of what it went through before."""
    end_alone(live, at)
    live.alone = begin(live.story, kind, (live,), at, queue=queue)
    return live.alone


def end_alone(live: LiveLeg, at: datetime, reason: str | None = None) -> None:
    """The leg goes through nothing alone any more."""
    if live.alone is not None:
        end(live.story, live.alone, at, reason)
        live.alone = None


def kind_alone(live: LiveLeg) -> SegmentKind | None:
    """Return what the leg goes through alone now."""
    return None if live.alone is None else live.story.segments[live.alone].kind


def rings_of(live: LiveLeg) -> list[Segment]:
    """Return the segments in which the leg's phone rang."""
    return [
        segment
        for segment in live.story.segments.values()
        if segment.kind is SegmentKind.RING and live.leg.id in {p.leg for p in segment.parties}
    ]


def add_party(story: Story, segment_id: UUID, live: LiveLeg) -> None:
    """Another leg has to do with a segment."""
    segment = story.segments[segment_id]
    story.put_segment(replace(segment, parties=(*segment.parties, _party(live))))


def begin_hold(live: LiveLeg, at: datetime) -> None:
    """The leg puts the others of its talk on hold."""
    live.hold = begin(live.story, SegmentKind.HOLD, (live,), at)


def end_hold(live: LiveLeg, at: datetime) -> None:
    """The leg holds nobody any more, and is itself not kept waiting."""
    if live.hold is not None:
        end(live.story, live.hold, at)
        live.hold = None
    end_wait(live, at)


def leave_hold(live: LiveLeg, bridge: Bridge, at: datetime) -> None:
    """The leg goes elsewhere; the one whom it leaves alone on hold goes on waiting."""
    left = [other for other in bridge.members.values() if other.is_party]
    if live.hold is not None and len(left) == 1:
        left[0].kept_waiting, live.hold = live.hold, None
    end_hold(live, at)


def end_wait(live: LiveLeg, at: datetime) -> None:
    """The leg is not kept waiting any more."""
    if live.kept_waiting is not None:
        end(live.story, live.kept_waiting, at)
        live.kept_waiting = None


def retell_talks(story: Story, at: datetime) -> None:
    """Look at the rooms of the call: talks with other parties end, and new ones begin."""
    if story.optimising:
        return  # the legs move, the talk goes on
    rooms = {frozenset(live.uniqueid for live in room): room for room in _rooms(story)}
    for who in [who for who in story.talks if who not in rooms]:
        end(story, story.talks.pop(who), at)
    for who, room in rooms.items():
        if who not in story.talks:
            story.talks[who] = _begin_talk(story, room, at)


def tell_late(story: Story, room: list[LiveLeg], at: datetime, until: datetime) -> None:
    """Tell of a talk that was over when we heard that it began."""
    parties = [live for live in room if live.is_party]
    if len(parties) > 1:
        end(story, _begin_talk(story, parties, at), until)


def end_everything(story: Story, at: datetime, reason: str | None) -> None:
    """The call is over: whatever still seems to go on does not."""
    for segment in list(story.segments.values()):
        if segment.ended_at is None:
            end(story, segment.id, at, reason)
    story.talks.clear()


def _begin_talk(story: Story, room: list[LiveLeg], at: datetime) -> UUID:
    kind = _kind(story, room)
    for live in room:
        was_parked = kind_alone(live) is SegmentKind.PARKED
        end_alone(live, at, "retrieved" if was_parked else "answered")
        end_wait(live, at)
        offers.talk(live, at)
    if kind is SegmentKind.TALK and story.answered_at is None:
        story.answered_at = max(at, story.started_at)
    return _go_on(story, kind, room, at) or begin(story, kind, room, at)


def _go_on(story: Story, kind: SegmentKind, room: list[LiveLeg], at: datetime) -> UUID | None:
    """A talk that seemed to end and goes on at once was interrupted by the PBX alone."""
    last = next((s for s in reversed(story.segments.values()) if s.kind is kind), None)
    if last is None or last.ended_at is None or last.exit_reason is not None:
        return None
    is_same = {party.leg for party in last.parties} == {live.leg.id for live in room}
    if not is_same or abs(at - last.ended_at) > _INTERRUPTION:
        return None
    story.put_segment(replace(last, ended_at=None))
    return last.id


def _party(live: LiveLeg) -> Party:
    return Party(leg=live.leg.id, extension=live.extension, number=live.leg.number)


def _kind(story: Story, room: list[LiveLeg]) -> SegmentKind:
    if story.customer is None and story.direction is Direction.OUTBOUND:
        story.customer = next((live for live in room if live.extension is None), None)
    return conversation_kind(story, {live.leg.id for live in room})


def _rooms(story: Story) -> list[list[LiveLeg]]:
    """Return who shares sound with whom, where there are at least two."""
    rooms, seen = [], set[str]()
    for bridge in story.bridges.values():
        if bridge.name in seen:
            continue
        parties = [live for live in _wired(bridge, seen) if live.is_party]
        if len(parties) > 1:
            rooms.append(sorted(parties, key=lambda live: (live.leg.started_at, live.uniqueid)))
    return rooms


def _wired(start: Bridge, seen: set[str]) -> list[LiveLeg]:
    """Return the legs of a bridge and of those that Local channels tie to it."""
    legs: list[LiveLeg] = []
    bridges = [start]
    while bridges:
        bridge = bridges.pop()
        if bridge.name in seen:
            continue
        seen.add(bridge.name)
        legs += bridge.members.values()
        twins = (live.twin for live in bridge.members.values())
        bridges += [twin.bridge for twin in twins if twin is not None and twin.bridge is not None]
    return legs
