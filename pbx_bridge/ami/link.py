"""The link to one PBX: it stays up, says how it is, hears everything in order and asks."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Self

import structlog

from pbx_bridge.ami import troubles
from pbx_bridge.ami.actions import Action, Value
from pbx_bridge.ami.errors import LinkTrouble, NotConnected, described
from pbx_bridge.ami.facts import PbxFacts, read_facts
from pbx_bridge.ami.inbox import Inbox
from pbx_bridge.ami.manager import Manager
from pbx_bridge.ami.message import Message
from pbx_bridge.ami.protocol import Ear, Tap
from pbx_bridge.ami.retries import Retries
from pbx_bridge.ami.states import Heard, LinkCounts, LinkDown, LinkState, LinkUp, Status
from pbx_bridge.ami.troubles import Trouble
from pbx_bridge.config import AmiConfig

log = structlog.get_logger(__name__)


class Clock:
    """Time that only goes forward; a test gives another one."""

    def monotonic(self) -> float:
        """Seconds from an unknown point."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class Link:
    """One PBX, logged in again and again until closed. Use as `async with Link(config) as link`.

    `interests` are the events that listen() yields (None: all), `tap` gets the bytes of
    every message, those of one read together, and may answer the first's number, `on_state` gets
    every new state; an exception in either is logged and costs nothing.
    """

    def __init__(
        self,
        config: AmiConfig,
        *,
        interests: frozenset[bytes] | None = None,
        tap: Tap | None = None,
        on_state: Callable[[LinkState], None] | None = None,
        retries: Retries | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.config = config
        self.counts = LinkCounts()
        self.state = LinkState("connecting", _now())
        self._on_state = on_state
        self._clock = clock or Clock()
        self._retries = retries or Retries(config, random.random)
        self._inbox = Inbox(config.max_backlog)
        self._ear = Ear(deliver=self._inbox.put, interests=interests, tap=tap, counts=self.counts)
        self._manager: Manager | None = None  # only while logged in
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        self._listener: object = None

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def start(self) -> None:
        """Begin; the link then keeps itself up until close()."""
        if self._closed:
            raise RuntimeError("a closed link stays closed")
        if self._task is None:
            self._task = asyncio.create_task(self._stay_up(), name=f"ami {self.config.host}")

    async def close(self) -> None:
        """End for good: no connection, no task, and listen() ends when all is taken."""
        if self._closed:
            return
        self._closed = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        self._down(troubles.CLOSED)
        self._inbox.close()

    @property
    def backlog(self) -> int:
        """How much has been heard that listen() has not yielded yet."""
        return len(self._inbox)

    async def connected(self) -> LinkState:
        """Wait until the link is up; put a deadline around it."""
        while self.state.status != "connected":
            if self._closed:
                raise NotConnected("this link is closed")
            self._changed.clear()
            await self._changed.wait()
        return self.state

    async def listen(self) -> AsyncIterator[Heard]:
        """Events in the order of the wire, LinkUp and LinkDown between them.

        For one listener: where another begins, the one before gets a RuntimeError and nothing more.
        """
        self._listener = me = object()
        items = self._inbox.items
        take = items.popleft
        while await self._inbox.wait():
            while items:
                if self._listener is not me:
                    raise RuntimeError("somebody else listens to this link now")
                yield take()

    async def ask(self, action: Mapping[str, Value], *, timeout: float | None = None) -> Message:  # noqa: ASYNC109  # the deadline decides which error is raised
        """Send an action once and return its answer.

        Raises BadAction and NotConnected (nothing was sent), ActionRefused, OutcomeUnknown.
        """
        within = timeout or self.config.action_timeout
        return await self._logged_in().protocol.request(Action(action), within=within)

    async def ask_list(
        self,
        action: Mapping[str, Value],
        *,
        timeout: float | None = None,  # noqa: ASYNC109  # the deadline decides which error is raised
    ) -> list[Message]:
        """Send an action that answers with a list, return its events; errors as for ask."""
        within = timeout or self.config.action_timeout
        question = Action(action, as_list=True, max_list=self.config.max_list)
        return await self._logged_in().protocol.request_list(question, within=within)

    def renew(self) -> None:
        """Log in anew, since only a login shows what an account may do by now."""
        if self._manager is not None:
            self._manager.protocol.fail(troubles.RENEWED)

    async def _stay_up(self) -> None:
        while True:
            while self._inbox.is_crowded():  # the listener must catch up first
                await self._clock.sleep(self.config.retry_first)
            await self._clock.sleep(self._retries.barred(self._clock.monotonic()))
            trouble = await self._one_connection()
            self.counts.troubles[trouble.name] += 1
            if trouble.refused:
                self._retries.refused(self._clock.monotonic())
            self._down(trouble)
            await self._clock.sleep(self._retries.pause(refused=trouble.refused))

    async def _one_connection(self) -> Trouble:
        """Open, stay as long as it lasts, and return why it ended."""
        held = Inbox(self.config.max_backlog)  # events that come before LinkUp
        ear = replace(self._ear, deliver=held.put)
        manager = Manager(self.config, ear)
        try:
            await manager.open()
            facts = await read_facts(manager.protocol, self.config)
            if manager.protocol.closed:
                return manager.protocol.trouble or troubles.LOST
            self._up(manager, facts)
            if not self._inbox.take_over(held):
                return troubles.BEHIND
            ear.deliver = self._inbox.put
            return await self._watched(manager)
        except LinkTrouble as error:
            return error.trouble
        except Exception as error:  # noqa: BLE001  # told below, and tried again
            log.error("ami.unexpected", host=self.config.host, error=described(error))  # noqa: TRY400  # see described
            return troubles.of_error(error, host=self.config.host, port=self.config.port)
        finally:
            self._manager = None
            await manager.shut()

    async def _watched(self, manager: Manager) -> Trouble:
        begun = self._clock.monotonic()
        trouble = await manager.watch()
        if self._clock.monotonic() - begun >= self.config.retry_first:
            self._retries.succeeded()
        return trouble

    def _logged_in(self) -> Manager:
        if self._manager is None:
            raise NotConnected(self.state.why or "there is no link to Asterisk yet")
        return self._manager

    def _up(self, manager: Manager, facts: PbxFacts) -> None:
        self._manager = manager
        now = _now()
        self._inbox.mark(LinkUp(now, facts.asterisk, facts.startup))
        self._become(LinkState("connected", now, None, facts.asterisk, facts.startup))

    def _down(self, trouble: Trouble) -> None:
        was = self.state
        since = was.since
        if was.status == "connected":
            since = _now()
            self._inbox.mark(LinkDown(since, trouble.why, trouble.name))
        status: Status = "refused" if trouble.refused else "down"
        self._become(replace(was, status=status, since=since, why=trouble.why, cause=trouble.name))

    def _become(self, state: LinkState) -> None:
        if state == self.state:
            return
        self.state = state
        self._changed.set()
        log.info("ami.state", host=self.config.host, status=state.status, cause=state.cause)
        try:
            if self._on_state is not None:
                self._on_state(state)
        except Exception as error:  # noqa: BLE001  # an observer's fault must not cost the link
            log.error("ami.observer", host=self.config.host, error=described(error))  # noqa: TRY400  # see described


def _now() -> datetime:
    return datetime.now(UTC)
