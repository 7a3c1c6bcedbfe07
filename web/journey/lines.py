"""One journey for each PBX: begun, restarted when its settings change, ended when it is removed."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import structlog

from pbx_bridge import events
from pbx_bridge.ami import Link, LinkState
from pbx_bridge.call import Call
from pbx_bridge.clocks import PbxClock, StepBack
from pbx_bridge.tracker import Tracker
from pbx_bridge.translate import INTERESTS
from web.journey.blackbox import BlackBox, Box
from web.journey.callers import Callers
from web.journey.journey import Journey
from web.journey.oddities import Oddities
from web.journey.openings import Openings
from web.journey.pops import Pops
from web.journey.presences import Presences
from web.journey.records import Records
from web.journey.rights import RightsWatch
from web.journey.seats import Line, Seats
from web.journey.steps import Steps
from web.journey.supervisions import Supervisions
from web.keys import PbxLink
from web.live.metrics import Metrics

log = structlog.get_logger(__name__)

DRAIN_SECONDS = 2.0  # for what is still to be stored of a PBX whose settings changed


@dataclass(slots=True)
class _Open:
    """A PBX that is listened to."""

    journey: Journey
    task: asyncio.Task[None]
    box: Box
    phones: dict[str, str]


class Lines:
    """Every PBX that is listened to, and those that cannot be."""

    def __init__(
        self,
        *,
        callers: Callers,
        pops: Pops,
        records: Records,
        presences: Presences,
        supervisions: Supervisions,
        metrics: Metrics,
        openings: Openings,
        on_link: Callable[[PbxLink], None],
        on_link_gone: Callable[[UUID], None],
        blackbox: BlackBox | None = None,
        acts: bool = True,
    ) -> None:
        self._callers = callers
        self._pops = pops
        self._records = records
        self._presences, self.supervisions = presences, supervisions
        self._oddities = Oddities(openings.database, metrics)
        self._metrics = metrics
        self._on_link = on_link
        self._on_link_gone = on_link_gone
        self._blackbox = blackbox
        self._acts = acts
        self._openings = openings
        self._open: dict[UUID, _Open] = {}
        self._lines: dict[UUID, Line] = {}
        self._links: dict[UUID, PbxLink] = {}
        self._steps = Steps(openings.database)
        self._lacks: dict[UUID, tuple[str, ...]] = {}  # rights that our account has not
        self._turn = asyncio.Lock()

    async def follow(self, seats: Seats) -> None:
        """Listen to these PBXs and no others; tell each which phones are ours."""
        async with self._turn:
            for key in set(self._lines) - set(seats.lines):
                await self._end(key)
                self._records.unfollow(key)
                self._links.pop(key, None)
                self._on_link_gone(key)
            for key, line in seats.lines.items():
                phones = dict(seats.phones.get(key, {}))
                if self._lines.get(key) != line:
                    await self._end(key)
                    await self._begin(line, phones)
                elif key in self._open:
                    self._open[key].phones = phones
                    self._open[key].box.phones(phones)
                    known = events.PhonesKnown(at=datetime.now(UTC), phones=phones)
                    self._open[key].journey.seated(known)

    async def act(self) -> list[tuple[UUID, UUID]]:
        """Pop and store from now on; return user and call of wrap-ups stored while they talked."""
        written: list[tuple[UUID, UUID]] = []
        async with self._turn:
            self._acts = True
            for key, one in list(self._open.items()):
                known = await self._openings.compare(one.journey)
                if known is not None:
                    one.journey.act(known)
                    written += known.written
                    continue
                line = self._lines[key]
                log.warning("lines.begun_anew", pbx=line.name)  # the base knows more than we do
                await self._end(key)
                await self._begin(line, one.phones)
        return written

    def recall(self) -> None:
        """Have calls stored that were left to the journals while the base was away."""
        for one in self._open.values():
            self._openings.recall(one.journey)

    async def close(self) -> None:
        """Let go of every PBX."""
        async with self._turn:
            for key in tuple(self._lines):
                await self._end(key)
            await self._openings.close()
            await self._oddities.close()
            await self._steps.close()

    def links(self) -> tuple[PbxLink, ...]:
        """Return the state of every link, by the PBX's name."""
        return tuple(sorted(self._links.values(), key=lambda link: link.pbx.casefold()))

    def has(self, call: UUID) -> bool:
        """Whether the call is up."""
        journeys = (one.journey for one in self._open.values())
        return any(call in each.tracker.calls or call in each.retold for each in journeys)

    def current(self, call: UUID) -> UUID:
        """Return the id under which a call is known now."""
        for one in self._open.values():
            if found := one.journey.tracker.call(call):
                return found.id
        return call

    def of(self, pbx: UUID) -> Journey | None:
        """Return the journey of a PBX that is listened to."""
        one = self._open.get(pbx)
        return one.journey if one else None

    def latest(self, call: UUID) -> Call | None:
        """Return a call that is up or ended lately, as it is told now."""
        found = (one.journey.latest(call) for one in self._open.values())
        return next(filter(None, found), None)

    async def _begin(self, line: Line, phones: dict[str, str]) -> None:
        self._lines[line.id] = line
        self._lacks.pop(line.id, None)
        if line.config is None:
            self._tell(line, LinkState("refused", datetime.now(UTC), line.trouble))
            return
        await self._records.drain(DRAIN_SECONDS)
        box = await self._blackbox.open(line) if self._blackbox else Box(None)
        box.phones(phones)
        link = Link(
            line.config,
            interests=INTERESTS,
            tap=box.hear,
            on_state=partial(self._state, line, box),
        )
        journey = Journey(
            line,
            link,
            Tracker(line.id, phones),
            journal=box.journal.id if box.journal else None,
            clock=PbxClock(partial(self._stepped_back, line, link)),
            callers=self._callers,
            pops=self._pops,
            records=self._records,
            roster=self._presences.open(line, link),
            oddities=self._oddities,
            rights=RightsWatch(link, line.name, partial(self._lacking, line, link)),
            metrics=self._metrics,
            acts=self._acts,
            hearers=(self.supervisions.hearer(line.id, lambda: journey.tracker),),
        )
        journey.seated(events.PhonesKnown(at=datetime.now(UTC), phones=phones))
        self._tell(line, link.state)
        self._steps.recall(line.id, lambda: self._tell(line, link.state))
        link.start()  # what it hears waits until the journal is told to its end
        work = self._follow(journey, box, phones)
        task = asyncio.create_task(work, name=f"journey {line.name}")
        self._open[line.id] = _Open(journey, task, box, phones)

    async def _follow(self, journey: Journey, box: Box, phones: dict[str, str]) -> None:
        await self._openings.resume(journey, box, phones)
        await journey.run()

    async def _end(self, key: UUID) -> None:
        self._lines.pop(key, None)
        one = self._open.pop(key, None)
        if one is None:
            return
        await one.journey.link.close()
        if not one.journey.has_begun:
            one.task.cancel()
        await asyncio.gather(one.task, return_exceptions=True)
        await self._presences.close(key)
        await one.box.close()

    def _state(self, line: Line, box: Box, state: LinkState) -> None:
        box.link(state)
        self._tell(line, state)

    def _lacking(self, line: Line, link: Link, lacks: frozenset[str]) -> None:
        self._lacks[line.id] = tuple(sorted(lacks))
        self._tell(line, link.state)

    def _stepped_back(self, line: Line, link: Link, step: StepBack) -> None:
        log.warning("lines.clock_back", pbx=line.name, seconds=step.by.total_seconds())
        self._metrics.clock_back.labels(line.name).inc()
        self._steps.note(line.id, step)
        self._tell(line, link.state)

    def _tell(self, line: Line, state: LinkState) -> None:
        if self._lines.get(line.id) is not line:
            return  # its last words; the page shows another by now
        link = PbxLink(
            pbx_id=line.id,
            pbx=line.name,
            status=state.status,
            since=state.since,
            why=state.why or self._steps.told(line.id),
            lacks=self._lacks.get(line.id, ()) if state.status == "connected" else (),
        )
        self._metrics.link_lacks.labels(line.name).set(len(link.lacks))
        self._metrics.link_up.labels(line.name).set(state.status == "connected")
        self._links[line.id] = link
        self._on_link(link)
