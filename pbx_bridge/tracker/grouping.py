"""Which legs make one call: they share a linkedid, a bridge, a dial, a Local channel, a transfer.

The law: a leg is in exactly one call, and calls only ever grow together. When two provisional calls
turn out to be one, the older id stays and the other becomes an alias of it.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from pbx_bridge.call import Leg
from pbx_bridge.events import LegView
from pbx_bridge.ids import call_id, derived_uuid7
from pbx_bridge.tracker import directions, joins
from pbx_bridge.tracker.phones import Phones
from pbx_bridge.tracker.stories import Bridge, LiveLeg, Story

REMEMBERED = timedelta(minutes=2)  # how long an ended call can still be told anew
LATE = timedelta(seconds=1)  # by which the news of a bridge may come in another order
REOPENS = timedelta(seconds=5)  # a linkedid that comes later than this is another call's

# Wires inside the PBX: they carry sound between parties, or announce, record and spy.
WIRES = frozenset(
    {"Local", "CBAnn", "CBRec", "Announcer", "Recorder", "Snoop", "Surrogate", "Bridge", "Message"}
)


class Switchboard:
    """Every leg, bridge and call that is up or ended lately, by the PBX's names for them."""

    def __init__(self, pbx: UUID, phones: Mapping[str, str]) -> None:
        self.pbx = pbx
        self.phones = Phones(phones)
        self.legs: dict[str, LiveLeg] = {}
        self.bridges: dict[str, Bridge] = {}
        self.stories: dict[UUID, Story] = {}
        self.aliases: dict[UUID, UUID] = {}
        self.unsure: dict[str, LiveLeg] = {}  # news of them came, but not that they began
        self.touched: dict[UUID, Story] = {}
        self.ordinal = 0  # of the event that is being fed
        self.listing_from: int | None = None  # the ordinal at which a list of legs began
        self.lost_at: datetime | None = None
        self.deaf_from: datetime | None = None  # until the queues are listed, too
        self.mutes_all = False  # the PBX silences every recording of a channel at once
        self.listed = 0  # the ordinal at which the last list of legs was complete
        self.called: list[LiveLeg] = []  # legs of a list that ring
        self.holding: set[str] = set()  # bridges of a list in which nobody talks
        self._leavers: dict[str, tuple[LiveLeg, datetime]] = {}  # of bridges, the last one lately
        self._linkedids: dict[str, Story] = {}
        self._gone: dict[str, datetime] = {}  # hung up before we saw them begin
        self._ends: deque[tuple[datetime, Story | str]] = deque()

    def touch(self, story: Story) -> Story:
        """Remember that an event concerned this call."""
        self.touched[story.id] = story
        return story

    def known(self, view: LegView | None) -> LiveLeg | None:
        """Return the leg of this view, united with whatever shares its linkedid now."""
        live = self.legs.get(view.uniqueid) if view else None
        if live is None or view is None:
            return None
        live.heard = self.ordinal
        self.touch(live.story)
        if view.linkedid and view.linkedid != live.leg.linkedid:
            live.leg = replace(live.leg, linkedid=view.linkedid)
            live.story.is_changed = True
            self._share_linkedid(live, view.linkedid)
        return live

    def met(self, view: LegView | None, at: datetime) -> LiveLeg | None:
        """Return the leg of this view; one that we never saw begin begins now."""
        live = self.known(view)
        if live is not None or view is None or not (view.uniqueid and view.channel):
            return live
        if view.uniqueid in self._gone:
            return None
        live = self.unsure[view.uniqueid] = self.begin(view, at)
        return live

    def begin(self, view: LegView, at: datetime, *, exten: str = "", up: bool = False) -> LiveLeg:
        """Begin a leg, in the call of its linkedid or in a new one."""
        linkedid = view.linkedid or view.uniqueid
        story = self._story_of(linkedid, view, at)
        interface = view.channel.rpartition("-")[0] or view.channel
        live = LiveLeg(
            leg=Leg(
                id=derived_uuid7(at, self.pbx, "leg", view.uniqueid, at),
                uniqueid=view.uniqueid,
                linkedid=linkedid,
                channel=view.channel,
                interface=interface,
                number=view.number,
                name=view.name,
                extension=self.phones.extension_of(interface),
                started_at=at,
                answered_at=at if up else None,
            ),
            story=story,
            is_party=view.channel.partition("/")[0] not in WIRES,
            heard=self.ordinal,
        )
        self.legs[view.uniqueid] = live
        self.phones.add(live)
        joins.add_leg(story, live)
        directions.take_leg(story, live, exten)
        self.touch(story)
        return live

    def unite(self, one: LiveLeg, two: LiveLeg) -> Story:
        """Make the calls of two legs one, and return it."""
        return self._join(one.story, two.story)

    def enter(self, name: str, live: LiveLeg) -> None:
        """Put the leg into a bridge, and its call with those of the legs that are there."""
        bridge = self.bridges.get(name)
        if bridge is None:
            bridge = self.bridges[name] = Bridge(name=name)
        if bridge.members:
            self.unite(next(iter(bridge.members.values())), live)
        live.story.bridges[name] = bridge
        bridge.members[live.uniqueid] = live
        live.bridge = bridge

    def leave(self, live: LiveLeg) -> None:
        """Take the leg out of its bridge; an empty bridge is forgotten."""
        bridge, live.bridge = live.bridge, None
        if bridge is None:
            return
        bridge.members.pop(live.uniqueid, None)
        if not bridge.members:
            self.bridges.pop(bridge.name, None)
            live.story.bridges.pop(bridge.name, None)

    def left(self, name: str, live: LiveLeg, at: datetime) -> None:
        """Remember for a moment who left a bridge last: news of who came may be late."""
        self._leavers.pop(name, None)
        self._leavers[name] = live, at
        while at - next(iter(self._leavers.values()))[1] > LATE:
            del self._leavers[next(iter(self._leavers))]

    def leaver(self, name: str, at: datetime) -> tuple[LiveLeg, datetime] | None:
        """Return who has left this bridge after `at`, and when."""
        found = self._leavers.get(name)
        return found if found is not None and at < found[1] else None

    def story(self, call: UUID) -> Story | None:
        """Return the call of this id or of this alias."""
        return self.stories.get(self.aliases.get(call, call))

    def disown(self, live: LiveLeg) -> None:
        """Let the linkedid of a leg begin another call, since its uniqueid began another leg."""
        if self._linkedids.get(live.uniqueid) is live.story:
            del self._linkedids[live.uniqueid]
            live.story.linkedids.discard(live.uniqueid)

    def begin_anew(self) -> None:
        """Let no name of the PBX mean what it meant: it counts from one again."""
        for names in (self.legs, self.bridges, self._linkedids, self._gone, self._leavers):
            names.clear()
        self.unsure.clear()
        self.holding.clear()

    def hung_up_before(self, view: LegView, at: datetime) -> datetime | None:
        """Return when this leg hung up, where the news of its end outran that of its begin."""
        gone = self._gone.get(view.uniqueid)
        return gone if gone is not None and at <= gone else None

    def miss(self, uniqueid: str, at: datetime) -> None:
        """Remember the end of a leg that we never saw begin."""
        self._gone[uniqueid] = at
        self._ends.append((at, uniqueid))

    def retire(self, story: Story, at: datetime) -> None:
        """Let an ended call be forgotten after a while of the PBX's time."""
        self._ends.append((at, story))

    def forget(self, now: datetime) -> None:
        """Drop what ended long ago."""
        while self._ends and now - self._ends[0][0] > REMEMBERED:
            at, ended = self._ends.popleft()
            if isinstance(ended, str):
                if self._gone.get(ended) == at:
                    del self._gone[ended]
            elif self.stories.get(ended.id) is ended and ended.ended_at == at:
                self._drop(ended)

    def _story_of(self, linkedid: str, view: LegView, at: datetime) -> Story:
        story = self._linkedids.get(linkedid)
        if story is not None and (story.ended_at is None or at - story.ended_at <= REOPENS):
            return story
        story = Story(id=call_id(self.pbx, view.uniqueid, at), pbx=self.pbx, started_at=at)
        self.stories[story.id] = story
        self._linkedids[linkedid] = story
        story.linkedids.add(linkedid)
        return story

    def _share_linkedid(self, live: LiveLeg, linkedid: str) -> None:
        other = self._linkedids.get(linkedid)
        if other is not None:
            self._join(live.story, other)
            return
        self._linkedids[linkedid] = live.story
        live.story.linkedids.add(linkedid)

    def _join(self, one: Story, two: Story) -> Story:
        if one is two:
            return one
        stays, gone = sorted((one, two), key=lambda story: (story.started_at, story.id))
        joins.absorb(stays, gone)
        for linkedid in gone.linkedids:
            self._linkedids[linkedid] = stays
        for alias in (gone.id, *gone.aliases):
            self.aliases[alias] = stays.id
        del self.stories[gone.id]
        self.touched.pop(gone.id, None)
        if stays.ended_at is not None:
            self.retire(stays, stays.ended_at)
        return self.touch(stays)

    def _drop(self, story: Story) -> None:
        del self.stories[story.id]
        for alias in story.aliases:
            del self.aliases[alias]
        for linkedid in story.linkedids:
            if self._linkedids.get(linkedid) is story:
                del self._linkedids[linkedid]
        for live in story.legs:
            if self.legs.get(live.uniqueid) is live:
                del self.legs[live.uniqueid]
