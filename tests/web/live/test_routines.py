"""What is done again and again goes on when it fails, and does not fill the log."""

import asyncio

from structlog.testing import capture_logs

from web.live.routines import every


async def test_a_failure_that_goes_on_is_told_with_its_place_once() -> None:
    kinds = iter((OSError, OSError, ValueError, None, ValueError))
    done = asyncio.Event()

    async def work() -> None:
        kind = next(kinds, StopIteration)
        if kind is StopIteration:
            done.set()
        elif kind is not None:
            raise kind("no")

    with capture_logs() as said:
        running = asyncio.create_task(every(0.0, work))
        await done.wait()
        running.cancel()
    assert [(line["error"], line["exc_info"]) for line in said] == [
        ("OSError('no')", True),
        ("OSError('no')", False),
        ("ValueError('no')", True),
        ("ValueError('no')", True),
    ]
