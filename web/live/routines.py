"""What is done again and again, and goes on when it failed once."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import cycle

import structlog

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
