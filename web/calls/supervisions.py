"""Listening in on agents from the page of calls in progress: listen, whisper, barge in, stop."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from aiohttp import web

import storage.supervisions
import storage.teams
import storage.users
from storage.agents import Phone
from storage.errors import Refused
from storage.rules.permissions import Permission, Scope
from storage.rules.supervisions import RIGHTS, Mode
from storage.supervisions import Line
from web import dialling
from web.auth import requires
from web.i18n import _, told
from web.keys import CONTROLS, DATABASE, VISITOR, Visitor
from web.render import redirect, url
from web.telephony import Attending, Audible

KEY_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An agent's talk, as the page offers it: `now` is what the visitor does in it."""

    audible: Audible
    name: str
    modes: tuple[Mode, ...]
    now: Mode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What the visitor may listen to, by call; what they are in now; why there is nothing."""

    rows: Mapping[UUID, tuple[Row, ...]] = field(default_factory=dict)
    own: Attending | None = None
    key: str = ""  # of the next click
    phoneless: bool = False
    agent: str = ""  # whom they listen to

    @property
    def since(self) -> datetime | None:
        """When the PBX began it; None while the phone rings."""
        return self.own.started_at if self.own else None


async def board(request: web.Request) -> Board:
    """Return what the page offers to this visitor."""
    visitor = request[VISITOR]
    if not any(visitor.can(right) for right in RIGHTS.values()):
        return Board()
    try:
        phone = await _phone(request)
    except Refused:
        return Board(phoneless=True)
    supervising = request.app[CONTROLS].supervising
    async with request.app[DATABASE].reading() as session:
        team = await storage.teams.colleagues(session, visitor.user_id)
        names = await storage.users.names(session)
    own = supervising.attended(visitor.user_id)
    rows: dict[UUID, list[Row]] = {}
    agent = ""
    for one in supervising.audible(phone.pbx_id):
        modes = tuple(mode for mode in Mode if _reaches(visitor, mode, one, team))
        if one.extension == phone.extension or not modes:
            continue
        name = names.get(one.user, one.extension) if one.user else one.extension
        is_own = own is not None and own.leg == one.leg
        now = own.mode if own is not None and is_own else None
        agent = name if is_own else agent
        rows.setdefault(one.call, []).append(Row(audible=one, name=name, modes=modes, now=now))
    return Board(
        rows={call: tuple(each) for call, each in rows.items()},
        own=own,
        key=secrets.token_hex(KEY_BYTES),
        agent=agent,
    )


def _reaches(visitor: Visitor, mode: Mode, one: Audible, team: set[UUID]) -> bool:
    """Whether the visitor's right reaches this agent; nobody listens to themself."""
    scope = visitor.scope(RIGHTS[mode])
    if one.user == visitor.user_id:
        return False
    return scope is Scope.ALL or (scope is Scope.TEAM and one.user in team)


@requires(Permission.LISTEN_IN)
async def create(request: web.Request) -> web.Response:
    """Ring the visitor's phone and let it hear the agent, or change what it does in the call."""
    posted = await request.post()
    before = request.app[CONTROLS].supervising.attended(request[VISITOR].user_id)
    try:
        await _attend(request, {name: str(value) for name, value in posted.items()})
    except Refused as error:
        return _refused(request, told(error))
    goes_on = before is not None and before.started_at is not None
    return _done(request, _("Changed.") if goes_on else _("Your phone rings: lift it."))


async def _attend(request: web.Request, posted: Mapping[str, str]) -> None:
    key, call = posted.get("key", ""), UUID(request.match_info["id"])
    if not re.fullmatch(dialling.KEY, key):
        raise Refused(_("This click has no key. Load the page again and repeat."))
    if posted.get("mode") not in list(Mode):
        raise Refused(_("Choose one of the list."))
    visitor, mode = request[VISITOR], Mode(posted["mode"])
    phone, supervising = await _phone(request), request.app[CONTROLS].supervising
    async with request.app[DATABASE].reading() as session:
        team = await storage.teams.colleagues(session, visitor.user_id)
    for one in supervising.audible(phone.pbx_id):
        if (one.call, one.leg) == (call, posted.get("leg")) and one.extension != phone.extension:
            if not _reaches(visitor, mode, one, team):
                raise Refused(_("Your role does not let you do that with this agent."))
            await supervising.attend(visitor.user_id, phone, one, mode, key)
            return
    raise Refused(_("This talk is over."))


@requires(Permission.LISTEN_IN)
async def leave(request: web.Request) -> web.Response:
    """Stop what the visitor does in a call."""
    try:
        await request.app[CONTROLS].supervising.leave(request[VISITOR].user_id)
    except Refused as error:
        return _refused(request, told(error))
    return _done(request, _("Stopped."))


def _done(request: web.Request, said: str) -> web.Response:
    if _wants_json(request):
        return web.json_response({"done": said})
    return redirect(request, url(request, "calls.in_progress"), flash=said)


def _refused(request: web.Request, said: str) -> web.Response:
    if _wants_json(request):
        return web.json_response({"errors": {"": said}}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect(request, url(request, "calls.in_progress"), flash=said, kind="bad")


def _wants_json(request: web.Request) -> bool:
    return "application/json" in request.headers.get("Accept", "")


async def _phone(request: web.Request) -> Phone:
    async with request.app[DATABASE].reading() as session:
        phone, *_rest = await dialling.phone_of(session, request, request[VISITOR].user_id)
    return phone


async def seen(request: web.Request, call: UUID) -> tuple[Line, ...]:
    """Return who listened in on a call, as far as the visitor may know."""
    visitor = request[VISITOR]
    scope = visitor.scope(Permission.LISTEN_IN)
    if scope not in {Scope.TEAM, Scope.ALL}:
        return ()
    async with request.app[DATABASE].reading() as session:
        lines = await storage.supervisions.of_call(session, call)
        team = await storage.teams.colleagues(session, visitor.user_id)
    return tuple(line for line in lines if scope is Scope.ALL or line.row.agent_id in team)
