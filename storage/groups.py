"""Changed calls, stored together in one commit: on a thread, or in a process of its own."""

import asyncio
import pickle
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol
from uuid import UUID

from sqlalchemy.engine import URL

import storage.calls
import storage.positions
import storage.queues
from pbx_bridge.call import Call
from storage.aside import Aside
from storage.background import Background
from storage.calls import CallContext
from storage.database import Database
from storage.positions import Position

Told = tuple[Call, CallContext]
Queues = Collection[tuple[UUID, str]]


class Groups(Protocol):
    """Stores a group of calls whole or not at all."""

    async def put(self, told: Iterable[Told], queues: Queues, positions: list[Position]) -> None:
        """Store calls, queues that are new, and how far each journal is stored by that."""

    async def close(self) -> None:
        """Let go of the base; what is under way ends first or is cut."""


class ThreadGroups:
    """Stores beside the caller's loop, in turns with it."""

    def __init__(self, background: Background) -> None:
        self._background = background

    async def put(self, told: Iterable[Told], queues: Queues, positions: list[Position]) -> None:
        """Store the group."""
        work = partial(_write, told=list(told), queues=queues, positions=positions)
        await self._background.run(work)

    async def close(self) -> None:
        """The thread is another's, who ends it."""


class AsideGroups:
    """Stores in a process of its own, on SQLite; on the thread until it is there.

    A group that was under way when the process died is not stored, or is and will be once more:
    the same calls stored again are the same calls.
    """

    def __init__(self, url: URL, meanwhile: ThreadGroups) -> None:
        self.aside = Aside(partial(_Writer, str(url)), name="storing")
        self._meanwhile = meanwhile

    async def put(self, told: Iterable[Told], queues: Queues, positions: list[Position]) -> None:
        """Store the group; raises AsideLost where the process died meanwhile."""
        self.aside.start()
        if not self.aside.is_ready:
            await self._meanwhile.put(told, queues, positions)
            return
        packed = []
        for call, context in told:
            one = call, replace(context, users=seated(call, context.users))
            packed.append(pickle.dumps(one, pickle.HIGHEST_PROTOCOL))
            await asyncio.sleep(0)  # whatever else the loop has to do goes first
        await self.aside.ask(packed, queues, positions)

    async def close(self) -> None:
        """End the process."""
        await self.aside.close()


def groups_of(database: Database, background: Background, *, aside: bool) -> Groups:
    """Return what stores in this base; `aside` asks for a process where the base can have one.

    On PostgreSQL the guard of who leads is asked in each transaction, and it lives here.
    """
    thread = ThreadGroups(background)
    return AsideGroups(database.url, thread) if aside and database.is_sqlite else thread


def seated(call: Call, users: Mapping[tuple[UUID, str], UUID]) -> dict[tuple[UUID, str], UUID]:
    """Return of `users` those at phones that take part in the call."""
    phones = {leg.extension for leg in call.legs} | {offer.extension for offer in call.offers}
    phones.update(party.extension for segment in call.segments for party in segment.parties)
    keys = [(call.pbx, phone) for phone in phones if phone]
    return {key: users[key] for key in keys if key in users}


class _Writer:
    """The work of the process."""

    def __init__(self, url: str) -> None:
        self._runner = asyncio.Runner()
        self._database = Database(url, may_wait=True)

    def __call__(self, packed: Sequence[bytes], queues: Queues, positions: list[Position]) -> None:
        told: list[Told] = [pickle.loads(one) for one in packed]  # noqa: S301 - of our own parent
        work = _write(self._database, told=told, queues=queues, positions=positions)
        self._runner.run(work)


async def _write(
    database: Database, *, told: list[Told], queues: Queues, positions: list[Position]
) -> None:
    async with database.writing() as session:
        for pbx, name in queues:
            await storage.queues.ensure(session, pbx, name)
        if told:
            await storage.calls.save_many(session, told)
        await storage.positions.put(session, positions)
