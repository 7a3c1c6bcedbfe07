"""What callers said to being recorded: heard, kept, shown, and a refusal acted on.

A refusal holds for the whole call: what records any leg of it is stopped, also what begins later or
went on while nobody listened, and a second without the PBX's word is told as STILL RECORDING.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from pbx_bridge import handling, recorders
from pbx_bridge.ami import ActionRefused, AmiError, Link
from pbx_bridge.call import CONSENT_REFUSED, Call
from pbx_bridge.matching import msgid
from pbx_bridge.recorders import Recorder
from storage.consents import ConsentSource
from storage.database import Database
from storage.errors import Unconfirmed
from storage.rules.retention import Consent
from web.i18n import gettext as _
from web.journey.consent_standings import Standing, Standings
from web.journey.consent_words import ConsentWords, Told
from web.journey.screens import Screens
from web.journey.ways import Ways
from web.keys import Discards
from web.live.routines import Errands

CONFIRM_SECONDS = 0.75  # until an agent is told that it records still: within the second
SKEW = timedelta(seconds=30)  # between the PBX's clock and ours
DOWN = msgid("The telephone system is not reached.")
SILENT = msgid("The telephone system did not confirm it.")

log = structlog.get_logger(__name__)


class Consents:
    """Implements `web.telephony.Consents`; `ways` comes before anything is asked."""

    ways: Ways

    def __init__(
        self, database: Database, screens: Screens, redraw: Callable[[UUID], None]
    ) -> None:
        self._words = ConsentWords(database)
        self._screens, self._redraw = screens, redraw
        self._standings = Standings()
        self._began: datetime | None = None  # to act
        self._early: dict[UUID, Call] = {}  # of which the base may know more than we
        self._looked: set[UUID] = set()
        self._errands = Errands()
        screens.consent_of = self._told

    async def tell(self, call: UUID, state: Consent, *, by: UUID | None) -> None:
        """Note what an agent was told; raises Unconfirmed where it records on after a refusal."""
        found = self.ways.up(call)
        now = datetime.now(UTC)
        standing = self._put(found, Standing(state, ConsentSource.PERSON, by, now))
        told = Told(call=found.id, state=state, source=ConsentSource.PERSON, by=by, at=now)
        self._keep(told)
        if standing.refuses and not await self._confirmed(found.id, standing):
            raise Unconfirmed(_("STILL RECORDING. {why}").format(why=_(standing.why)))

    def after(self, first: Callable[[Call], None]) -> Callable[[Call], None]:
        """Return what is told of each change: `first`, and then this one."""

        def both(call: Call) -> None:
            first(call)
            self.follow(call)

        return both

    def follow(self, call: Call) -> None:
        """The call changed: note what the dialplan says of consent, and stop what records."""
        if call.id not in self._looked and self._may_be_stored(call):
            self._early[call.id] = call
            return
        standing = self._standings.moved(call)
        if self._words.is_news(call):
            standing = self._hear(call, standing)
        if standing is not None:
            was = standing.late
            standing.settle(call)
            if standing.refuses and call.ended_at is None:
                self._ask(call, standing)
            if was and not standing.late:
                self._redraw(call.id)

    def noted(self, call_id: UUID, consent: Consent | None) -> None:
        """A page or a program stored what the caller said; a refusal counts at once."""
        call = self.ways.latest(call_id)
        if consent is None or call is None or call.ended_at is not None:
            return
        self._put(call, Standing(consent, ConsentSource.PERSON, None, datetime.now(UTC)))
        self._errands.send(self._name(call.id), "consent")

    def telling(self, discards: Discards) -> Discards:
        """Return what pages tell of a refusal: it stops what records, and `discards` is told."""
        self._words.discards = discards

        def tell(call_id: UUID, consent: Consent | None) -> None:
            self.noted(call_id, consent)
            discards(call_id, consent)

        return tell

    async def tick(self) -> None:
        """Each second: look up calls that were up before us, store, stop what still records."""
        if not self.ways.leads():
            return
        await self._recall()
        for key, standing in list(self._standings.items()):
            call = self.ways.latest(key)
            if call is None or call.ended_at is not None:
                del self._standings[key]
            elif standing.refuses:
                self._ask(call, standing)
        self._words.forget_unless(lambda key: self.ways.latest(key) is not None)
        await self._words.store()

    async def stop(self) -> None:
        """Let nothing of it go on; keep what was told."""
        await self._errands.stop()
        if self.ways.leads():
            await self._words.store()

    def _may_be_stored(self, call: Call) -> bool:
        return self._began is None or call.started_at < self._began + SKEW

    def _hear(self, call: Call, standing: Standing | None) -> Standing | None:
        """Take a word of the dialplan; it takes back no refusal."""
        word, now = Consent(call.consent), datetime.now(UTC)
        told = Told(
            call=call.id, state=word, source=ConsentSource.PBX, at=now, heard_at=call.consent_at
        )
        self._keep(told)
        if call.ended_at is not None or (standing and standing.refuses):
            return standing
        return self._put(call, Standing(word, ConsentSource.PBX, None, now))

    def _put(self, call: Call, standing: Standing) -> Standing:
        """From now on this is what was told of the call."""
        self._standings[call.id] = standing
        if standing.refuses:
            self._ask(call, standing)
        self._redraw(call.id)
        return standing

    async def _recall(self) -> None:
        """Find out what was told of calls that were up before we began to act."""
        self._began = self._began or datetime.now(UTC)
        up = {call.id: call for call in self.ways.calls() if self._may_be_stored(call)}
        fresh = {key: call for key, call in (up | self._early).items() if key not in self._looked}
        if not fresh:
            return
        try:
            rows = await self._words.last(fresh)
        except Exception:
            for call in fresh.values():  # a refusal does not wait for the base
                if call.consent == CONSENT_REFUSED and call.id not in self._standings:
                    self._put(call, Standing(Consent.REFUSED, ConsentSource.PBX, None, self._began))
            raise
        self._looked |= fresh.keys()
        for key, call in fresh.items():
            self._early.pop(key, None)
            if (row := rows.get(key)) is not None:
                self._words.heard(key, row.heard_at)
                if call.ended_at is None:
                    self._put(call, Standing.of(row))
            self.follow(self.ways.latest(key) or call)

    async def _name(self, key: UUID) -> None:
        """Fill in who told it, and how."""
        row, standing = await self._words.last_of(key), self._standings.get(key)
        if row is not None and standing is not None and row.state is standing.state:
            standing.source, standing.by, standing.at = row.source, row.user_id, row.at
            self._redraw(key)

    def _ask(self, call: Call, standing: Standing) -> None:
        """Have stopped what records and was not asked for lately; and once, what may."""
        records = recorders.recorder(call) is not Recorder.OFF
        journey = self.ways.of(call.pbx)
        if journey is None or journey.link.state.status != "connected":
            if records:
                self._fail(call.id, standing, DOWN)
            return
        due = standing.due(call, time.monotonic())
        for channel in due:
            self._errands.send(self._send(call.id, standing, journey.link, channel), "consent")
        for channel in standing.unswept(call, journey.link.state.since, but=due):
            self._errands.send(self._send(call.id, None, journey.link, channel), "consent")
        if due:
            self._errands.send(self._confirmed(call.id, standing), "consent")

    async def _send(self, key: UUID, standing: Standing | None, link: Link, channel: str) -> None:
        """Stop the first recording of a channel; without a standing it need not have one."""
        try:
            await handling.stop_recording(link, channel=channel)
        except ActionRefused as error:
            if standing is not None and self._records(key):
                self._fail(key, standing, str(error.message.get("Message")))
        except AmiError as error:
            log.warning("recording_not_stopped", call=str(key), error=str(error))

    async def _confirmed(self, key: UUID, standing: Standing) -> bool:
        """Wait until the PBX says that nothing records, at most a second; else have it told."""
        try:
            async with asyncio.timeout(CONFIRM_SECONDS):
                while not standing.late:
                    if not self._records(key) or self._standings.get(key) is not standing:
                        return True
                    await standing.news.wait()
        except TimeoutError:
            self._fail(key, standing, SILENT)
        return False

    def _records(self, key: UUID) -> bool:
        call = self.ways.latest(key)
        if call is None or call.ended_at is not None:
            return False
        return recorders.recorder(call) is not Recorder.OFF

    def _keep(self, told: Told) -> None:
        self._words.keep(told)
        self._errands.send(self._words.store(), "consent")

    def _fail(self, key: UUID, standing: Standing, why: str) -> None:
        if (standing.late, standing.why) != (True, why):
            standing.late, standing.why = True, why
            self._redraw(key)
        standing.stir()

    def _told(self, call: Call) -> dict[str, Any] | None:
        standing = self._standings.get(call.id)
        return standing.told(call, self._screens.seats.names) if standing else None
