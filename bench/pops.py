"""From the PBX's bytes to the right agent's pop, beside a bare relay and the raw card query."""

import asyncio
import json
import platform
import re
import sqlite3
import sys
import tempfile
import time
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import quantiles
from typing import Any
from uuid import UUID

import uvloop
from sqlalchemy.dialects import sqlite
from websockets.asyncio.client import ClientConnection, connect

from bench import _pops_base as base
from storage.cards import queries
from storage.cards.statements import Statement
from storage.secrets import SecretBox, new_key
from web.auth import COOKIE

STREAM = Path(__file__).parents[1] / "tests" / "streams" / "abandoned_in_queue_asterisk_22.ami"
CAPTURED_CALLER = b"+442071230006"
QUEUE_SECONDS = 1.0  # each call rings so long
CALLERS = 1000


def run(
    *, screens: int = 500, customers: int = 1_000_000, rate: float = 50.0, calls: int = 1000
) -> list[dict[str, Any]]:
    """Measure; times are milliseconds, the floor is (bare relay + raw card query) of this run."""
    sizes = base.Sizes(customers, screens, min(CALLERS, customers))
    with tempfile.TemporaryDirectory(prefix="ringbook-bench-") as folder:
        file, secret = Path(folder) / "base.sqlite3", new_key()
        config = {"base": str(file), "folder": folder, "key": secret}
        base.build(file, sizes, ami_port=1, box=SecretBox([secret]))
        raw = _raw_query(file, sizes, calls)
        relayed = uvloop.run(_measured("relay", config, sizes, rate=rate, calls=calls))
        popped = uvloop.run(_measured("ours", config, sizes, rate=rate, calls=calls))
    what = f"{screens} screens, {customers:,} customers, {rate:g} calls/s"
    late = calls - sum(seconds < 1.0 for seconds in popped)
    rows = [_row(share, what, popped, relayed, raw) for share in (50, 99)]
    return [*rows, _said(f"pops lost or later than 1 s, {what}", calls, late, "pops", 0, None)]


def _row(
    share: int, what: str, popped: list[float], relayed: list[float], raw: list[float]
) -> dict[str, Any]:
    value, relay, query = (_share(times, share) * 1000 for times in (popped, relayed, raw))
    name = f"AMI to pop p{share}, {what} (relay {relay:.2f} + card query {query:.2f} ms)"
    ratio = round(value / (relay + query), 2)
    return _said(name, len(popped), round(value, 3), "ms", round(relay + query, 3), ratio)


def _said(  # noqa: PLR0917 - a line of the table, in its order
    name: str, n: int, value: float, unit: str, floor: float, ratio: float | None
) -> dict[str, Any]:
    return {
        "name": name,
        "n": n,
        "value": value,
        "unit": unit,
        "floor": floor,
        "ratio": ratio,
        "machine": f"{platform.machine()} {platform.system()} Python {platform.python_version()}",
    }


def _share(times: list[float], share: int) -> float:
    return quantiles(times, n=100, method="inclusive")[share - 1]


def _raw_query(file: Path, sizes: base.Sizes, count: int) -> list[float]:
    """The statements of a known caller's card, one after the other, by the driver alone."""
    connection = sqlite3.connect(file, isolation_level=None)
    dialect = sqlite.dialect()
    first = Statement(queries.candidates(), dialect)
    rest = [
        Statement(build(), dialect)
        for build in (
            queries.outcomes, queries.customer, queries.companies, queries.calls_of_customer,
            queries.notes, queries.promises,
        )
    ]  # fmt: skip
    times = []
    for turn in range(count):
        caller = turn * 7919 % sizes.callers
        number = base.number_of(caller)
        begun = time.perf_counter()
        found = connection.execute(first.text, first.arguments(e164=number)).fetchall()
        whose = UUID(found[0][0])
        for statement in rest:
            given = statement.arguments(customer=whose)
            connection.execute(statement.text, given).fetchall()
        times.append(time.perf_counter() - begun)
    connection.close()
    return times


class Pbx:
    """Speaks AMI to whoever logs in."""

    def __init__(self) -> None:
        self.writer: asyncio.StreamWriter | None = None
        self.ready = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        while raw := await _block(reader):
            headers = dict(line.split(": ", 1) for line in raw.split("\r\n") if ": " in line)
            name, key = headers["Action"], f"ActionID: {headers.get('ActionID', '')}\r\n"
            extra = "Challenge: 1\r\n" if name == "Challenge" else ""
            writer.write(f"Response: Success\r\n{key}{extra}\r\n".encode())
            if name in {"CoreShowChannels", "QueueStatus", "DeviceStateList"}:
                event = f"Event: {name}Complete\r\n{key}EventList: Complete\r\nListItems: 0\r\n\r\n"
                writer.write(event.encode())
            if name in {"Login", "DeviceStateList"}:
                self.writer = writer
            if name == "DeviceStateList" or (name == "Login" and "ActionID" not in headers):
                self.ready.set()


