"""Keeps the interpreter from standing still: short turns for threads, and no long collections.

Python lets a thread go on for 5 ms before another gets its turn, and looks through every object
that lives whenever enough new ones were made: 50 ms and more with many screens open. A pop that
comes meanwhile would wait for either.
"""

import asyncio
import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

TURN_SECONDS = 0.0005  # how long a thread may keep the loop waiting
YOUNG = 20_000  # new objects before the youngest are looked through
OLDER = 50  # times that happens before the older ones are
NEVER = 1_000_000  # the oldest are left to `_collect`
COLLECT_SECONDS = 120.0


@asynccontextmanager
async def kept_short() -> AsyncIterator[None]:
    """Keep them short while the block runs; to be entered when everything is loaded."""
    turn, thresholds = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(TURN_SECONDS)
    gc.collect()
    gc.freeze()  # what is there now stays: code, tables, templates
    gc.set_threshold(YOUNG, OLDER, NEVER)
    collecting = asyncio.create_task(_collect(), name="collecting")
    try:
        yield
    finally:
        collecting.cancel()
        await asyncio.gather(collecting, return_exceptions=True)
        gc.set_threshold(*thresholds)
        gc.unfreeze()
        sys.setswitchinterval(turn)


async def _collect() -> None:
    """Look through what came since, rarely enough to be nothing."""
    while True:
        await asyncio.sleep(COLLECT_SECONDS)
        gc.collect()
