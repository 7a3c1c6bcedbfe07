"""Pauses of recordings: asked of the PBX, believed when it says so, kept up until they end.

What is wanted of a call stands here; whatever of it records is asked to be silent, also what begins
later or is heard of again, and a second without the PBX's word is told as STILL RECORDING.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from pbx_bridge import handling, recorders
from pbx_bridge.ami import ActionRefused, AmiError, Link
from pbx_bridge.call import Call
from pbx_bridge.matching import msgid
from pbx_bridge.recorders import Recorder
from storage.database import Database
from storage.errors import Refused, Unconfirmed
from storage.recording_pauses import Cause, Outcome, What, Wish
from storage.rules import pausing
from web.i18n import gettext as _
from web.journey.pause_orders import PauseOrders
from web.journey.pause_standings import Standing, Standings, failed, wish
from web.journey.screens import Screens
from web.journey.ways import Ways
from web.live.routines import Errands

CONFIRM_SECONDS = 0.75  # until an agent is told that it records still: within the second
SKEW = timedelta(seconds=30)  # between the PBX's clock and ours
DOWN = msgid("The telephone system is not reached.")
SILENT = msgid("The telephone system did not confirm it.")
PARTLY = msgid("This Asterisk pauses only one of several recordings of a channel.")

log = structlog.get_logger(__name__)


class RecordingPauses:
    """Implements `web.telephony.RecordingPauses`; `ways` comes before anything is asked."""

    ways: Ways

    def __init__(
        self, database: Database, screens: Screens, redraw: Callable[[UUID], None]
    ) -> None:
        self._redraw = redraw
        self._orders = PauseOrders(database)
        self._standings = Standings(screens)
        self._looked: set[UUID] = set()  # calls that were up when we began
        self._began: datetime | None = None
        self._errands = Errands()
        screens.recording_of = self._standings.told

    async def pause(self, call: UUID, *, cause: Cause, by: UUID | None, reason: str = "") -> None:
        """Have nothing of the call recorded; raises Refused where it is not confirmed in time."""
        found = self.ways.up(call)
        if recorders.recorder(found) is Recorder.OFF and cause is not Cause.SCRIPT:
            raise Refused(_("This call is not recorded."))
        standing = self._standings.of(found)
        if standing.wanted is None:
            standing.wanted = wish(found, What.PAUSE, cause, by, reason)
        standing.resuming, standing.late, standing.why = None, False, ""
        standing.sent.clear()
        self._ask(found, standing)
        for each in standing.settle(found):  # another program had paused it
            self._keep(each)
        self._redraw(found.id)
        if not await self._confirmed(found.id, standing):
            raise Unconfirmed(_("STILL RECORDING. {why}").format(why=_(standing.why)))

    async def resume(self, call: UUID, *, cause: Cause, by: UUID | None) -> None:
        """Have the call recorded again; raises Refused, and inside a step that asks for cards."""
        found = self.ways.up(call)
        standing = self._standings.of(found)
        if standing.in_step and cause is not Cause.SCRIPT:
            raise Refused(
                _("The script asks for card data here: the recording goes on after this step.")
            )
        if standing.wanted is None and recorders.recorder(found) is not Recorder.PAUSED:
            raise Refused(_("The recording is not paused."))
        order = wish(found, What.RESUME, cause, by, pauses=recorders.pauses(found))
        standing.wanted, standing.resuming = None, order
        standing.late, standing.why, standing.answered = False, "", False
        standing.sent.clear()
        self._ask(found, standing)
        self._redraw(found.id)
        if not await self._confirmed(found.id, standing):
            text = _("The recording may still be paused. {why}")
            raise Unconfirmed(text.format(why=_(standing.why)))

    def stands(self, call: UUID, *, asks: bool, by: UUID) -> None:
        """The call's script is at a step that asks for card data, or at none."""
        found = self.ways.latest(call)
        if found is None or found.ended_at is not None:
            return
        standing = self._standings.get(found.id)
        if (standing.in_step if standing else False) is asks:
            return
        standing = self._standings.of(found)
        standing.in_step = asks
        if asks and standing.wanted is None:
            self._spawn(self.pause(found.id, cause=Cause.SCRIPT, by=by))
        elif not asks and standing.wanted and standing.wanted.cause is Cause.SCRIPT:
            self._spawn(self.resume(found.id, cause=Cause.SCRIPT, by=by))
        else:
            self._redraw(found.id)

    def now(self, call: UUID) -> dict[str, Any] | None:
        """What is recorded of a call that is up; None where nothing is."""
        found = self.ways.latest(call)
        return self._standings.told(found) if found and found.ended_at is None else None

    def parties(self, call: UUID) -> frozenset[UUID]:
        """Who of ours talks in a call that is up; raises Refused where it is over."""
        return self._standings.parties(self.ways.up(call))

    def follow(self, call: Call) -> None:
        """The call changed: believe what the PBX says of it, and silence what records."""
        standing = self._standings.moved(call)
        if standing is None:
            return
        for each in standing.settle(call):
            self._keep(each)
        if call.ended_at is None and standing.wanted is not None:
            self._ask(call, standing)
        standing.stir()

    async def tick(self) -> None:
        """Each second: ask again, end what was forgotten, keep who asked."""
        if not self.ways.leads():
            return
        await self._recall()
        now = datetime.now(UTC)
        for key, standing in list(self._standings.items()):
            call = self.ways.latest(key)
            if call is None or call.ended_at is not None or standing.is_idle:
                del self._standings[key]
                continue
            paused = standing.paused(call, self._standings.limit(call))
            ending = pausing.ending(paused, now) if paused else None
            if ending is not None:
                self._spawn(self.resume(key, cause=Cause(ending.value), by=None))
            else:
                self._ask(call, standing)
        await self._orders.store()

    async def stop(self) -> None:
        """Let nothing of it go on; keep what was asked."""
        await self._errands.stop()
        if self.ways.leads():
            await self._orders.store()

    async def _recall(self) -> None:
        """Find out who paused the calls that were up before we began, and how their scripts are."""
        self._began = self._began or datetime.now(UTC)
        fresh = {
            call.id: call
            for call in self.ways.calls()
            if call.id not in self._looked
            and call.id not in self._standings
            and (recorders.pauses(call) or call.started_at < self._began + SKEW)
        }
        found = await self._orders.last(fresh)
        self._looked |= fresh.keys()
        for key, (order, in_step) in found.items():
            standing = Standing(wanted=order, in_step=in_step)
            self._standings.setdefault(key, standing)
            self.follow(fresh[key])
            self._redraw(key)

    def _ask(self, call: Call, standing: Standing) -> None:
        """Send what is wanted and is not so yet, not too often."""
        muted = standing.wanted is not None
        if not muted and standing.resuming is None:
            return
        due = standing.due(call, time.monotonic())
        if not due:
            return
        journey = self.ways.of(call.pbx)
        if journey is None or journey.link.state.status != "connected":
            self._fail(call.id, standing, DOWN)
            return
        for channel in due:
            self._spawn(self._send(call.id, standing, journey.link, channel, muted=muted))
        self._spawn(self._confirmed(call.id, standing))

    async def _send(
        self, key: UUID, standing: Standing, link: Link, channel: str, *, muted: bool
    ) -> None:
        try:
            await handling.mute_recordings(link, channel=channel, muted=muted)
        except ActionRefused as error:
            self._fail(key, standing, str(error.message.get("Message")), refused=True)
        except AmiError as error:
            log.info("recording_pauses.unsure", call=str(key), error=str(error))
        else:
            standing.answered |= not muted
            if (call := self.ways.latest(key)) is not None:
                self.follow(call)

    async def _confirmed(self, key: UUID, standing: Standing) -> bool:
        """Wait until the PBX says it, at most a second; else have it told that it did not."""
        asked = standing.wanted or standing.resuming
        try:
            async with asyncio.timeout(CONFIRM_SECONDS):
                while not standing.late:
                    call = self.ways.latest(key)
                    if call is None or call.ended_at is not None or standing.is_so(call):
                        return True
                    await standing.news.wait()
        except TimeoutError:
            if asked is (standing.wanted or standing.resuming):
                call = self.ways.latest(key)
                partly = standing.wanted and call and recorders.pauses(call)
                self._fail(key, standing, PARTLY if partly else SILENT)
        return False

    def _fail(self, key: UUID, standing: Standing, why: str, *, refused: bool = False) -> None:
        standing.late, standing.why = True, why
        order = standing.wanted or standing.resuming
        if order is not None and order.outcome is not Outcome.CONFIRMED:
            self._keep(failed(order, why, refused=refused))
        self._redraw(key)
        standing.stir()

    def _keep(self, order: Wish) -> None:
        self._orders.keep(order)
        self._spawn(self._orders.store())

    def _spawn(self, work: Coroutine[Any, Any, object]) -> None:
        self._errands.send(work, "recording pause")
