"""One process that is everything: base, PBX links, live socket, recordings and pages."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from aiohttp import web

import storage.pbxs
import storage.setups
import storage.startup
from recordings.pickup import Pickup
from recordings.shelf import Shelf
from storage.database import Database
from storage.secrets import SecretBox
from web import app as application
from web import pauses
from web.config import MissingSetting, Settings
from web.journey.bridge import Bridge
from web.journey.chores import bookkeeping, pick_up, running
from web.journey.controls import Controls
from web.journey.leader import Leader
from web.journey.nights import Nights
from web.journey.restored import remember_notes
from web.journey.shortages import Shortages
from web.keys import Discards
from web.live.metrics import Metrics
from web.renditions import making_renditions
from web.shelves import floor_of, shelf_of
from web.spool_hosts import SpoolHosts

log = structlog.get_logger(__name__)

SHUTDOWN_SECONDS = 3.0  # how long open requests may go on


@dataclass(frozen=True, slots=True)
class Serving:
    """What runs: for the command line to print, and for tests to look into."""

    app: web.Application
    bridge: Bridge
    database: Database
    port: int
    setup_token: str | None  # to make the first administrator; printed once
    leader: Leader


@asynccontextmanager
async def serving(
    settings: Settings,
    *,
    database: Database | None = None,
    metrics: Metrics | None = None,
    aside: bool = False,
) -> AsyncIterator[Serving]:
    """Run Ringbook while the block runs; `aside` lets it have processes of its own.

    Raises MissingSetting, DatabaseAbsent or DatabaseBusy with a sentence that says what to do.
    """
    async with AsyncExitStack() as stack:
        secrets = _secrets(settings)
        base = await stack.enter_async_context(_base(settings, database))
        metrics, name = metrics or Metrics(), _name(settings)
        leader = await stack.enter_async_context(Leader(base, name=name, metrics=metrics))
        token = await _prepare(base, settings, secrets) if leader.won.is_set() else None
        shelf = shelf_of(settings)
        made = making_renditions(settings, base, shelf, aside=aside)
        renditions = await stack.enter_async_context(made)
        hosts = await stack.enter_async_context(SpoolHosts(settings))
        pickup = Pickup(
            base, shelf, await hosts.folders(base), clears=settings.spool_clear,
            on_shelved=renditions.expect, raw_channels=settings.raw_channels,
        )  # fmt: skip
        bridge = Bridge(
            settings=settings, database=base, secrets=secrets, pickup=pickup, metrics=metrics,
            leader=leader, aside=aside,
        )  # fmt: skip
        await remember_notes(base, bridge.screens.hand_overs)
        room = Shortages(shelf, pickup, floor_of(settings), gauge=metrics.room)
        nights, discards = _nights(settings, base, shelf, pickup, bridge)
        app = application.build(
            settings, base, bridge, bridge.leads, controls=Controls.of(bridge, base), pickup=pickup,
            renditions=renditions, shortages=room.seen, discards=discards,
        )  # fmt: skip
        await stack.enter_async_context(running(pick_up(pickup, renditions, leader)))
        stack.push_async_callback(bridge.stop)
        await bridge.start(app)
        books = bookkeeping(settings, base, secrets, bridge, pickup, hosts=hosts)
        for work in (room.run(), nights.run(), *books):
            await stack.enter_async_context(running(work))
        port = await stack.enter_async_context(_pages(app, settings))
        await stack.enter_async_context(pauses.kept_short())
        yield Serving(app, bridge, base, port, token, leader)


def _nights(
    settings: Settings, base: Database, shelf: Shelf, pickup: Pickup, bridge: Bridge
) -> tuple[Nights, Discards]:
    folder, hour = settings.data_dir, settings.night_hour
    nights = Nights(base, shelf, pickup, folder, hour=hour, leads=bridge.leads)
    return nights, bridge.consents.telling(nights.discard)


def stop_signal() -> asyncio.Event:
    """Return what Ctrl-C or the service manager sets."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    return stopped


async def until_stopped() -> None:
    """Wait for Ctrl-C or the service manager."""
    await stop_signal().wait()


@asynccontextmanager
async def _base(settings: Settings, given: Database | None) -> AsyncIterator[Database]:
    """Open the base that the settings name, unless the caller has opened one."""
    if given is not None:
        yield given
        return
    async with storage.startup.opened(settings.database_url, alone=True) as opened:
        yield opened


def _name(settings: Settings) -> str:
    return f"{socket.gethostname()}:{settings.port}, process {os.getpid()}"


def _secrets(settings: Settings) -> SecretBox:
    try:
        return SecretBox(settings.secret_keys)
    except ValueError:
        raise MissingSetting(
            "RINGBOOK_SECRET_KEY is no key: `ringbook secret-key` prints a fresh one"
        ) from None


async def _prepare(base: Database, settings: Settings, secrets: SecretBox) -> str | None:
    async with base.writing() as session:
        now = datetime.now(UTC)
        await storage.pbxs.sync_from_file(session, settings.pbxs, secrets, now=now)
        return await storage.setups.ensure_setup_token(session)


@asynccontextmanager
async def _pages(app: web.Application, settings: Settings) -> AsyncIterator[int]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.host, settings.port)
        try:
            await site.start()
        except OSError as error:
            raise MissingSetting(
                f"RINGBOOK_PORT {settings.port} on {settings.host} cannot be used: {error.strerror}"
            ) from None
        [(_, port, *_rest)] = runner.addresses[:1]
        yield port
    finally:
        await runner.cleanup()
