"""What the application and a request carry, by type."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeAlias
from uuid import UUID

from aiohttp import web
from jinja2 import Environment

from recordings.pickup import Pickup
from recordings.renditions import Renditions
from recordings.shelf import Shelf
from recordings.shortages import Shortage
from storage.background import Background
from storage.database import Database
from storage.rules.permissions import Permission, Scope, scope_of
from storage.rules.retention import Consent
from storage.secrets import SecretBox
from web.config import Settings
from web.telephony import Controls


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuItem:
    """A place in the main menu, shown to those who hold the permission."""

    label: str  # the msgid; translated when shown
    route: str
    permission: Permission
    icon: str = ""
    order: int = 50
    counts: str = ""  # a route that gives {"due": n, "overdue": m}, shown beside the label


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
    given: Mapping[Permission, Scope] = field(default_factory=dict)  # to the role, by a person

    def can(self, permission: Permission | str) -> bool:
        """Whether the visitor holds the permission for anyone at all."""
        return self.scope(Permission(permission)) is not Scope.NONE

    def scope(self, permission: Permission) -> Scope:
        """For whom the visitor holds the permission."""
        return self.given.get(permission, scope_of(self.role, permission))


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

    def state_of(self, user_id: UUID) -> str | None:
        """Return what a colleague is (paused, wrap_up, …), None without a phone."""


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

    def script_changed(self, users: set[UUID], call_id: UUID) -> None:
        """One of the users answered in the call's script (after commit): their screens look."""

    async def access_changed(self, user_id: UUID) -> None:
        """The user was closed, logged out or got another role: close sockets that lost theirs."""

    async def phones_changed(self) -> None:
        """Agents or PBXs were edited: read again who sits at which phone."""

    def links(self) -> tuple[PbxLink, ...]:
        """The state of every PBX's link now."""

    @property
    def presences(self) -> Presences:
        """What agents are for the queues."""


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
SHORTAGES: web.AppKey[Callable[[], tuple[Shortage, ...]]] = web.AppKey("shortages")
RENDITIONS = web.AppKey("renditions", Renditions)
# Of this call something was deleted, or the caller said this (after commit): returns at once.
Discards: TypeAlias = Callable[[UUID, Consent | None], None]
DISCARDS: web.AppKey[Discards] = web.AppKey("discards")
PICKUP = web.AppKey("pickup", Pickup)  # where recordings are fetched in this process

VISITOR = web.RequestKey("visitor", Visitor)
