"""Supervisors in calls, as the PBXs tell it: the cards at once, the base behind."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import structlog

import storage.supervisions
import storage.teams
from pbx_bridge import events
from pbx_bridge.call import Call, Leg
from pbx_bridge.ids import uuid7
from storage.database import Database, Session
from storage.rules.supervisions import Mode, is_shown
from storage.supervisions import Order, Supervision
from web.journey.screens import Screens
from web.live.supervisors import Supervising, Supervisors

log = structlog.get_logger(__name__)

AGAIN_SECONDS = 1.0  # after the base refused
MADE_WITHIN = timedelta(seconds=30)  # the leg of one that was asked for
MOST_WAITING = 10_000  # things to be stored, while the base is away

Hear = Callable[[events.Event], None]
Job = Callable[[Session], Awaitable[None]]


class Supervisions:
    """Follows who listens to whom on every PBX; `run` stores it."""

    def __init__(
        self,
        database: Database,
        screens: Screens,
        redraw: Callable[[UUID], None],
        leads: Callable[[], bool],
    ) -> None:
        self.now: Supervisors = screens.supervisors
        self._database = database
        self._screens = screens
        self._redraw = redraw
        self._leads = leads
        self._jobs: asyncio.Queue[Job] = asyncio.Queue(MOST_WAITING)

    def seat(self, pbx: UUID, extension: str) -> UUID | None:
        """Who sits at a phone now."""
        return self._screens.seats.users.get((pbx, extension))

    def hearer(self, pbx: UUID, calls: Callable[[], Mapping[UUID, Call]]) -> Hear:
        """Return what is to be told each event of a PBX, after its calls have followed it."""
        ear = _Ear(self, pbx, calls)
        return ear.hear

    def begun(self, one: Supervising) -> None:
        """It goes on now: the agent's card tells it, where it is to."""
        assert one.started_at is not None  # noqa: S101 - a slip of the caller
        self.store(partial(storage.supervisions.began, key=one.id, at=one.started_at))
        self._redraw(one.call)

    def over(self, one: Supervising, at: datetime, *, heard: bool = True) -> None:
        """It goes on no longer, or never began."""
        self.now.drop(one)
        self.store(partial(storage.supervisions.ended, key=one.id, at=at, heard=heard))
        self._redraw(one.call)

    def found(self, pbx: UUID, view: events.LegView, call: Call, leg: Leg, at: datetime) -> None:
        """Somebody listens who did not ask us: by keys of a phone."""
        seats = self._screens.seats
        extension = seats.phones.get(pbx, {}).get(view.channel.rpartition("-")[0], "")
        one = Supervising(
            id=uuid7(at),
            pbx=pbx,
            channel_id=view.uniqueid,
            user=seats.users.get((pbx, extension)),
            extension=extension,
            call=call.id,
            leg=leg.uniqueid,
            agent_extension=leg.extension or "",
            mode=None,
            shown=False,  # until the agent's teams are asked
            asked_at=at,
            started_at=at,
        )
        self.now.put(one)
        order = Order(
            key=None,
            pbx_id=pbx,
            channel_id=view.uniqueid,
            user_id=one.user,
            extension=extension,
            call_id=call.id,
            leg=leg.uniqueid,
            agent_id=seats.users.get((pbx, leg.extension or "")),
            agent_extension=one.agent_extension,
            mode=None,
            shown=False,
        )
        self.store(partial(self._keep, one=one, order=order, at=at))

    async def _keep(self, session: Session, one: Supervising, order: Order, at: datetime) -> None:
        shown = await is_told(session, order.agent_id, None)
        await storage.supervisions.claim(session, replace(order, shown=shown), now=at, key=one.id)
        await storage.supervisions.began(session, one.id, at)
        one.shown = shown
        self._redraw(one.call)

    def store(self, job: Job) -> None:
        """Have this written behind everything else, in order."""
        if self._jobs.full():
            self._jobs.get_nowait()
            log.warning("supervisions.not_stored")
        self._jobs.put_nowait(job)

    async def run(self) -> None:
        """Take up what the base says goes on once this node leads, then store what comes."""
        while not self._leads():  # noqa: ASYNC110 - there is no event of it here
            await asyncio.sleep(AGAIN_SECONDS)
        await self._persist(self._restore)
        while True:
            await self._persist(await self._jobs.get())

    async def _restore(self, session: Session) -> None:
        for row in await storage.supervisions.unended(session):
            one = self.now.of_user(row.user_id) if row.user_id else None
            if one is None or one.id != row.id:
                self.now.put(taken(row))
                self._redraw(row.call_id)

    async def _persist(self, job: Job) -> None:
        while True:
            try:
                async with self._database.writing() as session:
                    await job(session)
            except Exception as error:  # noqa: BLE001 - the base is away, or another node leads
                log.info("supervisions.again", error=type(error).__name__)
                await asyncio.sleep(AGAIN_SECONDS)
            else:
                return

    def leads(self) -> bool:
        """Whether this node tells and stores."""
        return self._leads()


