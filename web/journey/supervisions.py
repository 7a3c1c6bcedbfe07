"""Supervisors in calls, as the PBXs tell it: the cards at once, the base behind."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import structlog

import storage.queues
import storage.supervisions
import storage.teams
from pbx_bridge import events
from pbx_bridge.call import Call, Leg
from pbx_bridge.ids import uuid7
from pbx_bridge.tracker import Tracker
from storage.database import Database, Session
from storage.rules.supervisions import Mode, is_shown
from storage.supervisions import Order, Supervision
from web.journey.ears import Ear
from web.journey.screens import Screens
from web.live.supervisors import Supervising, Supervisors

log = structlog.get_logger(__name__)

AGAIN_SECONDS = 1.0  # after the base refused
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
        self._ears: dict[UUID, Ear] = {}

    def seat(self, pbx: UUID, extension: str) -> UUID | None:
        """Who sits at a phone now."""
        return self._screens.seats.users.get((pbx, extension))

    def hearer(self, pbx: UUID, tracker: Callable[[], Tracker]) -> Hear:
        """Return what is to be told each event of a PBX, after its calls have followed it."""
        ear = self._ears[pbx] = Ear(self, pbx, tracker)
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
        self.store(partial(self._keep, one=one, order=order, at=at, queue=call.queue))

    async def _keep(
        self, session: Session, one: Supervising, order: Order, at: datetime, queue: str | None
    ) -> None:
        shown = await is_told(session, order.agent_id, None, pbx=order.pbx_id, queue=queue)
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
        for ear in self._ears.values():  # what ended while nobody led, or we were down
            ear.settle(datetime.now(UTC))

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


async def is_told(
    session: Session, agent: UUID | None, mode: Mode | None, *, pbx: UUID, queue: str | None
) -> bool:
    """Whether the agent's card tells of a supervisor: the call's queue says it, or the teams do."""
    disclosures = await storage.teams.disclosures(session, agent) if agent else set()
    row = await storage.queues.named(session, pbx, queue) if queue else None
    return is_shown(disclosures, mode, row.supervision if row else None)


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
