"""Events that fit no transition, counted on their way and stored behind the pops.

A flood costs a look into a dictionary for each: its kinds are few, and of each kind and hour only
the first are kept one by one.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

import storage.oddities
from pbx_bridge.ami import Message
from pbx_bridge.changes import ImpossibleEvent
from pbx_bridge.journal import Entry, Range
from pbx_bridge.journal import Kind as EntryKind
from pbx_bridge.matching import msgid
from storage.database import Database
from storage.oddities import FIRST, Case, Tally
from web.config import Settings
from web.journey import accounts, blackbox
from web.journey.seats import Line
from web.live.metrics import Metrics

log = structlog.get_logger(__name__)

STORE_SECONDS = 5.0  # what gathers in it is stored together
MOST_KINDS = 500  # that wait; further ones are counted together
FURTHER = msgid("further kinds")
SAME = timedelta(seconds=5)  # between the arrival of a message and its place in the journal
_HOUR = 3600

Kind = tuple[UUID, int, str, str]  # PBX, hour, event, why


@dataclass(slots=True)
class _Count:
    """Events of one kind that are not stored yet."""

    first_at: float
    last_at: float
    count: int = 0
    cases: list[Case] = field(default_factory=list)


class Oddities:
    """Takes note of odd events; nobody waits for it."""

    def __init__(self, database: Database, metrics: Metrics) -> None:
        self._metrics = metrics
        self._database = database
        self._waiting: dict[Kind, _Count] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._storing: asyncio.Task[None] | None = None

    def note(self, line: Line, odd: ImpossibleEvent, message: Message | None) -> None:
        """Count the event that the message was, and store it soon; None is left to another node."""
        self._metrics.impossible.labels(line.name).inc()
        if message is None:
            return
        at = message.arrived_at
        kind = (line.id, int(at // _HOUR), message.name, odd.why)
        one = self._waiting.get(kind)
        if one is None:
            one = self._begin(kind, at)
        one.count += 1
        one.last_at = at
        if len(one.cases) < FIRST:
            moment = datetime.fromtimestamp(at, UTC)
            one.cases.append(Case(at=moment, n=message.n, call=odd.call))
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(STORE_SECONDS, self._store_soon)

    async def close(self) -> None:
        """Store the rest, if the base takes it."""
        if self._timer is not None:
            self._timer.cancel()
        if self._storing is not None:
            await self._storing
        if self._waiting:
            await self._store()
        if self._timer is not None:
            self._timer.cancel()

    def _begin(self, kind: Kind, at: float) -> _Count:
        if len(self._waiting) >= MOST_KINDS:
            kind = (kind[0], kind[1], FURTHER, FURTHER)
        return self._waiting.setdefault(kind, _Count(at, at))

    def _store_soon(self) -> None:
        self._timer = None
        self._storing = asyncio.create_task(self._store(), name="oddities")

    async def _store(self) -> None:
        taken, self._waiting = self._waiting, {}
        try:
            async with self._database.writing() as session:
                now = datetime.now(UTC)
                await storage.oddities.add(session, map(_tally, taken, taken.values()), now=now)
        except Exception as error:  # noqa: BLE001 - whatever it is: they are tried again
            log.warning("oddities.not_stored", kinds=len(taken), error=type(error).__name__)
            self._put_back(taken)

    def _put_back(self, taken: dict[Kind, _Count]) -> None:
        newer, self._waiting = self._waiting, taken
        for kind, one in newer.items():
            there = taken.get(kind)
            if there is None:
                there = self._begin(kind, one.first_at)
            there.count += one.count
            there.last_at = one.last_at
            there.cases = (there.cases + one.cases)[:FIRST]
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(STORE_SECONDS, self._store_soon)


async def message(settings: Settings, pbx: UUID, n: int, at: datetime) -> Entry | None:
    """Read the message of this number and time; None where this node's journal does not hold it."""
    around = Range(first=n, last=n, since=at - SAME, until=at + SAME)

    def read() -> Entry | None:
        found = blackbox.reader(settings, pbx).entries(around)
        return next((entry for entry in found if entry.kind is EntryKind.MESSAGE), None)

    return await accounts.in_turn(read)


def _tally(kind: Kind, one: _Count) -> Tally:
    pbx, _, event, why = kind
    return Tally(
        pbx=pbx,
        event=event,
        why=why,
        count=one.count,
        first_at=datetime.fromtimestamp(one.first_at, UTC),
        last_at=datetime.fromtimestamp(one.last_at, UTC),
        cases=tuple(one.cases),
    )
