"""Whether this node leads: it asks the base for the lease, and acts only while it holds it."""

import asyncio
import contextlib
import time
from typing import Self

import structlog

import storage.leases
from storage.database import Database, Session
from storage.errors import DatabaseAbsent, NotLeader
from storage.leases import LEASE_SECONDS, Leases
from web.journey.terms import Term
from web.live.metrics import Metrics

log = structlog.get_logger(__name__)

TAKE_SECONDS = 0.5  # how often a node that waits asks
RENEW_SECONDS = 1.0
CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # goes on while the machine sleeps


def clock() -> float:
    """Return seconds that no one sets and no sleep stops."""
    return time.clock_gettime(CLOCK)


class Leader:
    """One node's part. Use as `async with Leader(…)`; on SQLite there is one node, which leads.

    It leads at most once: when `lost` is set all that it knew is void, and the node starts anew.
    """

    def __init__(self, database: Database, *, name: str, metrics: Metrics | None = None) -> None:
        self.won = asyncio.Event()  # it may act: first of all take over
        self.lost = asyncio.Event()
        self._database = database
        self._metrics = metrics
        self._leases = None if database.is_sqlite else Leases(database, name)
        self._term: Term | None = None
        self._fence = 0
        self._is_cut_off = False  # the base does not answer
        self._task: asyncio.Task[None] | None = None

    @property
    def leads(self) -> bool:
        """Whether this node may act now; asked before every frame, so it is cheap."""
        if self._leases is None:
            return True
        return self._term is not None and self._term.holds(clock())

    async def guard(self, session: Session) -> None:
        """Let only a leader write; raises NotLeader."""
        if self._leases is None:
            return
        if self._term is None or not self._term.holds(clock()):
            raise NotLeader
        await storage.leases.hold(session, self._term.fence)

    def give_up(self) -> None:
        """Lead no more: what is to be done first could not be done."""
        self._term = None

    async def __aenter__(self) -> Self:
        if self._leases is None:
            self._begin(fence=0)
            return self
        try:
            await self._leases.ready()
        except Exception as error:  # noqa: BLE001 - each driver has its own kinds for "not there"
            await self._leases.__aexit__()
            name = type(error).__name__
            raise DatabaseAbsent(f"the database does not say which node leads: {name}") from None
        await self._take(self._leases)
        self._database.guard = self.guard
        self._task = asyncio.create_task(self._run(self._leases), name="leader")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._leases is None or self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._term = self._database.guard = None
        if self._fence:
            with contextlib.suppress(Exception):  # who cannot be told waits until it runs out
                await self._leases.release(self._fence)
        await self._leases.__aexit__()

    async def _run(self, leases: Leases) -> None:
        while self._term is None:
            await asyncio.sleep(TAKE_SECONDS)
            await self._take(leases)
        while term := self._term:
            await asyncio.sleep(RENEW_SECONDS)
            renewed = await self._renewed(leases, term)
            self._term = renewed if self._term is term else None
        if self._metrics:
            self._metrics.leader.set(0)
        self.lost.set()

    async def _take(self, leases: Leases) -> None:
        asked_at = clock()
        try:
            fence = await leases.take()
        except Exception as error:  # noqa: BLE001 - whatever it is, we do not lead
            log.debug("leader.not_asked", error=type(error).__name__)
            return
        if fence is not None:
            self._fence = fence
            self._term = Term.begun(fence, asked_at=asked_at, seconds=LEASE_SECONDS)
            self._begin(fence=fence)

    async def _renewed(self, leases: Leases, term: Term) -> Term | None:
        asked_at = clock()
        try:
            answer = await leases.renew(term.fence)
        except Exception as error:  # noqa: BLE001 - whatever it is, the base did not answer
            if not self._is_cut_off:
                log.warning("leader.unanswered", error=type(error).__name__)
            self._is_cut_off = True
            return term.unanswered(asked_at=asked_at)
        self._is_cut_off = False
        if answer is None:
            log.warning("leader.replaced", fence=term.fence)
            return None
        return term.renewed(asked_at=asked_at, has_rivals=answer.has_rivals)

    def _begin(self, *, fence: int) -> None:
        log.info("leader.leads", fence=fence)
        self.won.set()
        if self._metrics:
            self._metrics.leader.set(1)
            self._metrics.fence.set(fence)
