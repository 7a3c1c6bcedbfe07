"""What a real PBX says, heard twice: as it is, and cut, doubled and out of order; told the same."""

import asyncio
import os
from collections import Counter
from dataclasses import dataclass

import pytest

from chaos.faults import NONE, Faults
from chaos.proxy import Proxy
from lab import books, layout, oracle
from lab.ami import END, Ear
from lab.evenings import caught_up
from lab.pbx import Pbx
from lab.stories import Cast, playable
from lab.tellings import Telling, tell, tell_all
from pbx_bridge.call import Call

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(280)]
PROVING = "RINGBOOK_PROVE" in os.environ
SEED = 20261125
HARM = Faults(duplicate=0.1, swap=0.1, pieces=(1, 7, 100, 1000), delay=(0.0, 0.05))
SHORT = (
    *("ringall_queue_answered", "abandoned_in_queue", "extension_busy", "blind_by_refer"),
    *("attended_by_refer", "clicked_to_call", "picked_up", "local_members"),
)
_AT_ONCE = 24


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard of some stories by two ears, and what the PBX wrote down."""

    straight: bytes
    harmed: bytes
    written: oracle.Books
    casts: list[Cast]
    harms: dict[str, int]


async def _hear(version: int, faults: Faults) -> Heard:
    stage = asyncio.Semaphore(_AT_ONCE)
    plays = playable(version)
    chosen = list(plays) if PROVING else [name for name in SHORT if name in plays]

    async def play(name: str) -> Cast:
        async with stage:
            return await plays[name](pbx)

    async with Pbx(version) as pbx, Proxy(pbx.port, seed=SEED) as proxy:
        known = {"username": pbx.username, "secret": pbx.secret}
        async with await pbx.ear() as near, await Ear.login(port=proxy.port, **known) as far:
            await caught_up(pbx, near, sign="LabStart")
            begun = len(near.heard), len(far.heard)
            proxy.down.faults = faults
            async with asyncio.TaskGroup() as group:
                playing = [group.create_task(play(name)) for name in chosen]
            await pbx.idle()
            proxy.down.faults = NONE
            await caught_up(pbx, near, sign="LabEnd")
            await far.message(lambda said: b"UserEvent: LabEnd\r\n" in said, seconds=10)
            written = oracle.Books(
                cel=books.cel_rows(pbx.cel_csv),
                cdr=books.cdr_rows(pbx.cdr_csv),
                queue_log=books.queue_log_rows(pbx.queue_log),
            )
            return Heard(
                bytes(near.heard[begun[0] :]), bytes(far.heard[begun[1] :]), written,
                [task.result() for task in playing], dict(proxy.down.did),
            )  # fmt: skip


@pytest.mark.bar(10)
@pytest.mark.parametrize(
    "version", [22, pytest.param(16, marks=pytest.mark.prove)], ids=lambda v: f"asterisk {v}"
)
async def test_calls_are_told_the_same_however_their_news_arrives(version, proof):
    heard = await _hear(version, HARM)
    straight, _ = tell_all(heard.straight, layout.agents())
    harmed, _ = tell_all(heard.harmed, layout.agents())
    assert heard.harms["duplicated"] > len(heard.straight.split(END)) / 20
    assert heard.harms["swapped"] > len(heard.straight.split(END)) / 30
    told, told_again = (Counter(map(_told, calls)) for calls in (straight, harmed))
    differing = (told - told_again) + (told_again - told)
    against_books = oracle.differences(harmed, heard.written)
    assert against_books == []
    assert len(straight) >= len(heard.casts)
    proof.measured("messages doubled", heard.harms["duplicated"])
    proof.measured("messages swapped", heard.harms["swapped"])
    proof.tried(len(straight), differing.total(), of="calls of a real PBX, harmed", seed=SEED)


def _told(call: Call) -> tuple[frozenset[str], Telling]:
    """Who took part and what came of it; not the id, which is that of the leg heard of first."""
    phones = sorted({leg.extension for leg in call.legs if leg.extension})
    return frozenset(leg.uniqueid for leg in call.legs), tell(call, phones)


@pytest.mark.prove
async def test_news_that_is_lost_would_be_found_out():
    """A link that drops one event in seven is not told the same: the books disagree."""
    heard = await _hear(22, Faults(drop=0.15))
    harmed, _ = _tolerant(heard.harmed)
    assert oracle.differences(harmed, heard.written) != []


def _tolerant(stream: bytes) -> tuple[list, list]:
    try:
        return tell_all(stream, layout.agents())
    except AssertionError:  # calls that never ended
        return [], []
