"""Two nodes on one base: who falls is replaced, and nothing is lost or told twice."""

import asyncio
import random
import statistics
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

from fixtures import bases
from fixtures.desks import SILENCE
from fixtures.pairs import Pair, pair
from fixtures.screens import screen
from storage.database import Database

pytestmark = pytest.mark.postgres
TAKEOVER = 5.0
UNTIL_DESKS_FOLLOW = SILENCE + 3  # a desk leaves a frozen node when it hears no beat


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[Database]:
    async with bases.migrated_postgres(postgres_url) as base:
        yield base


@pytest.fixture
async def two(database: Database, tmp_path: Path, http: ClientSession) -> AsyncIterator[Pair]:
    async with pair(database, tmp_path, http) as made:
        yield made


async def check_nothing_lost(two: Pair) -> None:
    assert await two.faults() == []
    writes, foreign = await two.foreign_writes()
    assert writes > 0
    assert foreign == 0
    for login, desk in two.desks.items():
        await desk.until(lambda d, who=login: d.waiting() == two.answered_by(who))
        assert set(two.called) - desk.numbers == set()
        assert desk.doubles() == []


@pytest.mark.bar(36)
@pytest.mark.parametrize("kills", [3, pytest.param(50, marks=pytest.mark.prove)])
@pytest.mark.timeout(1500)
async def test_a_leader_that_is_killed_is_replaced(two: Pair, proof, kills: int) -> None:
    rng = random.Random(36)
    took = []
    for _ in range(kills):
        leader, other = await two.leader()
        calling = asyncio.create_task(two.keep_calling(every=0.7))
        await asyncio.sleep(1 + rng.random() * 2)
        leader.kill()
        killed = time.monotonic()
        took.append(await other.until(two.http, "ok") - killed)
        calling.cancel()
        await two.over()
        await leader.gone()
        await two.stored()
        await leader.start()
    proof.measured("takeover, median", statistics.median(took), "s")
    proof.measured("takeover, longest", max(took), "s", at_most=TAKEOVER)
    await check_nothing_lost(two)
    proof.tried(kills, of="kills", seed=36)


@pytest.mark.bar(35)
@pytest.mark.parametrize("seconds", [8, pytest.param(60, marks=pytest.mark.prove)])
async def test_a_leader_that_was_frozen_does_nothing_when_it_wakes(
    two: Pair, proof, seconds: float
) -> None:
    leader, other = await two.leader()
    token = await two.house.token("ann", "live")
    async with screen(leader.live, token) as left:  # a browser that never gives up
        calling = asyncio.create_task(two.keep_calling(every=0.5, ring=UNTIL_DESKS_FOLLOW))
        await asyncio.sleep(3)
        leader.freeze()
        frozen = time.monotonic()
        took = await other.until(two.http, "ok") - frozen
        heard = len(left.messages)
        await asyncio.sleep(max(0.0, seconds - took))
        async with two.no_renewals():  # it wakes, and is not told at once that it was replaced
            leader.thaw()
            await asyncio.sleep(1.5)
        await leader.until(two.http, "standby")
        calling.cancel()
        late = [message["type"] for message in left.messages[heard:]]
    await two.over()
    proof.measured("takeover", took, "s", at_most=TAKEOVER)
    assert [kind for kind in late if kind.startswith("pop.")] == []
    await check_nothing_lost(two)
    proof.tried(len(two.called), of="calls around a leader that was frozen")
