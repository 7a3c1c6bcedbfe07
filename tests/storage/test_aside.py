"""Work in a process of its own: it answers, tells its errors, dies and is begun again."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from functools import partial

import pytest
import uvloop
from stage.sums import Sums

from fixtures.offices import until
from storage import aside
from storage.aside import Aside, AsideLost


@pytest.fixture
async def child() -> AsyncIterator[Aside]:
    child = Aside(partial(Sums, 40), name="sums")
    child.start()
    await until(lambda: child.is_ready)
    yield child
    await child.close()


async def test_it_works_in_another_process_that_keeps_its_state(child: Aside) -> None:
    assert await child.ask("who") != os.getpid()
    assert await asyncio.gather(*(child.ask(1) for _ in range(3))) == [41, 42, 43]


async def test_what_it_raises_is_raised_where_it_was_asked(child: Aside) -> None:
    with pytest.raises(AssertionError):
        await child.ask("?")
    assert await child.ask(1) == 41


@pytest.mark.parametrize("word", ["missing", "unsendable"])
async def test_what_cannot_be_sent_is_told_in_words(child: Aside, word: str) -> None:
    with pytest.raises(aside.AsideFailed, match=r"no sum 1|pickle"):
        await child.ask(word)
    assert await child.ask(1) == 41


async def test_who_waits_for_one_that_dies_is_told(child: Aside) -> None:
    waiting = asyncio.gather(child.ask("die"), child.ask(1), return_exceptions=True)
    assert {type(answer) for answer in await waiting} == {AsideLost}
    with pytest.raises(AsideLost):
        await child.ask(1)


async def test_one_that_was_killed_is_begun_again(
    child: Aside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "AGAIN_SECONDS", 0.05)
    first = await child.ask("who")
    os.kill(first, signal.SIGKILL)
    await until(lambda: not child.is_ready)
    await until(lambda: child.is_ready)
    assert await child.ask("who") != first
    assert await child.ask(2) == 42  # it was made anew


async def test_it_ends_with_who_began_it(child: Aside) -> None:
    process = await child.ask("who")
    await child.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


async def test_ctrl_c_is_for_who_began_it(child: Aside) -> None:
    os.kill(await child.ask("who"), signal.SIGINT)
    assert await child.ask(1) == 41


def test_it_is_the_same_on_the_loop_that_serves() -> None:
    async def sums() -> object:
        child = Aside(partial(Sums, 40), name="sums")
        child.start()
        await until(lambda: child.is_ready)
        try:
            return await child.ask(2)
        finally:
            await child.close()

    assert uvloop.run(sums()) == 42
