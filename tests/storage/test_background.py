"""Work beside the caller's loop: its own thread, its own connections, its errors told."""

import asyncio
import threading

import pytest
from sqlalchemy import text

from storage.background import Background
from storage.database import Database


async def test_work_is_done_on_another_thread_with_a_base_of_its_own(database: Database):
    background = Background(database.url)

    async def where(other: Database) -> tuple[int, bool, int]:
        async with other.reading() as session:
            found = await session.scalar(text("SELECT 41 + 1"))
        return threading.get_ident(), other is database, int(found or 0)

    thread, is_same, found = await background.run(where)
    assert (thread != threading.get_ident(), is_same, found) == (True, False, 42)
    again, *_ = await background.run(where)
    assert again == thread
    await background.close()
    assert "background" not in {one.name for one in threading.enumerate()}


async def test_an_error_of_the_work_reaches_who_asked(database: Database):
    background = Background(database.url)

    async def fail(_: Database) -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await background.run(fail)
    await background.close()


async def test_work_ends_with_its_caller(database: Database):
    background = Background(database.url)
    begun, cancelled = threading.Event(), threading.Event()

    async def wait(_: Database) -> None:
        begun.set()
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    task = asyncio.create_task(background.run(wait))
    assert await asyncio.to_thread(begun.wait, 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(cancelled.wait, 10)
    await background.close()


async def test_closing_ends_what_is_under_way(database: Database):
    background = Background(database.url)
    task = asyncio.create_task(background.run(lambda _: asyncio.sleep(3600)))
    await asyncio.sleep(0)
    await background.close()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_closing_what_was_never_begun_is_nothing(database: Database):
    background = Background(database.url)
    await background.close()
    assert "background" not in {one.name for one in threading.enumerate()}
