"""What callers said to being recorded: heard, kept, and a refusal acted on."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import structlog

import storage.calls
import storage.consents
from pbx_bridge import handling, recorders
from pbx_bridge.ami import AmiError, Link
from pbx_bridge.call import Call
from storage.consents import ConsentSource
from storage.database import Database
from storage.errors import NotFound
from storage.rules.retention import Consent
from web.journey.ways import Ways
from web.keys import Discards
from web.live.routines import Errands

log = structlog.get_logger(__name__)


class Consents:
    """Keeps what the dialplan told, and stops what still records of a caller who refused.

    `ways` comes before anything is asked; `discards` is told of each refusal (after commit).
    """

    ways: Ways

    def __init__(self, database: Database) -> None:
        self.discards: Discards = lambda _call, _consent: None
        self._database = database
        self._heard: dict[UUID, str] = {}
        self._waiting: dict[UUID, Consent] = {}  # to be stored, once their calls are
        self._refused: set[UUID] = set()  # of calls that are up
        self._errands = Errands()

    def after(self, first: Callable[[Call], None]) -> Callable[[Call], None]:
        """Return what is told of each change: `first`, and then this one."""

        def both(call: Call) -> None:
            first(call)
            self.follow(call)

        return both

    def follow(self, call: Call) -> None:
        """The call changed: note what the dialplan says of the caller's consent."""
        if call.consent and self._heard.get(call.id) != call.consent:
            self._heard[call.id] = call.consent
            self._waiting[call.id] = Consent(call.consent)
            self.noted(call.id, Consent(call.consent))
        elif call.id in self._refused:
            self._stop(call)

    def noted(self, call_id: UUID, consent: Consent | None) -> None:
        """Somebody noted what the caller said; a refusal stops what records. Returns at once."""
        if consent is not Consent.REFUSED:
            self._refused.discard(call_id)
            return
        call = self.ways.latest(call_id)
        if call is not None and call.ended_at is None:
            self._refused.add(call.id)
            self._stop(call)

    def telling(self, discards: Discards) -> Discards:
        """Return what pages tell of a refusal: it stops what records, and `discards` is told."""
        self.discards = discards

        def tell(call_id: UUID, consent: Consent | None) -> None:
            self.noted(call_id, consent)
            discards(call_id, consent)

        return tell

    async def tick(self) -> None:
        """Each second: store what waits, and stop again what still records."""
        if not self.ways.leads():
            return
        for key in list(self._heard.keys() | self._refused):
            call = self.ways.latest(key)
            if call is None or call.ended_at is not None:
                self._refused.discard(key)
                if key not in self._waiting:
                    self._heard.pop(key, None)
            elif key in self._refused:
                self._stop(call)
        for key, consent in list(self._waiting.items()):
            await self._store(key, consent)

    async def stop(self) -> None:
        """Let nothing of it go on."""
        await self._errands.stop()

    async def _store(self, key: UUID, consent: Consent) -> None:
        try:
            async with self._database.writing() as session:
                call = await storage.calls.resolve(session, key)
                await storage.consents.tell(
                    session, call, consent, source=ConsentSource.PBX, by=None,
                    now=datetime.now(UTC),
                )  # fmt: skip
        except NotFound:
            return  # it is stored behind: the next second
        if self._waiting.get(key) is consent:
            del self._waiting[key]
        self.discards(call, consent)

    def _stop(self, call: Call) -> None:
        journey = self.ways.of(call.pbx)
        if journey is None or journey.link.state.status != "connected":
            return
        legs = {leg.id: leg.channel for leg in call.legs}
        for recording in recorders.running(call):
            if recording.leg in legs:
                self._errands.send(
                    self._send(journey.link, legs[recording.leg], call.id), "consent"
                )

    async def _send(self, link: Link, channel: str, call: UUID) -> None:
        try:
            await handling.stop_recording(link, channel=channel)
        except AmiError as error:
            log.warning("recording_not_stopped", call=str(call), error=str(error))
