"""Stores calls behind the pops: what gathered during the last commit goes into the next one.

With them goes how far each PBX's journal is stored by that: what a crash leaves out is told again
from there.
"""

import asyncio
import contextlib
import random
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from uuid import UUID

import structlog

from pbx_bridge.call import Call
from storage.calls import CallContext
from storage.groups import Groups
from storage.positions import Position
from web.journey.progress import Mark, Progress
from web.live.metrics import Metrics

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 200
SHORTEST_GATHER = 0.03  # seconds before a commit in which changes come together
LONGEST_GATHER = 0.3
SHARE = 20.0  # times as long as the last commit took
SHORTEST_PAUSE = 0.1
LONGEST_PAUSE = 5.0
MOST_WAITING = 10_000  # calls in memory; ended ones beyond it are left to the journal
POSITION_SECONDS = 2.0  # how old the stored positions may be while nothing else is stored
BEHIND_SECONDS = 2.0  # from then on the screens say that storing is behind
ANSWER_SECONDS = 30.0  # for a commit; a network may swallow it, and then it is done again


class Records:
    """Keeps the latest revision of each call until it is stored, however long that takes.

    `context(call)` adds what the tracker does not know, `on_stored` is told after the commit,
    `on_behind` since when storing is behind, or None when it has caught up, `on_noted` at once.
    """

    def __init__(
        self,
        groups: Groups,
        *,
        context: Callable[[Call], CallContext],
        on_stored: Callable[[list[Call]], None],
        on_behind: Callable[[datetime | None], None],
        metrics: Metrics,
        on_noted: Callable[[Call], None] = lambda _call: None,
    ) -> None:
        self._groups = groups
        self._on_noted = on_noted
        self._context = context
        self._on_stored = on_stored
        self._on_behind = on_behind
        self._metrics = metrics
        self._waiting: dict[UUID, Call] = {}
        self._storing: dict[UUID, Call] = {}
        self._awake = asyncio.Event()
        self._turn = asyncio.Lock()
        self._since: float | None = None  # monotonic, of the oldest that waits
        self._failures = 0
        self._gather = SHORTEST_GATHER
        self._size = MOST_AT_ONCE
        self._is_behind = False
        self._queues: set[tuple[UUID, str]] = set()
        self._progress: dict[UUID, Progress] = {}
        self._positions: dict[UUID, Position] = {}  # as they are stored
        self._placed_at = float("-inf")  # monotonic

    def follow(self, progress: Progress) -> None:
        """Store from now on how far this PBX's journal is stored."""
        self._progress[progress.pbx] = progress

    def unfollow(self, pbx: UUID) -> None:
        """We listen to this PBX no longer."""
        self._progress.pop(pbx, None)

    def note(self, call: Call, *, recalled: bool = False) -> None:
        """Store this revision of the call soon; it replaces an older one that still waits.

        One that was `recalled` from the journal is not left to it again.
        """
        self._waiting[call.id] = call
        if progress := self._progress.get(call.pbx):
            progress.changed(call.id)
            progress.left.discard(call.id)
            is_full = len(self._waiting) > MOST_WAITING and progress.has_journal
            if is_full and call.ended_at and not recalled:
                del self._waiting[call.id]
                progress.left.add(call.id)
        if self._since is None:
            self._since = time.monotonic()
        self._awake.set()
        self._on_noted(call)

    def join(self, call: Call, gone: UUID) -> None:
        """A call became part of another, which tells its story."""
        self._waiting.pop(gone, None)
        if progress := self._progress.get(call.pbx):
            progress.joined(call.id, gone)

    @property
    def waiting(self) -> int:
        """Calls that are to be stored."""
        return len(self._waiting)

    def has(self, call: UUID) -> bool:
        """Whether a revision of the call is not stored yet."""
        return call in self._waiting or call in self._storing

    @property
    def lag(self) -> float:
        """Seconds since the oldest change that is not stored."""
        return 0.0 if self._since is None else time.monotonic() - self._since

    def watch(self) -> None:
        """Say so when storing fell behind, or has caught up; to be called every second."""
        self._metrics.storage_lag.set(self.lag)
        if self._placed_at + POSITION_SECONDS < time.monotonic() and self._moved():
            self._awake.set()
        is_behind = self.lag > BEHIND_SECONDS or any(p.left for p in self._progress.values())
        if is_behind is not self._is_behind:
            self._is_behind = is_behind
            self._on_behind(datetime.now(UTC) if is_behind else None)

    async def run(self) -> None:
        """Store for ever, in few commits: they must not keep the loop from the pops."""
        while True:
            await self._awake.wait()
            await asyncio.sleep(self._gather)
            begun = time.monotonic()
            if not await self._store_some():
                await asyncio.sleep(self._pause())
            took = time.monotonic() - begun
            self._gather = min(LONGEST_GATHER, max(SHORTEST_GATHER, SHARE * took))

    async def drain(self, seconds: float) -> int:
        """Store what waits, at most so long; return how many calls could not be stored."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._waiting or self._storing or self._moved():
                    if not await self._store_some():
                        await asyncio.sleep(min(self._pause(), 0.2))
        return len(self._waiting | self._storing)

    async def _store_some(self) -> bool:
        async with self._turn:
            return await self._store_batch()

    async def _store_batch(self) -> bool:
        begun = time.monotonic()
        batch, marks = self._take()
        positions = self._moved()
        if not batch and not positions:
            return True
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._commit(batch, positions)
        except asyncio.CancelledError:
            self._put_back(batch, marks)
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the calls must not be lost
            self._put_back(batch, marks)
            self._failures += 1
            self._size = max(1, self._size // 4)
            self._metrics.storage_failures.inc()
            if self._failures & (self._failures - 1) == 0:  # 1, 2, 4, 8 …: no flood of logs
                log.warning(
                    "records.not_stored",
                    calls=len(self._waiting),
                    failures=self._failures,
                    error=type(error).__name__,
                )
            return False
        finally:
            self._storing = {}
        self._failures = 0
        self._placed_at = time.monotonic()
        self._positions |= {position.pbx_id: position for position in positions}
        self._size = min(MOST_AT_ONCE, self._size * 2)
        self._metrics.calls_stored.inc(len(batch))
        self._since = begun if self._waiting else None
        self.watch()
        if batch:
            self._on_stored(batch)
        return True

    def _take(self) -> tuple[list[Call], list[tuple[Progress, dict[UUID, Mark]]]]:
        """Return the next calls to store, and where their oldest changes stand."""
        batch = [self._waiting.pop(key) for key in list(self._waiting)[: self._size]]
        self._storing = {call.id: call for call in batch}
        if not self._waiting:
            self._awake.clear()
        marks = [(progress, progress.take(self._storing)) for progress in self._progress.values()]
        return batch, marks

    def _moved(self) -> list[Position]:
        """Return how far each PBX is stored with what was taken, where that is news."""
        found = (progress.position() for progress in self._progress.values())
        return [one for one in found if one and one != self._positions.get(one.pbx_id)]

    def _put_back(
        self, batch: Iterable[Call], marks: Iterable[tuple[Progress, dict[UUID, Mark]]]
    ) -> None:
        """Behind the others, so that one call that cannot be stored does not keep them away."""
        for call in batch:
            newer = self._waiting.get(call.id)
            if newer is None or newer.revision < call.revision:
                self._waiting[call.id] = call
        for progress, taken in marks:
            progress.put_back(taken)
        self._awake.set()

    async def _commit(self, batch: list[Call], positions: list[Position]) -> None:
        queues = {
            (call.pbx, segment.queue)
            for call in batch
            for segment in call.segments
            if segment.queue
        }
        new = queues - self._queues
        told = ((call, self._context(call)) for call in batch)
        await self._groups.put(told, new, positions)
        self._queues |= new

    def _pause(self) -> float:
        step = min(LONGEST_PAUSE, SHORTEST_PAUSE * 2.0 ** min(self._failures, 10))
        return step * (0.5 + random.random() / 2)  # noqa: S311 - only spreads retries
