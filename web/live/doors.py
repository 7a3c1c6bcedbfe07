"""Who may open a live socket, and whether they still may."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

from aiohttp import web
from websockets.datastructures import Headers, MultipleValuesError
from websockets.http11 import Request

from storage.rules.permissions import Permission
from web import auth
from web.keys import SETTINGS, Visitor

SCOPE = "live"
_BEARER = re.compile(r"(?i)bearer +([^\s]+)\s*")


@dataclass(frozen=True, slots=True)
class Refusal(Exception):
    """The handshake is answered with a status and a sentence."""

    status: HTTPStatus
    text: str


class Door:
    """Lets in people by their log-in's cookie from our own pages, and programs by their token."""

    def __init__(self, app: web.Application) -> None:
        self._app = app

    async def visitor(self, request: Request) -> Visitor:
        """Return who asks; raises Refusal."""
        try:
            origin = request.headers.get("Origin")
            secret = _bearer(request.headers)
            cookie = _cookie(request.headers, auth.cookie_name(self._app[SETTINGS]))
        except MultipleValuesError:
            raise Refusal(HTTPStatus.BAD_REQUEST, "a header came twice\n") from None
        own = self._app[SETTINGS].public_origin
        if origin != own and (origin is not None or secret is None):
            raise Refusal(HTTPStatus.FORBIDDEN, "this page may not open the socket\n")
        found = await self._found(secret, cookie)
        if found is None:
            raise Refusal(HTTPStatus.UNAUTHORIZED, "log in, or give a token\n")
        if not is_welcome(found):
            raise Refusal(HTTPStatus.FORBIDDEN, "this account may not open the socket\n")
        return found

    async def _found(self, secret: str | None, cookie: str | None) -> Visitor | None:
        now = datetime.now(UTC)
        if secret is not None:
            return await auth.visitor_of_token(self._app, secret, now=now)
        if cookie is not None:
            return await auth.visitor_of_cookie(self._app, cookie, now=now)
        return None


def is_welcome(visitor: Visitor) -> bool:
    """Whether someone who is known may use the desk over the socket."""
    if visitor.must_change_password or not visitor.can(Permission.USE_DESK):
        return False
    return visitor.token_id is None or SCOPE in visitor.scopes


def _bearer(headers: Headers) -> str | None:
    value = headers.get("Authorization")
    if value is None:
        return None
    match = _BEARER.fullmatch(value)
    return match[1] if match else ""  # present and odd: it opens nothing


def _cookie(headers: Headers, name: str) -> str | None:
    """Find our cookie whatever else the host has set: a stranger's odd one must not hide it."""
    pairs = (pair for line in headers.get_all("Cookie") for pair in line.split(";"))
    split = (pair.strip().partition("=") for pair in pairs)
    return next((value for key, _, value in split if key == name), None)