async def is_told(session: Session, agent: UUID | None, mode: Mode | None) -> bool:
    """Whether the agent's card tells of a supervisor in this mode, by the agent's teams."""
    disclosures = await storage.teams.disclosures(session, agent) if agent else set()
    return is_shown(disclosures, mode)


def taken(row: Supervision) -> Supervising:
    """What is stored, as it is followed."""
    return Supervising(
        id=row.id,
        pbx=row.pbx_id,
        channel_id=row.channel_id,
        user=row.user_id,
        extension=row.extension,
        call=row.call_id,
        leg=row.leg,
        agent_extension=row.agent_extension,
        mode=row.mode,
        shown=row.shown,
        asked_at=row.asked_at,
        started_at=row.started_at,
    )


class _Ear:
    """What one PBX tells."""

    def __init__(
        self, all_: Supervisions, pbx: UUID, calls: Callable[[], Mapping[UUID, Call]]
    ) -> None:
        self._all = all_
        self._pbx = pbx
        self._calls = calls
        self._listed: set[str] = set()
        self._rules: dict[type, Callable[..., None]] = {
            events.Listened: self._listened,
            events.Unlistened: self._unlistened,
            events.LegEnded: self._left,
            events.LegSeen: self._seen,
            events.LegsListed: self._all_seen,
        }

    def hear(self, event: events.Event) -> None:
        """Follow one event, where it is about that."""
        rule = self._rules.get(type(event))
        if rule is not None and self._all.leads():
            rule(event)

    def _listened(self, event: events.Listened) -> None:
        if event.to is None:
            return
        one = self._all.now.begin(self._pbx, event.leg.uniqueid, event.to.uniqueid, event.at)
        found = self._of(event.to.uniqueid)
        if one is not None:
            one.call = found[0].id if found else one.call
            self._all.begun(one)
        elif found is not None and found[1].extension:
            self._all.found(self._pbx, event.leg, *found, event.at)

    def _unlistened(self, event: events.Unlistened) -> None:
        one = self._all.now.end(self._pbx, event.leg.uniqueid)
        if one is not None:
            self._all.over(one, event.at)

    def _left(self, event: events.LegEnded) -> None:
        for one in self._all.now.gone(self._pbx, event.leg.uniqueid):
            self._all.over(one, event.at)

    def _seen(self, event: events.LegSeen) -> None:
        self._listed.add(event.leg.uniqueid)

    def _all_seen(self, event: events.LegsListed) -> None:
        listed, self._listed = self._listed, set()
        for one in list(self._all.now.of_pbx(self._pbx)):
            is_due = one.started_at or event.at - one.asked_at > MADE_WITHIN
            if is_due and one.channel_id not in listed:
                self._all.over(one, event.at, heard=False)

    def _of(self, uniqueid: str) -> tuple[Call, Leg] | None:
        """The call of a leg, as it is told now."""
        for call in self._calls().values():
            for leg in call.legs:
                if leg.uniqueid == uniqueid and leg.ended_at is None:
                    return call, leg
        return None
