"""What pages tell the live side once it is committed, and ask of it: implements `web.keys.Pops`."""

from uuid import UUID

from storage.cards import Cards, CardsUnreadable
from storage.database import Database
from storage.rules.permissions import Permission
from storage.secrets import SecretBox
from web.journey import seats
from web.journey.callers import Callers
from web.journey.lines import Lines
from web.journey.news import News
from web.journey.pops import Pops
from web.journey.presences import Presences
from web.journey.screens import Screens
from web.keys import PbxLink
from web.live.socket import Sockets


class Told:
    """The bridge as pages know it; the bridge itself puts these parts together."""

    lines: Lines
    presences: Presences
    screens: Screens
    _callers: Callers
    _cards: Cards
    _database: Database
    _news: News
    _pops: Pops
    _secrets: SecretBox
    _sockets: Sockets | None = None

    async def customer_changed(self, customer_id: UUID) -> None:
        """Draw again the pops that show this customer (after commit)."""
        self._callers.changed(customer_id)

    async def call_matched(self, call_id: UUID) -> None:
        """The call's customer was set or corrected by a person (after commit)."""
        self._callers.decided(self.lines.current(call_id))

    async def dismissed(self, user_id: UUID, offer_id: UUID) -> None:
        """The agent put the card away (after commit)."""
        self._pops.dismissed(user_id, offer_id)

    async def wrapped_up(self, user_id: UUID, call_id: UUID) -> None:
        """The agent stored outcome and note (after commit)."""
        call = self.lines.current(call_id)
        self.presences.wrapped_up(user_id, call)
        try:
            note = await self._cards.wrap_up(call, user_id)
        except CardsUnreadable:
            note = None  # it was stored all the same
        self._pops.wrapped_up(user_id, call, note)

    async def day_changed(self) -> None:
        """What is to be done changed, for whomever (after commit)."""
        if self._sockets is not None:
            self._news.day_changed(self._sockets.users(lambda v: v.can(Permission.WORK_TASKS)))

    async def access_changed(self, user_id: UUID) -> None:
        """The user was closed, logged out or got another role: close sockets that lost theirs."""
        if self._sockets is not None:
            await self._sockets.access_changed(user_id)

    async def phones_changed(self) -> None:
        """Agents or PBXs were edited: read again who sits at which phone."""
        now = await seats.read(self._database, self._secrets)
        if now == self.screens.seats:
            return
        self.screens.seats = now
        await self.lines.follow(now)
        self._pops.redraw_all()
        self.presences.seats_changed()

    def links(self) -> tuple[PbxLink, ...]:
        """The state of every PBX's link now."""
        return self.lines.links()
