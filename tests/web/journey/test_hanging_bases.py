"""A base that hangs: nobody waits for it, least of all the PBX; all is stored afterwards."""

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from statistics import median

import pytest
from stage.offices import Stage

from fixtures import postgres
from fixtures.postgres import Server
from storage import migrations
from storage.database import Database
from web.journey import records

pytestmark = [pytest.mark.postgres, pytest.mark.bar(33), pytest.mark.timeout(120)]

RINGALL = "ringall_queue_answered_asterisk_22"
CALLS = 40
EVERY = 1.0  # seconds a call
POPPED, DRAINED = 1.0, 120.0  # seconds at most, the first of most calls


@contextmanager
def hanging(server: Server) -> Iterator[None]:
    """Every process of the server stands still."""
    head = (server.folder / "data" / "postmaster.pid").read_text().split()[0]
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", head], capture_output=True, text=True, check=False
    )
    pids = [int(head), *map(int, listed.stdout.split())]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@pytest.fixture
async def hung(settings, pbx) -> AsyncIterator[tuple[Stage, Server]]:
    with postgres.server() as server:
        async with Database(server.url) as database:
            await migrations.upgrade(database)
            changes = {"live_port": 0, "database_url": server.url}
            stage = Stage(database, settings.model_copy(update=changes), pbx)
            await stage.set_up()
            await stage.start()
            yield stage, server
            await stage.close()


async def test_a_base_that_hangs_delays_neither_reading_nor_pops(hung, monkeypatch, proof):
    stage, server = hung
    monkeypatch.setattr(records, "BEHIND_SECONDS", 0.5)
    agent = await stage.screen("101")
    [one] = stage.bridge.lines._open.values()
    loads = [stage.pbx.later(RINGALL, seconds=100 * n) for n in range(CALLS)]
    count = sum(act.count(b"\r\n\r\n") for acts in loads for act in acts)
    begun = one.box.journal.next
    with hanging(server):
        for acts in loads:
            stage.pbx.say(b"".join(acts))
        await stage.eventually(lambda: one.box.journal.next >= begun + count)
        cards = await agent.until(lambda s: len(s.of("pop.opened")) == CALLS and s.of("pop.opened"))
        assert {card["number"]["written"] for card in cards} == {"89161234567"}
        assert not any(card["is_complete"] for card in cards)
        await stage.eventually(lambda: not one.journey.link.backlog)
        assert len(stage.bridge._records._waiting | stage.bridge._records._storing) == CALLS
        behind = await agent.hear("storage.changed")
        assert behind["behind"]
    calls = await stage.stored(lambda cs: len(cs) == CALLS and all(c.ended_at for c in cs))
    assert {call.user_id for call in calls} == {stage.users["101"].id}
    assert not (await agent.hear("storage.changed", 2))["behind"]
    proof.tried(CALLS, of="calls while the base hung")


async def test_a_base_that_died_under_load_has_everything_when_it_is_back(hung, proof):
    stage, server = hung
    loads = [stage.pbx.later(RINGALL, seconds=100 * n) for n in range(CALLS)]
    for acts in loads[: CALLS // 2]:
        stage.pbx.say(b"".join(acts))
    await stage.stored(lambda calls: calls)
    server.crash()
    for acts in loads[CALLS // 2 :]:
        stage.pbx.say(b"".join(acts))
    await stage.eventually(lambda: stage.bridge.metrics.storage_failures._value.get() > 1)
    server.start()
    calls = await stage.stored(lambda cs: len(cs) == CALLS and all(c.ended_at for c in cs))
    assert len({call.linkedid for call in calls}) == CALLS
    proof.tried(CALLS, of="calls around a crash of the base")


@pytest.mark.parametrize(
    "away",
    [
        pytest.param(5.0, id="5 seconds"),
        pytest.param(
            900.0, id="15 minutes",
            marks=[pytest.mark.prove, pytest.mark.waits, pytest.mark.timeout(1800)],
        ),
    ],
)  # fmt: skip
async def test_calls_pop_while_the_base_is_away_and_are_stored_after_it(hung, proof, away):
    stage, server = hung
    agent = await stage.screen("101")
    records = stage.bridge._records
    loop = asyncio.get_running_loop()
    server.crash()
    lags: list[float] = []
    kept = 0
    gone = loop.time()
    while loop.time() - gone < away:
        begun = loop.time()
        acts = stage.pbx.later(RINGALL, seconds=100 * len(lags))
        stage.pbx.say(b"".join(acts))
        await agent.hear("pop.opened", len(lags) + 1)
        lags.append(loop.time() - begun)
        kept = max(kept, len(records._waiting | records._storing))
        await asyncio.sleep(EVERY)
    assert (await agent.hear("storage.changed"))["behind"]
    server.start()
    back = loop.time()
    while sum(call.ended_at is not None for call in await stage.calls()) < len(lags):
        assert loop.time() - back < 2 * DRAINED
        await asyncio.sleep(0.2)
    drained = loop.time() - back
    assert not (await agent.hear("storage.changed", 2))["behind"]
    proof.tried(len(lags), of="calls while the base was gone")
    proof.measured("half of the pops while it is gone", median(lags), "s", at_most=POPPED)
    proof.measured("the slowest of them", max(lags), "s")
    proof.measured("changed calls kept in memory", kept, at_most=len(lags))
    proof.measured("all stored after it is back", drained, "s", at_most=DRAINED)
