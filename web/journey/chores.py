"""What is done behind everything else, while this node leads: books, folders, recordings."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from uuid import UUID

import structlog

import storage.pbxs
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
    settings: Settings, base: Database, secrets: SecretBox, bridge: Bridge, pickup: Pickup
) -> tuple[Coroutine[None, None, None], ...]:
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
        recovery.run(), rounds.run(), scans.run(), _follow_folders(pickup, base),
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


async def folders(base: Database) -> Mapping[UUID, tuple[str, Path]]:
    """Return where each PBX's recordings lie: as it says, and as we see it."""
    async with base.reading() as session:
        return {
            pbx.id: (pbx.recordings_there, Path(pbx.recordings_here))
            for pbx in await storage.pbxs.listed(session)
            if pbx.recordings_there and pbx.recordings_here
        }


async def _follow_folders(pickup: Pickup, base: Database) -> None:
    while True:
        await asyncio.sleep(FOLDERS_SECONDS)
        try:
            pickup.folders = await folders(base)
        except Exception:
            log.exception("folders_unread")
