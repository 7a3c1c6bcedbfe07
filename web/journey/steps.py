"""Steps back of the PBXs' clocks: told with the link for a day, and kept for who looks later."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

import storage.clock_steps
from pbx_bridge.clocks import StepBack
from storage.database import Database

log = structlog.get_logger(__name__)

SHOWN_FOR = timedelta(days=1)


class Steps:
    """The last one of each clock; the base is asked and told behind, and nobody waits for it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._last: dict[UUID, StepBack] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def note(self, pbx: UUID, step: StepBack) -> None:
        """The clock went back."""
        self._last[pbx] = step

        async def store() -> None:
            async with self._database.writing() as session:
                await storage.clock_steps.note(
                    session, pbx, seconds=step.by.total_seconds(), at=step.noticed_at
                )

        self._do(store)

    def recall(self, pbx: UUID, then: Callable[[], None]) -> None:
        """Look what the base knows of it, `then` tell."""

        async def read() -> None:
            async with self._database.reading() as session:
                row = await storage.clock_steps.of(session, pbx)
            if row is not None and pbx not in self._last:
                step = StepBack(by=timedelta(seconds=row.seconds), noticed_at=row.noticed_at)
                self._last[pbx] = step
                then()

        if pbx not in self._last:
            self._do(read)

    def told(self, pbx: UUID) -> str | None:
        """Say that the PBX's clock went back, for a day."""
        step = self._last.get(pbx)
        is_recent = step is not None and datetime.now(UTC) - step.noticed_at < SHOWN_FOR
        return str(step) if is_recent else None

    async def close(self) -> None:
        """End what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _do(self, work: Callable[[], Awaitable[None]]) -> None:
        async def safely() -> None:
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - the base is away, or another node leads
                log.info("steps.not_kept", error=type(error).__name__)

        task = asyncio.create_task(safely(), name="clock steps")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
