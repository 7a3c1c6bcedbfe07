"""Two nodes on one base: who falls is replaced, and nothing is lost or told twice."""

import asyncio
import random
import statistics
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientResponse, ClientSession, TCPConnector
from sqlalchemy import select
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from fixtures import bases
from fixtures.desks import SILENCE
from fixtures.house import PbxAt
from fixtures.nodes import Node
from fixtures.pairs import Pair, pair
from fixtures.postgres import free_port
from fixtures.proxies import any_certificate, nginx, until_up
from fixtures.screens import Screen, screen
from lab import sipp
from lab.books import cel_rows
from lab.layout import Kind
from lab.pbx import Pbx
from storage.calls import OfferRecord
from storage.database import Database

pytestmark = pytest.mark.postgres
TAKEOVER = 5.0
NUMBER = "+442071234567"
GRACEFUL = 3.0  # a lease that is released; the rest is what a busy machine takes
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
@pytest.mark.timeout(3600)
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


async def test_a_proxy_finds_the_leader_whatever_it_is_asked(two: Pair, tmp_path: Path) -> None:
    leader, other = await two.leader()
    port = free_port()
    (folder := tmp_path / "nginx").mkdir()
    headers = {"Authorization": f"Bearer {await two.house.token('sue', 'read', 'write', 'live')}"}
    url = f"https://127.0.0.1:{port}"
    async with (
        nginx("nginx-two-nodes.conf", folder, port, _addresses(other, leader)),
        ClientSession(connector=TCPConnector(ssl=any_certificate()), headers=headers) as client,
    ):
        assert (await until_up(client, f"{url}/readyz", {})).status == 200
        for n in range(3):
            await asyncio.sleep(1.1)  # by then nginx asks the first node again
            assert (await _post(client, url, f"Customer {n}")).status == 201
            assert (await client.get(f"{url}/api/v1/customers")).status == 200
        async with connect(
            f"wss://127.0.0.1:{port}/live", ssl=any_certificate(), additional_headers=headers,
            compression=None, proxy=None,
        ) as socket:  # fmt: skip
            await socket.send('{"v": 1, "type": "hello"}')
            assert '"snapshot"' in await socket.recv()
            assert await leader.stop() == 0
            stopped = time.monotonic()
        assert await other.until(two.http, "ok") - stopped < GRACEFUL
        async with asyncio.timeout(10):  # nginx has to learn of it too
            while True:
                if (await _post(client, url, "Customer 3")).status == 201:
                    break
                await asyncio.sleep(0.1)
        answer = await client.get(f"{url}/api/v1/customers")
        names = [customer["name"] for customer in (await answer.json())["customers"]]
    assert names == [f"Customer {n}" for n in range(4)]


async def test_a_node_that_waits_says_so(two: Pair) -> None:
    _, other = await two.leader()
    token = await two.house.token("ann", "live")
    assert (await two.http.get(f"{other.url}/healthz")).status == 200
    assert (await two.http.get(f"{other.url}/readyz")).status == 503
    page = await two.http.get(f"{other.url}/desk")
    assert page.status == 503
    assert "Another node of Ringbook leads" in await page.text()
    assert (await two.http.post(f"{other.url}/api/v1/customers", json={})).status == 421
    with pytest.raises(InvalidStatus) as refusal:
        await connect(other.live, additional_headers={"Authorization": f"Bearer {token}"})
    assert refusal.value.response.status_code == 503
    assert refusal.value.response.body == b"another node leads\n"


@pytest.mark.asterisk
@pytest.mark.bar(36)
async def test_a_real_call_is_one_call_through_two_leaders_that_are_killed(
    database: Database, tmp_path: Path, http: ClientSession
) -> None:
    async with Pbx(22) as pbx:
        queue = pbx.queue(Kind.RINGALL)
        at = PbxAt(
            pbx.port, pbx.username, pbx.secret, pbx.monitor_as_pbx_names_it, pbx.monitor,
            queue.agents,
        )  # fmt: skip
        async with pair(database, tmp_path, http, pbx=at) as two:
            first, second = await two.leader()
            ann = two.desks["ann"]
            async with (
                sipp.phone(pbx, queue.agents[0], answers_after=8),
                sipp.phone(pbx, queue.agents[1]),
                asyncio.TaskGroup() as group,
            ):
                group.create_task(sipp.caller(pbx, number=NUMBER, name="Zoe", dial=queue.number))
                await (await ann.on(first.live)).until(lambda s: _states(s) == ["ringing"])
                await _replace(two, first, second)  # while it rings
                await (await ann.on(second.live)).until(lambda s: _states(s) == ["answered"])
                await _replace(two, second, first)  # while they talk; this one came in the middle
                await (await ann.on(first.live)).until(lambda s: _states(s) == ["answered"])
                await pbx.cli("channel request hangup all")
            await ann.sights[-1].until(lambda s: _states(s) == ["wrap_up"])
            assert ann.doubles() == []
            two.called.append(NUMBER)
            [call] = await two.stored()
            async with two.house.database.reading() as session:
                offers = await session.scalars(select(OfferRecord).order_by(OfferRecord.extension))
                ends = [str(offer.end) for offer in offers]
            assert (str(call.result), ends) == ("answered", ["answered", "elsewhere"])
            assert call.talk_seconds == pytest.approx(_bridged(pbx), abs=2)
            writes, foreign = await two.foreign_writes()
            assert (writes > 0, foreign) == (True, 0)


def _bridged(pbx: Pbx) -> float:
    """For how many seconds two talked, by the PBX's book."""
    rows = [(row["eventtype"], float(row["eventtime"])) for row in cel_rows(pbx.cel_csv)]
    entered = max(at for kind, at in rows if kind == "BRIDGE_ENTER")
    return min(at for kind, at in rows if kind == "BRIDGE_EXIT") - entered


async def _replace(two: Pair, leader: Node, other: Node) -> None:
    """Kill the leader, wait until the other one leads, and start the first again."""
    leader.kill()
    killed = time.monotonic()
    assert await other.until(two.http, "ok") - killed < TAKEOVER
    await leader.gone()
    await leader.start()
    await leader.until(two.http, "standby")


def _states(sight: Screen) -> list[str]:
    return [card["state"] for card in sight.pops.values()]


def _addresses(first: Node, second: Node) -> dict[str, str]:
    """Put the nodes in the places of the sample's."""
    return {
        "192.0.2.1:8080": f"127.0.0.1:{first.settings.port}",
        "192.0.2.2:8080": f"127.0.0.1:{second.settings.port}",
        "192.0.2.1:8081": f"127.0.0.1:{first.settings.live_port}",
        "192.0.2.2:8081": f"127.0.0.1:{second.settings.live_port}",
    }


async def _post(client: ClientSession, url: str, name: str) -> ClientResponse:
    return await client.post(f"{url}/api/v1/customers", json={"name": name})
