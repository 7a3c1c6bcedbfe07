"""What changed, stored together in one commit: calls, and what agents were."""

import asyncio
import pickle
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TypeAlias
from uuid import UUID

import storage.calls
import storage.positions
import storage.presences
import storage.queues
from pbx_bridge.call import Call, Leg, Offer, Party, RecordingFile, RecordingPause, Segment
from storage.background_process import AnyBackground, BackgroundProcess
from storage.calls import CallContext
from storage.crossing import crosses
from storage.database import Database
from storage.positions import Position
from storage.presences import Interval

Told: TypeAlias = tuple[Call, CallContext]
Queues: TypeAlias = Collection[tuple[UUID, str]]
Write: TypeAlias = Callable[..., Awaitable[None]]

crosses(Call, Leg, Segment, Party, Offer, RecordingFile, RecordingPause, CallContext, Position)
crosses(Interval)


class Groups:
    """Stores a group of calls whole or not at all.

    A group that was under way when the process died is not stored, or is and will be once more:
    the same calls stored again are the same calls.
    """

    def __init__(self, background: AnyBackground) -> None:
        self._background = background

    async def put(self, told: Iterable[Told], queues: Queues, positions: list[Position]) -> None:
        """Store calls, queues that are new, and how far each journal is stored by that."""
        work = partial(_write, queues=queues, positions=positions)
        if isinstance(self._background, BackgroundProcess) and self._background.is_ready:
            packed = await _packed(told)
            await self._background.run(partial(_write_packed, packed=packed, rest=work))
        else:
            await self._background.run(partial(work, told=list(told)))


async def write_presences(
    database: Database,
    begun: list[Interval],
    ended: Mapping[UUID, datetime],
    queues: Queues,
    fresh: Collection[UUID],
) -> None:
    """Store what agents were, and queues that are new; of `fresh` PBXs what is open has ended."""
    async with database.writing() as session:
        for pbx in fresh:
            position = await storage.positions.of(session, pbx)
            heard = position.heard_at if position else datetime.now(UTC)
            await storage.presences.break_off(session, pbx, at=heard)
        for pbx, queue in sorted(queues):
            await storage.queues.ensure(session, pbx, queue)
        await storage.presences.write(session, begun, ended)


def seated(call: Call, users: Mapping[tuple[UUID, str], UUID]) -> dict[tuple[UUID, str], UUID]:
    """Return of `users` those at phones that take part in the call."""
    phones = {leg.extension for leg in call.legs} | {offer.extension for offer in call.offers}
    phones.update(party.extension for segment in call.segments for party in segment.parties)
    keys = [(call.pbx, phone) for phone in phones if phone]
    return {key: users[key] for key in keys if key in users}


async def _packed(told: Iterable[Told]) -> list[bytes]:
    packed = []
    for call, context in told:
        one = call, replace(context, users=seated(call, context.users))
        packed.append(pickle.dumps(one, pickle.HIGHEST_PROTOCOL))
        await asyncio.sleep(0)  # whatever else the loop has to do goes first
    return packed


async def _write_packed(database: Database, *, packed: list[bytes], rest: Write) -> None:
    await rest(database, told=[pickle.loads(one) for one in packed])  # noqa: S301 - our parent's


async def _write(
    database: Database, *, told: list[Told], queues: Queues, positions: list[Position]
) -> None:
    async with database.writing() as session:
        for pbx, name in queues:
            await storage.queues.ensure(session, pbx, name)
        if told:
            await storage.calls.save_many(session, told)
        await storage.positions.put(session, positions)
