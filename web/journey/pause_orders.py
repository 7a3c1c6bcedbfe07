"""Keeps who asked for pauses behind everything else: no pause waits for the base."""

import asyncio
from collections.abc import Collection
from uuid import UUID

import structlog

import storage.calls
import storage.recording_pauses
import storage.scripts
from storage.database import Database
from storage.errors import NotFound, NotLeader
from storage.recording_pauses import What, Wish

log = structlog.get_logger(__name__)

MOST = 2000  # that wait for the base


class PauseOrders:
    """The wishes that are not stored yet, and those that were before a restart."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[UUID, Wish] = {}
        self._turn = asyncio.Lock()

    def keep(self, wish: Wish) -> None:
        """Have it stored with the next ones, as it is now."""
        self._waiting[wish.id] = wish
        while len(self._waiting) > MOST:
            lost = self._waiting.pop(next(iter(self._waiting)))
            log.error("pause_orders.lost", call=str(lost.call_id))

    async def store(self) -> None:
        """Store what waits; what belongs to a call that is not stored yet waits on."""
        async with self._turn:
            await self._store()

    async def _store(self) -> None:
        for wish in list(self._waiting.values()):
            try:
                async with self._database.writing() as session:
                    call = await storage.calls.resolve(session, wish.call_id)
                    await storage.recording_pauses.keep(session, wish, call)
            except NotFound:
                continue
            except NotLeader:
                return
            if self._waiting.get(wish.id) is wish:
                del self._waiting[wish.id]

    async def last(self, calls: Collection[UUID]) -> dict[UUID, tuple[Wish, bool]]:
        """Return the pause that was asked for last in each call, where nobody ended it since.

        With it whether the call's script stands at a step that asks for card data.
        """
        if not calls:
            return {}
        async with self._database.reading() as session:
            found = await storage.recording_pauses.orders(session, calls)
            asking = await storage.scripts.asking_for_cards(session, list(found))
        last = {call: rows[-1][0] for call, rows in found.items()}
        return {
            call: (Wish(
                id=row.id, call_id=call, what=row.what, cause=row.cause, user_id=row.user_id,
                asked_at=row.asked_at, outcome=row.outcome, reason=row.reason, why=row.why,
                pauses=tuple(map(UUID, row.pauses)),
            ), call in asking)
            for call, row in last.items()
            if row.what is What.PAUSE
        }  # fmt: skip
