"""What is done again and again, and goes on when it failed once."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger(__name__)


async def every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    """Do the work every so many seconds, for ever."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except Exception:
            log.exception("live.routine_failed")
