"""What is done behind everything else, while this node leads: books, folders, recordings."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress

import structlog

from recordings.pickup import Pickup
from recordings.renditions import Renditions
from storage.database import Database
from storage.secrets import SecretBox
from web.config import Settings
from web.journey.books.recovery import Recovery
from web.journey.books.rounds import Rounds
from web.journey.bridge import Bridge
from web.journey.leader import Leader
from web.journey.scans import Scans
from web.picking import Picking
from web.shelves import transcribing
from web.spool_hosts import SpoolHosts

log = structlog.get_logger(__name__)

FOLDERS_SECONDS = 30.0  # how soon another recordings folder counts
PICKUP_SECONDS = 2.0  # between tries to read what was waited for


@asynccontextmanager
async def running(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Have it run beside the block, and end with it."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def bookkeeping(
    settings: Settings, base: Database, secrets: SecretBox, bridge: Bridge, pickup: Pickup, *,
    hosts: SpoolHosts,
) -> tuple[Coroutine[None, None, None], ...]:  # fmt: skip
    """What is done with books, folders and recordings behind everything else."""
    leads, metrics = bridge.leads, bridge.metrics
    recovery = Recovery(
        base, secrets, links=bridge.links, leads=leads, pickup=pickup, metrics=metrics
    )
    rounds = Rounds(
        base, secrets, minutes=settings.reconcile_minutes, leads=leads, pickup=pickup,
        metrics=metrics,
    )  # fmt: skip
    scans = Scans(base, pickup, minutes=settings.spool_scan_minutes, leads=leads)
    return (
        recovery.run(), rounds.run(), scans.run(), _follow_folders(pickup, base, hosts),
        Picking(base, leads=leads).run(), *transcribing(settings, base, leads),
    )  # fmt: skip


async def pick_up(pickup: Pickup, renditions: Renditions, leader: Leader) -> None:
    """Fetch recordings while this node leads, beginning with those that were waited for."""
    await leader.won.wait()
    while True:
        try:
            await pickup.resume()
        except Exception:
            log.exception("pickup_not_resumed")
            await asyncio.sleep(PICKUP_SECONDS)
        else:
            break
    async with running(renditions.run()):
        await pickup.run()


async def _follow_folders(pickup: Pickup, base: Database, hosts: SpoolHosts) -> None:
    while True:
        await asyncio.sleep(FOLDERS_SECONDS)
        try:
            pickup.folders = await hosts.folders(base)
        except Exception:
            log.exception("folders_unread")