async def _block(reader: asyncio.StreamReader) -> str:
    try:
        return (await reader.readuntil(b"\r\n\r\n")).decode()
    except (asyncio.IncompleteReadError, ConnectionError):
        return ""


@asynccontextmanager
async def _side(name: str, config: dict[str, str]):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench._pops_sides", name, json.dumps(config),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        yield int(await process.stdout.readline())
    finally:
        process.terminate()
        await process.wait()


async def _measured(
    name: str, config: dict[str, str], sizes: base.Sizes, *, rate: float, calls: int
) -> list[float]:
    """Return the seconds of each call from its bytes to the pop at the first agent it rings."""
    pbx = Pbx()
    async with await asyncio.start_server(pbx.serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with sqlite3.connect(config["base"]) as connection:
            connection.execute("UPDATE pbxs SET port = ?", (port,))
        async with _side(name, {**config, "ami": str(port)}) as socket_port:
            arrived: dict[int, asyncio.Future[float]] = {}
            screens = [await _screen(socket_port, index, arrived) for index in range(sizes.screens)]
            await pbx.ready.wait()
            await asyncio.sleep(0.5)
            times = await _play(pbx, arrived, sizes, rate=rate, calls=calls)
            for socket, reading in screens:
                reading.cancel()
                socket.transport.abort()
            return times


async def _screen(
    port: int, index: int, arrived: dict[int, "asyncio.Future[float]"]
) -> tuple[ClientConnection, "asyncio.Task[None]"]:
    headers = {"Cookie": f"{COOKIE}={base.cookie_of(index)}", "Origin": "http://127.0.0.1:8080"}
    socket = await connect(
        f"ws://127.0.0.1:{port}/", additional_headers=headers, compression=None, ping_interval=None
    )
    hello = {"v": 1, "type": "hello", "extension": base.extension_of(index)}
    await socket.send(json.dumps(hello))

    async def read() -> None:
        async for text in socket:
            now = time.perf_counter()
            if '"pop.opened"' in text and not (future := arrived[index]).done():
                future.set_result(now)

    return socket, asyncio.create_task(read())


async def _play(
    pbx: Pbx,
    arrived: dict[int, "asyncio.Future[float]"],
    sizes: base.Sizes,
    *,
    rate: float,
    calls: int,
) -> list[float]:
    """Have calls come at an even rate, each ringing at two agents nobody else rings at."""
    loop = asyncio.get_running_loop()
    assert pbx.writer is not None
    begun: list[tuple[float, asyncio.Future[float]]] = []
    start = loop.time()
    ends: list[asyncio.TimerHandle] = []
    acts = _acts()
    for call in range(calls):
        await asyncio.sleep(max(0.0, start + call / rate - loop.time()))
        first = call * 2 % (sizes.screens - sizes.screens % 2)
        future: asyncio.Future[float] = loop.create_future()
        arrived[first], arrived[first + 1] = future, loop.create_future()
        ring, end = (_told(act, call, first, sizes) for act in acts)
        begun.append((time.perf_counter(), future))
        pbx.writer.write(ring)
        ends.append(loop.call_later(QUEUE_SECONDS, pbx.writer.write, end))
    await asyncio.wait([future for _, future in begun], timeout=QUEUE_SECONDS + 2)
    await asyncio.sleep(QUEUE_SECONDS)
    return [f.result() - at if f.done() else float("inf") for at, f in begun]


def _acts() -> list[bytes]:
    """The ringing and the hanging up of a captured call."""
    acts: list[list[bytes]] = [[]]
    last = 0.0
    for block in STREAM.read_bytes().replace(b"\r\n", b"\n").split(b"\n\n"):
        stamp = re.search(rb"^Timestamp: ([\d.]+)$", block, re.MULTILINE)
        if stamp is None or not block.strip().startswith(b"Event: "):
            continue
        if last and float(stamp[1]) - last > 0.25:
            acts.append([])
        last = float(stamp[1])
        acts[-1].append(block.strip().replace(b"\n", b"\r\n") + b"\r\n\r\n")
    return [b"".join(act) for act in acts]


def _told(act: bytes, call: int, screen: int, sizes: base.Sizes) -> bytes:
    """The act as another call, of another customer, at two other phones."""
    caller = base.number_of(call * 7919 % sizes.callers).encode()
    agents = {b"101": screen, b"102": screen + 1}
    now = time.time()

    def uniqueid(found: re.Match[bytes]) -> bytes:
        return b"%s.%d" % (found[1], call * 10 + int(found[2]))

    def channel(found: re.Match[bytes]) -> bytes:
        return b"-%08x" % (call * 10 + int(found[1], 16))

    text = re.sub(rb"\b(17\d{8})\.(\d{1,3})(?=\r)", uniqueid, act)
    text = re.sub(rb"^Timestamp: .*(?=\r)", b"Timestamp: %.6f" % now, text, flags=re.MULTILINE)
    text = re.sub(rb"-(000000\d\d)\b", channel, text).replace(CAPTURED_CALLER, caller)
    for extension, index in agents.items():
        text = re.sub(rb"\b%s\b" % extension, base.extension_of(index).encode(), text)
    return text
