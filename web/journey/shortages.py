"""Room for recordings is watched: told on pages, by readiness, in the figures and the log."""

import asyncio

import structlog
from prometheus_client import Gauge

from recordings import shortages
from recordings.pickup import Pickup
from recordings.shelf import Shelf
from recordings.shortages import Floor, Level, Shortage

SECONDS = 10.0  # between looks

log = structlog.get_logger(__name__)


class Shortages:
    """What lacks room now, by a look every ten seconds."""

    def __init__(
        self,
        shelf: Shelf,
        pickup: Pickup,
        floor: Floor,
        *,
        gauge: Gauge | None = None,
    ) -> None:
        self.now: tuple[Shortage, ...] = ()
        self._shelf = shelf
        self._pickup = pickup
        self._floor = floor
        self._gauge = gauge

    def seen(self) -> tuple[Shortage, ...]:
        """Return what lacks room, as it was at the last look."""
        return self.now

    async def run(self) -> None:
        """Look for ever."""
        while True:
            try:
                await self.look()
            except Exception:
                log.exception("room_not_seen")
            await asyncio.sleep(SECONDS)

    async def look(self) -> None:
        """Look once, and say what changed."""
        folders, refused = self._pickup.folders, self._pickup.refused
        found = await asyncio.to_thread(
            shortages.look, self._shelf, folders, self._floor, refused=refused
        )
        was = {(one.pbx_id, one.level) for one in self.now}
        for one in found:
            if (one.pbx_id, one.level) not in was:
                place = str(one.pbx_id or "shelf")
                log.warning("little_room", place=place, level=one.level.value, free=one.free)
        self.now = found
        worst = {one.level for one in found} - {Level.UNREACHED}
        if self._gauge is not None:
            self._gauge.set(0 if Level.FULL in worst else 1 if worst else 2)
