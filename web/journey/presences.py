"""What agents are for the queues of every PBX: told to screens, asked of PBXs, written down."""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from pbx_bridge.ami import Link
from pbx_bridge.presences import AgentState, Kind, Presence
from pbx_bridge.queues import Waiter
from storage.background_process import AnyBackground
from storage.errors import NotLeader, Refused
from web.i18n import gettext
from web.journey.presence_log import PresenceLog
from web.journey.rosters import Roster
from web.journey.screens import Screens
from web.journey.seats import Line
from web.keys import Deed
from web.live.hub import Hub
from web.live.messages import Kind as News
from web.live.presence import presence_data
from web.live.routines import every

TICK_SECONDS = 0.25
FLUSH_SECONDS = 5.0  # a commit takes turns from the pops; so much a crash can lose
LAST_WORDS_SECONDS = 3.0  # for intervals that are not stored when we stop


class Presences:
    """Implements `web.keys.Presences`; one roster for each PBX that is listened to."""

    def __init__(
        self, hub: Hub, screens: Screens, background: AnyBackground, leads: Callable[[], bool]
    ) -> None:
        self._hub = hub
        self._screens = screens
        self._leads = leads
        self._log = PresenceLog(background)
        self._rosters: dict[UUID, Roster] = {}
        self._shown: dict[tuple[UUID, str], UUID] = {}  # on whose screens each phone is
        self._writes = False  # this node wrote what agents are, when it was looked at last
        screens.on_phone, screens.waiters_of = self._phone, self._waiters

    def open(self, line: Line, link: Link) -> Roster:
        """Follow another PBX, or one anew."""
        roster = Roster(
            line,
            link,
            tell=partial(self._tell, line.id),
            leads=self._leads,
            arrangement=lambda queue: self._screens.seats.arrangement(line.id, queue),
        )
        self._rosters[line.id] = roster
        if self._writes:
            self._log.begin(line.id)
        return roster

    async def close(self, pbx: UUID) -> None:
        """Follow a PBX no longer."""
        roster = self._rosters.pop(pbx, None)
        if roster is not None:
            await roster.close()

    async def run(self) -> None:
        """Keep the time of wishes and wrap-ups, and store, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(every(TICK_SECONDS, self._tick))
            group.create_task(every(FLUSH_SECONDS, self._log.flush))

    async def stop(self) -> None:
        """Store what agents were until now."""
        if self._writes and self._leads():
            self._log.end_all(datetime.now(UTC))
            try:
                async with asyncio.timeout(LAST_WORDS_SECONDS):
                    await self._log.flush()
            except TimeoutError:
                return

    async def ask(self, user_id: UUID, name: str, deed: Deed) -> None:
        """Ask the PBXs for it, at all phones of the user or those of one PBX.

        Raises Refused with a sentence, and NotLeader; what is shown changes when a PBX says so.
        """
        if not self._leads():
            raise NotLeader
        asked: list[Refused] = []
        done = 0
        for pbx, extension in self.phones_of(user_id):
            if deed.pbx_id not in {None, pbx}:
                continue
            try:
                await self._rosters[pbx].ask(
                    extension, Kind(deed.what), queue=deed.queue, reason=deed.reason, name=name
                )
                done += 1
            except Refused as error:
                asked.append(error)
        if not done:
            raise asked[0] if asked else Refused(gettext("No phone is assigned to you."))

    def wrapped_up(self, user_id: UUID, call_id: UUID) -> None:
        """The agent has written what is to be said of the call: its wrap-up is over."""
        for pbx, extension in self.phones_of(user_id):
            roster = self._rosters[pbx]
            wrap_up = roster.presences.wrap_up_of(extension)
            if wrap_up is not None and wrap_up.call in {None, call_id}:
                roster.end_wrap_up(extension, datetime.now(UTC))

    def state_of(self, user_id: UUID) -> AgentState | None:
        """Return what a colleague is, of several phones the busiest; None without a phone."""
        told = [
            self._rosters[pbx].presences.told(extension)
            for pbx, extension in self.phones_of(user_id)
        ]
        order = list(_BUSIEST)
        return min((each.state for each in told if each), key=order.index, default=None)

    def phones_of(self, user_id: UUID) -> list[tuple[UUID, str]]:
        """Return PBX and extension of the user's phones that are listened to."""
        users = self._screens.seats.users
        return [
            seat for seat, user in users.items() if user == user_id and seat[0] in self._rosters
        ]

    def seats_changed(self) -> None:
        """Others sit at the phones, or queues are called and arranged otherwise."""
        users = self._screens.seats.users
        for (pbx, extension), user in tuple(self._shown.items()):
            if users.get((pbx, extension)) != user:
                del self._shown[pbx, extension]
                data = {"pbx": str(pbx), "extension": extension}
                self._hub.tell(user, News.PRESENCE_REMOVED, data, now=time.monotonic())
        for roster in self._rosters.values():
            roster.retell()

    def _waiters(self, pbx: UUID, queue: str) -> Sequence[Waiter]:
        roster = self._rosters.get(pbx)
        found = roster.presences.queues.get(queue) if roster else None
        return found.waiters if found else ()

    def _phone(self, pbx: UUID, extension: str, at: datetime) -> None:
        roster = self._rosters.get(pbx)
        if roster is not None:
            roster.phone_changed(extension, at)

    def _tell(self, pbx: UUID, extension: str, presence: Presence, at: datetime) -> None:
        seats = self._screens.seats
        user = seats.users.get((pbx, extension))
        if self._writes:
            self._log.note(pbx, extension, user, presence, at)
        if user is None:
            return
        self._shown[pbx, extension] = user
        inside = {each.queue for each in presence.standings}
        data = presence_data(
            pbx,
            extension,
            presence,
            labels={name: label for (of, name), label in seats.queues.items() if of == pbx},
            joinable=[name for name in seats.joinable(pbx) if name not in inside],
        )
        if self._hub.view(user).presences.get(f"{pbx}/{extension}") != data:
            self._hub.tell(user, News.PRESENCE_CHANGED, data, now=time.monotonic())

    async def _tick(self) -> None:
        leads = self._leads()
        if leads is not self._writes:
            self._writes = leads
            for pbx, roster in self._rosters.items():
                if leads:
                    self._log.begin(pbx)
                    roster.retell()
        now = datetime.now(UTC)
        for roster in tuple(self._rosters.values()):
            roster.tick(now)


_BUSIEST = (
    AgentState.ON_CALL,
    AgentState.RINGING,
    AgentState.WRAP_UP,
    AgentState.PAUSED,
    AgentState.AVAILABLE,
    AgentState.OFFLINE,
    AgentState.UNKNOWN,
)
