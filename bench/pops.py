"""From the PBX's bytes to the right agent's pop, beside a bare relay and the raw card query."""

import asyncio
import json
import platform
import sqlite3
import sys
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from statistics import quantiles
from typing import Any
from uuid import UUID

import uvloop
from sqlalchemy.dialects import sqlite
from websockets.asyncio.client import ClientConnection, connect

from bench import _pops_base as base
from bench import _pops_script as script
from storage.cards import owed, queries
from storage.cards.statements import Statement
from storage.secrets import SecretBox, new_key
from web.auth import COOKIE

QUEUE_SECONDS = 1.0  # each call rings so long
CALLERS = 1000


LOADS = ((500, 50.0, 1000), (2000, 200.0, 2000))  # screens, calls a second, calls


def run(
    *, customers: int = 1_000_000, loads: tuple[tuple[int, float, int], ...] = LOADS
) -> list[dict[str, Any]]:
    """Measure; times are milliseconds, the floor is (bare relay + raw card query) of this run."""
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="ringbook-bench-") as folder:
        file, secret = Path(folder) / "base.sqlite3", new_key()
        config = {"base": str(file), "folder": folder, "key": secret}
        sizes = base.Sizes(customers, max(load[0] for load in loads), min(CALLERS, customers))
        base.build(file, sizes, ami_port=1, box=SecretBox([secret]))
        for screens, rate, calls in loads:
            load = replace(sizes, screens=screens)
            raw = _raw_query(file, load, calls, rate=rate)
            relayed = uvloop.run(_measured("relay", config, load, rate=rate, calls=calls))
            popped = uvloop.run(_measured("ours", config, load, rate=rate, calls=calls))
            what = f"{screens:,} screens, {customers:,} customers, {rate:g} calls/s"
            late = calls - sum(seconds < 1.0 for seconds in popped)
            rows += [_row(share, what, popped, relayed, raw) for share in (50, 99)]
            rows.append(_said(f"pops lost or later than 1 s, {what}", calls, late, "pops", 0, None))
    return rows


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


def _raw_query(file: Path, sizes: base.Sizes, count: int, *, rate: float) -> list[float]:
    """The statements of a known caller's card by the driver alone, as often as calls come.

    One right after the other they would find the processor's caches warm, as no call does.
    """
    connection = sqlite3.connect(file, isolation_level=None)
    dialect = sqlite.dialect()
    first = Statement(queries.candidates(), dialect)
    rest = [
        Statement(build(), dialect)
        for build in (
            queries.outcomes, queries.customer, queries.companies, queries.calls_of_customer,
            queries.notes, owed.owed,
        )
    ]  # fmt: skip
    times = []
    for turn in range(count):
        time.sleep(1 / rate)
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
            if name in LISTS:
                event = f"Event: {name}Complete\r\n{key}EventList: Complete\r\nListItems: 0\r\n\r\n"
                writer.write(event.encode())
            if name in {"Login", "DeviceStateList"}:
                self.writer = writer
            if name == "DeviceStateList" or (name == "Login" and "ActionID" not in headers):
                self.ready.set()


LISTS = {"BridgeList", "CoreShowChannels", "QueueStatus", "ParkedCalls", "DeviceStateList"}


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
    acts = script.acts()
    for call in range(calls):
        await asyncio.sleep(max(0.0, start + call / rate - loop.time()))
        first = call * 2 % (sizes.screens - sizes.screens % 2)
        future: asyncio.Future[float] = loop.create_future()
        arrived[first], arrived[first + 1] = future, loop.create_future()
        ring, end = (script.told(act, call, first, sizes) for act in acts)
        begun.append((time.perf_counter(), future))
        pbx.writer.write(ring)
        ends.append(loop.call_later(QUEUE_SECONDS, pbx.writer.write, end))
    await asyncio.wait([future for _, future in begun], timeout=QUEUE_SECONDS + 2)
    await asyncio.sleep(QUEUE_SECONDS)
    return [f.result() - at if f.done() else float("inf") for at, f in begun]
