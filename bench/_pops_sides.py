"""The two sides that the pops' benchmark measures, each a process: ours, and a bare relay."""

import asyncio
import json
import signal
import sys
from pathlib import Path

import orjson
import uvloop
from aiohttp import web
from prometheus_client import CollectorRegistry
from websockets.asyncio.server import ServerConnection, broadcast, serve

from storage.database import Database
from storage.secrets import SecretBox
from web import logs, pauses
from web.config import Settings
from web.journey import Bridge
from web.keys import DATABASE, SETTINGS
from web.live.metrics import Metrics


async def ours(config: dict[str, str]) -> None:
    """The whole journey and the live socket, without pages."""
    settings = Settings(
        secret_key=config["key"],
        data_dir=Path(config["folder"]),
        database_url=f"sqlite+aiosqlite:///{config['base']}",
        live_port=0,
    )
    async with Database(settings.database_url) as database:
        box = SecretBox(settings.secret_keys)
        bridge = Bridge(
            settings=settings,
            database=database,
            secrets=box,
            metrics=Metrics(CollectorRegistry()),
            aside=True,
        )
        app = web.Application()
        app[DATABASE], app[SETTINGS] = database, settings
        await bridge.start(app)
        async with pauses.kept_short():
            print(bridge.port, flush=True)
            await _told_to_stop()
        await bridge.stop()


async def relay(config: dict[str, str]) -> None:
    """Asterisk's bytes to the socket of the agent that an AgentCalled names, and nothing else."""
    screens: dict[bytes, ServerConnection] = {}

    async def talk(connection: ServerConnection) -> None:
        hello = orjson.loads(await connection.recv())
        screens[hello["extension"].encode()] = connection
        await connection.wait_closed()

    async def listen() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(config["ami"]))
        writer.write(b"Action: Login\r\n\r\n")
        rest = b""
        while data := await reader.read(65536):
            *blocks, rest = (rest + data).split(b"\r\n\r\n")
            for block in blocks:
                if block.startswith(b"Event: AgentCalled"):
                    start = block.index(b"Interface: PJSIP/") + 17
                    extension = block[start : block.index(b"\r\n", start)]
                    screen = screens.get(extension)
                    if screen is not None:
                        text = b'{"type":"pop.opened","extension":"%s"}' % extension
                        broadcast((screen,), text, text=True)

    async with serve(talk, "127.0.0.1", 0, compression=None) as server:
        task = asyncio.create_task(listen())
        print(server.sockets[0].getsockname()[1], flush=True)
        await _told_to_stop()
        task.cancel()


async def _told_to_stop() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()


if __name__ == "__main__":
    logs.set_up("warning", "console")
    side = {"ours": ours, "relay": relay}[sys.argv[1]]
    uvloop.run(side(json.loads(sys.argv[2])))
