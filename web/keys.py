"""What the application and a request carry, by type."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from aiohttp import web
from jinja2 import Environment

from recordings.shelf import Shelf
from storage.agents import Phone
from storage.background import Background
from storage.database import Database
from storage.hand_overs import Target
from storage.originates import Order, Originate
from storage.rules.dialling import Dialled
from storage.rules.permissions import Permission, Scope, may, scope_of
from storage.secrets import SecretBox
from web.config import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuItem:
    """A place in the main menu, shown to those who hold the permission."""

    label: str  # the msgid; translated when shown
    route: str
    permission: Permission
    icon: str = ""
    order: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who asks: a user by a log-in session, or a program by a token that acts as its user."""

    user_id: UUID
    login: str
    name: str
    role: str
    language: str = "en"
    session_id: UUID | None = None
    token_id: UUID | None = None
    scopes: frozenset[str] = frozenset()  # of the token
    csrf_token: str = ""
    must_change_password: bool = False

    def can(self, permission: Permission | str) -> bool:
        """Whether the visitor holds the permission for anyone at all."""
        return may(self.role, Permission(permission))

    def scope(self, permission: Permission) -> Scope:
        """For whom the visitor holds the permission."""
        return scope_of(self.role, permission)


@dataclass(frozen=True, slots=True, kw_only=True)
class PbxLink:
    """The state of one PBX's link as pages show it."""

    pbx_id: UUID
    pbx: str
    status: str  # connecting, connected, down, refused
    since: datetime
    why: str | None = None
    lacks: tuple[str, ...] = ()  # rights of our account that are missing: `read:dialplan`


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What an agent asks of the queues; without a queue it means all that the phone is in."""

    what: str  # pause, resume, join, leave
    pbx_id: UUID | None = None
    queue: str | None = None
    reason: str = ""


class Presences(Protocol):
    """What the pages may ask of the queues for an agent; the live side tells what comes of it."""

    async def ask(self, user_id: UUID, name: str, deed: Deed) -> None:
        """Ask the PBX for it; raises Refused with a sentence, and NotLeader."""

    def wrapped_up(self, user_id: UUID, call_id: UUID) -> None:
        """The agent has written what is to be said of the call: the wrap-up is over."""


class Pops(Protocol):
    """What the pages may ask of the live side; each tells the agents' screens by itself."""

    async def customer_changed(self, customer_id: UUID) -> None:
        """Draw again the pops that show this customer (after commit)."""

    async def call_matched(self, call_id: UUID) -> None:
        """The call's customer was set or corrected by a person (after commit): redraw its pops."""

    async def dismissed(self, user_id: UUID, offer_id: UUID) -> None:
        """The agent put the card away (after commit)."""

    async def wrapped_up(self, user_id: UUID, call_id: UUID) -> None:
        """The agent stored outcome and note (after commit)."""

    async def day_changed(self) -> None:
        """What is to be done changed, for whomever (after commit): their screens look again."""

    async def access_changed(self, user_id: UUID) -> None:
        """The user was closed, logged out or got another role: close sockets that lost theirs."""

    async def phones_changed(self) -> None:
        """Agents or PBXs were edited: read again who sits at which phone."""

    def links(self) -> tuple[PbxLink, ...]:
        """The state of every PBX's link now."""

    @property
    def presences(self) -> Presences:
        """What agents are for the queues."""


class Fate(StrEnum):
    """What became of a call that was placed."""

    PLACED = "placed"  # its phone rings
    GOES_ON = "goes_on"  # its phone was lifted
    OVER = "over"
    REFUSED = "refused"
    NOT_PLACED = "not_placed"  # the PBX never knew of it
    UNKNOWN = "unknown"  # nobody can say yet


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is known of a call that was placed."""

    fate: Fate
    call: UUID | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """A call in a parking space."""

    call: UUID
    number: str
    name: str
    space: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ringing:
    """A call that rings at a phone of ours; `user` is who sits there."""

    call: UUID
    number: str
    name: str
    extension: str
    user: UUID | None
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A caller in a queue."""

    call: UUID
    number: str
    name: str
    queue: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Takeable:
    """Calls of others that an agent could take over."""

    parked: tuple[Parked, ...] = ()
    ringing: tuple[Ringing, ...] = ()
    waiting: tuple[Waiting, ...] = ()


class Handling(Protocol):
    """What an agent may do with a call that goes on; raises Refused with a sentence."""

    async def hang_up(self, user: UUID, call: UUID) -> None:
        """End the agent's own part; a call that rings there is turned away."""

    async def send_on(
        self, user: UUID, call: UUID, target: Target, *, note: str, ask_first: bool
    ) -> UUID:
        """Send the other side on, at once or after a question; returns the call's id now."""

    async def go_back(self, user: UUID, call: UUID) -> None:
        """End the question to a colleague: the agent talks with the other side again."""

    async def park(self, user: UUID, call: UUID) -> None:
        """Put the other side into a parking space, and end the agent's part."""

    async def press(self, user: UUID, call: UUID, digits: str) -> None:
        """Press keys for the other side to hear; they are written nowhere."""


class Takings(Protocol):
    """What an agent may take over; raises Refused with a sentence."""

    async def takeable(self, phone: Phone) -> Takeable:
        """What the agent at this phone could take now, were everything allowed."""

    async def retrieve(self, order: Order, phone: Phone, call: UUID, role: str) -> Originate:
        """Ring the agent's phone, then take the call out of its parking space."""

    async def pick_up(self, order: Order, phone: Phone, call: UUID, role: str) -> Originate:
        """Ring the agent's phone, then take the call that rings at a colleague's."""

    async def grab(self, phone: Phone, call: UUID) -> None:
        """Send a waiting caller to the agent's phone; back into the queue if nobody answers."""

    def phone_state(self, pbx: UUID, extension: str) -> str:
        """What a phone does now, in the words of the live protocol."""


class Controls(Protocol):
    """What the pages may ask of the PBXs; raises Refused with a sentence, and NotLeader."""

    @property
    def handling(self) -> Handling:
        """Calls of one's own that go on."""

    @property
    def takings(self) -> Takings:
        """Calls of others."""

    async def permit(self, user: UUID, role: str, dialled: Dialled | None) -> None:
        """Let a call of ours be sent on to a number, or raise Refused."""

    async def place(self, order: Order, *, role: str, extension: str = "") -> Originate:
        """Ring the phone, then call the number; a repeated order gets what came of the first."""

    async def fate(self, originate: Originate) -> Outcome:
        """Say what came of a call that was placed, as far as it is known by now."""


SETTINGS = web.AppKey("settings", Settings)
DATABASE = web.AppKey("database", Database)
LOOKUPS = web.AppKey("lookups", Background)  # for what must be quick however much is read
SECRETS = web.AppKey("secrets", SecretBox)
TEMPLATES = web.AppKey("templates", Environment)
POPS = web.AppKey("pops", Pops)
CONTROLS = web.AppKey("controls", Controls)
LEADS: web.AppKey[Callable[[], bool]] = web.AppKey("leads")  # whether this node may answer
MENU = web.AppKey("menu", tuple[MenuItem, ...])
SHELF = web.AppKey("shelf", Shelf)

VISITOR = web.RequestKey("visitor", Visitor)
