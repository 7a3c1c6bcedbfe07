"""The live side put together: links, journeys, lookups, records, screens; what pages ask of it."""

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any, Self
from uuid import UUID, uuid4

import structlog
from aiohttp import web

from pbx_bridge.call import Call, CallState
from storage.background_process import background_of
from storage.calls import CallContext
from storage.cards import Cards
from storage.database import Database
from storage.groups import Groups
from storage.rules.permissions import Permission
from storage.secrets import SecretBox
from web.config import Settings
from web.journey import contexts, restored, seats
from web.journey.blackbox import BlackBox
from web.journey.callers import Callers
from web.journey.consents import Consents
from web.journey.leader import Leader
from web.journey.lines import Lines
from web.journey.news import News
from web.journey.openings import Openings
from web.journey.pickups import Expects
from web.journey.pops import Pops
from web.journey.presences import Presences
from web.journey.recording_pauses import RecordingPauses
from web.journey.records import Records
from web.journey.screens import Screens
from web.journey.supervisions import Supervisions
from web.journey.told import Told
from web.journey.ways import Ways
from web.live.hub import Hub
from web.live.metrics import Metrics
from web.live.routines import every
from web.live.socket import Sockets

log = structlog.get_logger(__name__)

RESEAT_SECONDS = 30.0  # how soon a change made by another process counts
TAKEOVER_SECONDS = 2.0  # for calls that the last leader did not store
LAST_WORDS_SECONDS = 5.0  # for calls that are not stored when we stop


class Bridge(Told):
    """Made first, started when the application is there; pages tell it what they stored."""

    _changed_calls = False

    def __init__(
        self,
        *,
        settings: Settings,
        database: Database,
        secrets: SecretBox,
        pickup: Expects | None = None,
        metrics: Metrics | None = None,
        leader: Leader | None = None,
        aside: bool = False,  # it may read cards and store in processes of their own
    ) -> None:
        self.metrics, self.hub = metrics or Metrics(), Hub(uuid4().hex)
        self._news, self._pickup, self._leader = News(self.hub), pickup, leader
        self.script_changed = self._news.script_changed
        self._settings, self._database, self._secrets = settings, database, secrets
        self._cards = Cards.of(database, aside=aside)
        self._callers = Callers(self._cards, self._found)
        self.screens = Screens(self.hub, self._callers)
        self._pops = Pops(self.screens, self._callers, self.metrics)
        self.recording_pauses = RecordingPauses(database, self.screens, self._pops.redraw)
        self.consents = Consents(database, self.screens, self._pops.redraw)
        self._acts = leader is None or leader.won.is_set()  # else it follows until another falls
        self._background = background_of(database, aside=aside)
        self.presences = Presences(self.hub, self.screens, self._background, self.leads)
        self.supervisions = Supervisions(database, self.screens, self._pops.redraw, self.leads)
        self._records = Records(
            Groups(self._background), context=self._context, on_stored=self._stored,
            on_behind=self._news.behind, metrics=self.metrics,
            on_noted=self.consents.after(self.recording_pauses.follow),
        )  # fmt: skip
        self.lines = Lines(
            callers=self._callers,
            pops=self._pops,
            records=self._records,
            presences=self.presences,
            supervisions=self.supervisions,
            metrics=self.metrics,
            on_link=self._news.link_changed,
            on_link_gone=self._news.link_gone,
            blackbox=BlackBox(settings),
            acts=self._acts,
            openings=Openings(settings, database, self._callers, self._records, self._restore),
        )
        ways, self._stack = Ways(self.lines, self.leads), AsyncExitStack()
        self.recording_pauses.ways = self.consents.ways = ways

    @property
    def port(self) -> int:
        """The port of the live socket."""
        assert self._sockets is not None  # noqa: S101 - a slip of the caller
        return self._sockets.port

    async def start(self, app: web.Application) -> Self:
        """Read who sits where, listen to every PBX, open the socket."""
        self.screens.seats = now = await seats.read(self._database, self._secrets)
        if self._acts:
            await self._restore()
        sockets = Sockets(
            app, self.hub, host=self._settings.live_host, port=self._settings.live_port,
            metrics=self.metrics, on_shown=self._pops.shown, leads=self.leads,
        )  # fmt: skip
        self._sockets = await self._stack.enter_async_context(sockets)
        self._spawn("records", self._records.run())
        self._spawn("recording pauses", every(1.0, self.recording_pauses.tick))
        self._spawn("consents", every(1.0, self.consents.tick))
        self._spawn("presences", self.presences.run())
        self._spawn("supervisions", self.supervisions.run())
        self._spawn("every second", every(1.0, self._each_second))
        self._spawn("seats", every(RESEAT_SECONDS, self.phones_changed))
        await self.lines.follow(now)
        if self._leader is not None and not self._acts:
            self._spawn("takeover", self._take_over(self._leader))
        return self

    async def stop(self) -> None:
        """Let go of the PBXs, store what waits, then close the screens."""
        await self.presences.stop()
        await self.recording_pauses.stop()
        await self.consents.stop()
        await self.lines.close()
        left = await self._records.drain(LAST_WORDS_SECONDS if self.leads() else 0.0)
        if left and self.leads():
            log.error("bridge.calls_not_stored", calls=left)
        await self._callers.close()
        await self._stack.aclose()
        await self._cards.close()
        await self._background.close()

    def leads(self) -> bool:
        """Whether this node pops and stores; one that does not follows what the PBXs say."""
        return self._acts and (self._leader is None or self._leader.leads)

    def _found(self, call: UUID) -> None:
        """A lookup is done: the cards and the record shall have it."""
        self._pops.redraw(call)
        if latest := self.lines.latest(call):
            self._records.note(latest)

    def _context(self, call: Call) -> CallContext:
        return contexts.heard(self.screens.seats.users, self._callers.known(call.id))

    def _stored(self, calls: list[Call]) -> None:
        self._changed_calls = True
        if self._pickup is None:
            return
        for call in calls:
            if call.state is CallState.ENDED and call.recordings:
                self._pickup.expect(call)

    async def _each_second(self) -> None:
        self._records.watch()
        self.lines.recall()
        self._callers.forget_unless(
            lambda call: self.lines.has(call) or self._pops.has(call) or self._records.has(call)
        )
        if self._changed_calls and self._sockets is not None:
            self._changed_calls = False
            watching = self._sockets.users(lambda v: v.can(Permission.SEE_CALLS_IN_PROGRESS))
            self._news.calls_changed(watching)

    async def _take_over(self, leader: Leader) -> None:
        """Go on where the last leader stood, as soon as this node leads."""
        await leader.won.wait()
        try:
            await self.phones_changed()
            written = await self.lines.act()
            self._acts = True
            for user, call in written:
                await self.wrapped_up(user, call)
            await self._records.drain(TAKEOVER_SECONDS)
            await self._restore()
        except Exception:
            log.exception("bridge.not_taken_over")
            leader.give_up()

    async def _restore(self) -> None:
        """Show the cards again that wait for a wrap-up."""
        seats = self.screens.seats
        await restored.show(seats, self._cards, self._database, self._callers, self._pops)

    def _spawn(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=f"bridge {name}")

        async def end() -> None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        self._stack.push_async_callback(end)
