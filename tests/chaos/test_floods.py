"""Five thousand events a second, and calls among them: they pop in time, and memory stays.

Seen red with a journey that needs 0.6 ms for each message.
"""

import asyncio
import itertools
import math
import os
import random
import resource
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import ClientSession
from stage.pbxs import FakePbx
from websockets.asyncio.client import ClientConnection

from chaos.rigs import until, watching
from fixtures.house import PbxAt, furnished
from fixtures.nodes import Node, nodes
from fixtures.screens import Screen
from storage import migrations
from storage.database import Database
from storage.secrets import new_key
from web.config import Settings

pytestmark = [pytest.mark.alone, pytest.mark.timeout(200)]
SECONDS = 60 if "RINGBOOK_PROVE" in os.environ else 5
A_SECOND, SLICES = 5_000, 50  # events, and the slices of a second in which they come
STORY, CALLER = "ringall_queue_answered_asterisk_22", b"89161234567"
POP_P99, GROWTH = 1.0, 100.0  # seconds, MiB
SEED = 20261125
CHANNELS = 200  # that are up all the time, and of which all the noise tells
LEG = (
    "Channel: PJSIP/trunk-{leg:08x}\r\nChannelState: 6\r\nChannelStateDesc: Up\r\n"
    "CallerIDNum: +4420800{leg:05}\r\nContext: from-trunk\r\nExten: 7000\r\n"
    "Uniqueid: 1700000000.{leg}\r\nLinkedid: 1700000000.{leg}\r\n"
)
SAID = {
    "VarSet": "Variable: SIPDOMAIN{leg}\r\nValue: 127.0.0.{leg}\r\n",
    "Newexten": "Context: ivr\r\nExtension: {leg}\r\nApplication: NoOp\r\nAppData: step {leg}\r\n",
    "RTCPSent": "SSRC: 0x{leg:08x}\r\nPT: 200(SR)\r\nReportCount: 1\r\n",
}
NOISE = [
    f"Event: {name}\r\nPrivilege: any,all\r\nTimestamp: {{at:.6f}}\r\n{LEG}{said}\r\n"
    for name, said in SAID.items()
]
BEGINS, ENDS = (
    f"Event: {name}\r\nPrivilege: call,all\r\nTimestamp: {{at:.6f}}\r\n{LEG}\r\n"
    for name in ("Newchannel", "Hangup")
)


def of_all(template: str) -> bytes:
    """Say this of every channel."""
    return "".join(template.format(at=time.time(), leg=leg) for leg in range(CHANNELS)).encode()


def noise() -> Iterator[bytes]:
    """Slices of a flood without end."""
    chance = random.Random(SEED)
    for _ in itertools.count():
        now = time.time()
        yield "".join(
            chance.choice(NOISE).format(at=now, leg=chance.randrange(CHANNELS))
            for _ in range(A_SECOND // SLICES)
        ).encode()


async def flood(pbx: FakePbx, until_then: float) -> int:
    """Say the noise in step with the clock; gives how many events were said."""
    loop = asyncio.get_running_loop()
    begun, said = loop.time(), 0
    for number, piece in enumerate(noise(), 1):
        pbx.say(piece)
        said += A_SECOND // SLICES
        await asyncio.sleep(max(0.0, begun + number / SLICES - loop.time()))
        if loop.time() > until_then:
            return said
    raise AssertionError


class Watched(Screen):
    """Notes when each caller's card came."""

    def __init__(self, socket: ClientConnection) -> None:
        super().__init__(socket)
        self.came: dict[str, float] = {}

    def _take(self, message: dict) -> None:
        super()._take(message)
        if message["type"] == "pop.opened":
            self.came.setdefault(message["data"]["number"]["written"], time.monotonic())


async def call(pbx: FakePbx, number: int) -> tuple[str, float]:
    """Play a call that rings at both phones, as a real Asterisk told it; gives who, and when."""
    first, *others = pbx.later(STORY, seconds=10 * number)
    who = b"+44207%07d" % number
    pbx.say(first.replace(CALLER, who))
    rang = time.monotonic()
    for act in others:
        await asyncio.sleep(0.2)
        pbx.say(act.replace(CALLER, who))
    return who.decode(), rang


def resident(node: Node) -> float:
    assert node.process is not None
    pages = int(Path(f"/proc/{node.process.pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / (1 << 20)


def worked(node: Node) -> float:
    """Return the processor time that the process has taken, in seconds."""
    assert node.process is not None
    fields = Path(f"/proc/{node.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.bar(9)
async def test_calls_pop_in_time_in_a_flood_of_other_news(tmp_path: Path, proof):
    pbx = FakePbx()
    await pbx.open()
    at = PbxAt(pbx.port, "ringbook", "secret", "", tmp_path)
    rang: dict[str, float] = {}
    growth = 0.0
    async with Database(f"sqlite+aiosqlite:///{tmp_path}/ringbook.sqlite3") as base:
        await migrations.upgrade(base)
        settings = Settings(
            secret_key=new_key(), data_dir=tmp_path / "data",
            database_url=base.url.render_as_string(hide_password=False),
        )  # fmt: skip
        made = await furnished(base, settings, at)
        async with nodes(settings, tmp_path, ["one"]) as [node], ClientSession() as http:
            await node.start()
            await node.until(http, "ok")
            token = await made.token("ann", "live")
            async with watching(node.live, token, Watched) as ann:
                loop = asyncio.get_running_loop()
                pbx.say(of_all(BEGINS))
                warm = await call(pbx, 1)
                await until(lambda: warm[0] in ann.came)
                before, idle = resident(node), worked(node)
                flooding = asyncio.create_task(flood(pbx, loop.time() + SECONDS))
                for number in itertools.count(2):
                    if flooding.done():
                        break
                    who, when = await call(pbx, number)
                    rang[who] = when
                    growth = max(growth, resident(node) - before)
                said = flooding.result()
                await until(lambda: rang.keys() <= ann.came.keys())
                growth = max(growth, resident(node) - before)
                busy = (worked(node) - idle) / SECONDS
                pbx.say(of_all(ENDS))
    await pbx.close()
    lags = sorted(ann.came[who] - when for who, when in rang.items())
    p99 = lags[math.ceil(0.99 * len(lags)) - 1]
    assert len(lags) >= SECONDS / 2
    assert said > 0.9 * A_SECOND * SECONDS
    proof.measured("events a second", said / SECONDS)
    proof.measured("of one core, for Ringbook's process", 100 * busy, "%")
    proof.measured("memory grown by", growth, "MiB", at_most=GROWTH)
    proof.measured("pop p50", lags[len(lags) // 2], "s")
    proof.measured("longest lag", lags[-1], "s")
    proof.measured("pop p99", p99, "s", at_most=POP_P99)
    proof.tried(len(lags), of="calls in a flood", seed=SEED)
