"""Listening in on agents from the page of calls in progress: listen, whisper, barge in, stop."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from aiohttp import web

from storage.errors import Refused
from storage.rules.permissions import Permission
from storage.rules.supervisions import RIGHTS, Mode
from web import supervising
from web.auth import requires
from web.i18n import _, told
from web.keys import CONTROLS, VISITOR
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
        phone = await supervising.phone_of(request)
    except Refused:
        return Board(phoneless=True)
    own = request.app[CONTROLS].supervising.attended(visitor.user_id)
    rows: dict[UUID, list[Row]] = {}
    agent = ""
    for talk in await supervising.talks(request, phone):
        is_own = own is not None and own.leg == talk.audible.leg
        now = own.mode if own is not None and is_own else None
        agent = talk.name if is_own else agent
        row = Row(audible=talk.audible, name=talk.name, modes=talk.modes, now=now)
        rows.setdefault(talk.audible.call, []).append(row)
    return Board(
        rows={call: tuple(each) for call, each in rows.items()},
        own=own,
        key=secrets.token_hex(KEY_BYTES),
        agent=agent,
    )


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
    if posted.get("mode") not in list(Mode):
        raise Refused(_("Choose one of the list."))
    await supervising.attend(
        request, UUID(request.match_info["id"]), mode=Mode(posted["mode"]),
        key=posted.get("key", ""), leg=posted.get("leg", ""),
    )  # fmt: skip


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
