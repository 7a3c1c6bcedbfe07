"""★ Read first. What happens to one PBX's news: hear → translate → track → pop → store.

Everything here runs in the order of the wire and waits for nothing: a pop is on its way before the
next message is looked at, and storing follows behind.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ParamSpec
from uuid import UUID

import structlog

from pbx_bridge import events
from pbx_bridge.ami import Heard, Link, LinkDown, LinkUp, Message
from pbx_bridge.call import Call
from pbx_bridge.changes import (
    CallChanged,
    CallEnded,
    CallsJoined,
    Change,
    ImpossibleEvent,
    OfferBegan,
    PhoneChanged,
)
from pbx_bridge.clocks import PbxClock
from pbx_bridge.tracker import Tracker
from pbx_bridge.translate import translate
from web.journey import snapshots
from web.journey.callers import Callers
from web.journey.continuity import Continuity
from web.journey.oddities import Oddities
from web.journey.pops import Pops
from web.journey.progress import Progress
from web.journey.records import Records
from web.journey.resuming import Resuming
from web.journey.rights import RightsWatch
from web.journey.rosters import Roster
from web.journey.seats import Line
from web.live.metrics import Metrics

P = ParamSpec("P")

log = structlog.get_logger(__name__)

SLICE_SECONDS = 0.005  # of a backlog, before the screens get their turn
UNKNOWN = "unknown"  # what a phone does while we hear nothing of its PBX


class Journey(Resuming):
    """Listens to one PBX for as long as it runs."""

    def __init__(
        self,
        line: Line,
        link: Link,
        tracker: Tracker,
        *,
        journal: UUID | None,
        clock: PbxClock,
        callers: Callers,
        pops: Pops,
        records: Records,
        roster: Roster,
        oddities: Oddities,
        rights: RightsWatch,
        metrics: Metrics,
        acts: bool = True,
        hearers: Sequence[Callable[[events.Event], None]] = (),  # of each event, after the tracker
    ) -> None:
        self.line, self.link, self.tracker = line, link, tracker
        self.progress = Progress(line.id, journal, self.remembers)
        self.retold: dict[UUID, Call] = {}  # ended before we began, and on their way into the base
        self.continuity = Continuity()
        self.seated_as: events.PhonesKnown | None = None
        self.has_begun = False
        self.owes = False  # calls of the journal's tail, since it did not act then
        self._callers, self._pops, self._records = callers, pops, records
        self._roster, self._oddities, self._hearers = roster, oddities, hearers
        self._rights, self._witness = rights, rights.witness
        self._message: Message | None = None  # the last that was heard
        self._metrics = metrics
        self._count = metrics.events.labels(line.name).inc
        self.acts = acts  # else another node pops and stores; this one only listens
        self._gives_way = False  # to the loop, before the next message
        self._met: UUID | None = None  # the call whose lookup goes before the next message
        self._startup: datetime | None = None
        self._clock = clock
        self._asking: asyncio.Task[None] | None = None

    def remembers(self, call: UUID) -> bool:
        """Whether the call may still change."""
        return self.tracker.call(call) is not None or self._records.has(call)

    async def run(self) -> None:
        """Follow the link until it is closed."""
        self.has_begun = True
        turn = time.monotonic()
        try:
            async for heard in self.link.listen():
                self._safely(self._hear, heard)
                if self._met is not None:
                    await self._callers.looked(self._met)
                    self._met = None
                is_long = time.monotonic() - turn > SLICE_SECONDS
                if is_long or not self.link.backlog:
                    self._safely(self._settle)
                if is_long or self._gives_way:
                    self._gives_way = False
                    await asyncio.sleep(0)
                    turn = time.monotonic()
        finally:
            self._rights.end()
            if self._asking is not None:
                self._asking.cancel()

    def _safely(self, work: Callable[P, None], *given: P.args, **named: P.kwargs) -> None:
        """One odd message costs its own news, never those of the next."""
        try:
            work(*given, **named)
        except Exception:
            self._metrics.faults.labels(self.line.name).inc()
            log.exception("journey.fault", pbx=self.line.name)

    def latest(self, call: UUID) -> Call | None:
        """Return a call that is up or ended lately, as it is told now."""
        found = self.tracker.call(call)
        return self.continuity.call(found) if found else self.retold.get(call)

    def seated(self, phones: events.PhonesKnown) -> None:
        """Other phones are ours from now on."""
        self.seated_as = phones
        self._feed(phones, None)
        if self._is_listed and self.link.state.status == "connected":
            self._pops.phones_are(self.line, self.tracker.phone_state, phones.at)

    def _hear(self, heard: Heard) -> None:
        match heard:
            case Message():
                self.progress.hear(heard.n, heard.arrived_at)
                self._message = heard
                if heard.name in self._witness.unheard:  # empty soon after a login
                    self._rights.hear(heard.name)
                event = translate(heard)
                if event is not None:
                    self._count()
                    self._clock.hear(heard.arrived_at, event.at)
                    self._feed(event, heard.arrived_at)
            case LinkUp():
                self._up(heard)
            case LinkDown():
                self._feed(events.LinkLost(at=self._clock.theirs(heard.at)), None)

    def _settle(self) -> None:
        """Everything that came is fed: store and draw what nobody had to be told at once."""
        for change in self.tracker.gathered():
            self._follow(change, None)
        self._roster.settle(self.tracker)

    def _feed(self, event: events.Event, born: float | None) -> None:
        for change in self.tracker.feed(event, gathering=True):
            if isinstance(change, CallChanged) and change.call.revision == 1:
                self.progress.began(change.call.id)
            self._follow(change, born)
        self._roster.feed(event)
        for hear in self._hearers:
            hear(event)
        if isinstance(event, events.LinkLost):
            self._pops.phones_are(self.line, lambda _: UNKNOWN, event.at)
        elif isinstance(event, events.LegsListed):
            if not self._is_listed:
                self._is_listed = True
                if self.acts:
                    self._show_what_goes_on()
            self._pops.phones_are(self.line, self.tracker.phone_state, event.at)

    def _follow(self, change: Change, born: float | None) -> None:
        """Pops first, then the record."""
        if isinstance(change, ImpossibleEvent):
            self._oddities.note(self.line, change, self._message if self.acts else None)
            return
        if not self.acts:
            if isinstance(change, PhoneChanged):
                self._pops.take(change, self.line, None)
            return
        change = self.continuity.told(change)
        match change:
            case OfferBegan(call=call):
                self._gives_way, self._met = True, call.id  # the pop goes first
            case CallChanged(call=call):
                if not self._callers.is_beside and self._callers.known(call.id) is None:
                    self._met = call.id
                self._callers.meet(call, self.line)
            case CallEnded(call=call) if not self._is_listed:
                self._show_cards(call, {leg.id for leg in call.legs})  # it ended while we were down
            case CallsJoined(call=call, gone=gone):
                self._records.join(call, gone)
        self._pops.take(change, self.line, born)
        if isinstance(change, CallChanged):
            self._records.note(change.call)

    def _up(self, up: LinkUp) -> None:
        """We hear again: what was up before may be gone, what is up now may be new."""
        if self._startup and up.startup and up.startup != self._startup:
            self._feed(events.PbxRestarted(at=self._clock.theirs(up.at)), None)
        self._startup = up.startup or self._startup
        self._feed(events.PbxKnown(at=self._clock.theirs(up.at), asterisk=up.asterisk or ""), None)
        if self._asking is not None:
            self._asking.cancel()
        self._asking = asyncio.create_task(snapshots.keep(self))
        self._rights.begin(lambda: bool(self.tracker.calls))
