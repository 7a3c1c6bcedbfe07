"""Keeps what was told of callers' consent behind everything else: no refusal waits for the base."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

import storage.calls
import storage.consents
from pbx_bridge.call import Call
from storage.consents import CallConsent, ConsentSource
from storage.database import Database
from storage.errors import NotFound, NotLeader
from storage.rules.retention import Consent
from web.keys import Discards

log = structlog.get_logger(__name__)

MOST = 2000  # that wait for the base


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What somebody told of a call; `heard_at` is the PBX's time of a word of the dialplan."""

    call: UUID
    state: Consent
    source: ConsentSource
    by: UUID | None = None
    at: datetime
    heard_at: datetime | None = None


class ConsentWords:
    """What is not stored yet, and what was before a restart.

    `discards` is told of each (after commit).
    """

    def __init__(self, database: Database) -> None:
        self.discards: Discards = lambda _call, _consent: None
        self._database = database
        self._waiting: list[Told] = []  # in the order in which it was told
        self._turn = asyncio.Lock()
        self._heard: dict[UUID, datetime] = {}  # the last word of the dialplan, by its time

    def keep(self, told: Told) -> None:
        """Have it stored with the next ones."""
        self._waiting.append(told)
        while len(self._waiting) > MOST:
            lost = self._waiting.pop(0)
            log.error("consent_words.lost", call=str(lost.call))

    def is_news(self, call: Call) -> bool:
        """Whether the dialplan has told something of the call since it was asked last."""
        before = [self._heard[key] for key in (call.id, *call.aliases) if key in self._heard]
        if call.consent_at is None or any(call.consent_at <= at for at in before):
            return False
        self._heard[call.id] = call.consent_at
        return True

    def heard(self, call: UUID, at: datetime | None) -> None:
        """Know that a word of the dialplan was taken before we came."""
        if at is not None:
            self._heard[call] = at

    def forget_unless(self, is_known: Callable[[UUID], bool]) -> None:
        """Forget what was heard of calls that nobody tells of any longer."""
        self._heard = {key: at for key, at in self._heard.items() if is_known(key)}

    async def store(self) -> None:
        """Store what waits; what belongs to a call that is not stored yet waits on."""
        async with self._turn:
            for told in list(self._waiting):
                try:
                    await self._tell(told)
                except NotFound:
                    continue
                except NotLeader:
                    return
                if told in self._waiting:
                    self._waiting.remove(told)

    async def last(self, calls: Collection[UUID]) -> dict[UUID, CallConsent]:
        """Return what is stored of these calls, where something is."""
        async with self._database.reading() as session:
            return await storage.consents.of_calls(session, calls)

    async def last_of(self, call: UUID) -> CallConsent | None:
        """Return what is stored of a call."""
        return (await self.last({call})).get(call)

    async def _tell(self, told: Told) -> None:
        async with self._database.writing() as session:
            call = await storage.calls.resolve(session, told.call)
            await storage.consents.tell(
                session, call, told.state, source=told.source, by=told.by, now=told.at,
                heard_at=told.heard_at,
            )  # fmt: skip
        self.discards(call, told.state)
