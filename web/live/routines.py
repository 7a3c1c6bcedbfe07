"""What is done again and again, and goes on when it failed once."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from itertools import cycle
from typing import Any

import structlog

from storage.errors import StorageError

log = structlog.get_logger(__name__)


async def every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    """Do the work every so many seconds, for ever; a failure that goes on is one line each."""
    failed: type[Exception] | None = None
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except Exception as error:
            is_news = type(error) is not failed
            log.exception("live.routine_failed", error=repr(error), exc_info=is_news)
            failed = type(error)
        else:
            failed = None


async def in_turns(seconds: float, turns: int, work: Callable[[int], Awaitable[None]]) -> None:
    """Do the work of each turn every so many seconds, for ever: a part at a time."""
    order = cycle(range(turns))
    await every(seconds / turns, lambda: work(next(order)))


class Errands:
    """What goes on beside whoever asked for it; a refusal is a line, a fault is logged."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, work: Coroutine[Any, Any, object], name: str) -> None:
        """Begin it."""

        async def safely() -> None:
            try:
                await work
            except StorageError as error:
                log.info("live.errand_refused", errand=name, error=str(error))
            except Exception:
                log.exception("live.errand_failed", errand=name)

        task = asyncio.create_task(safely(), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """End them all."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
