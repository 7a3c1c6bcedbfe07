"""The first start: the page that makes the first administrator, opened by a one-time token."""

from datetime import UTC, datetime

from aiohttp import hdrs, web

import storage.passwords
import storage.sessions
import storage.setups
from storage.errors import StorageError
from storage.rules.passwords import SHORTEST
from storage.users import LOGIN, folded
from web.auth import client_address, public
from web.i18n import _, language, told
from web.keys import DATABASE, SETTINGS
from web.office.passwords import complaint
from web.render import redirect, render, url
from web.visitors import give_cookie


@public
async def new(request: web.Request) -> web.Response:
    """The form, which asks for the printed token; once there is a user, there is nothing here."""
    token = request.query.get("token", "")
    async with request.app[DATABASE].reading() as session:
        if not await storage.setups.is_open(session):
            raise web.HTTPNotFound(text=_("Ringbook is set up already. Log in instead."))
        if token:
            await storage.setups.check(session, token)
    return _page(request, {"token": token}, {})


def _page(
    request: web.Request, typed: dict[str, str], errors: dict[str, str], *, status: int = 200
) -> web.Response:
    return render(
        request, "setups/new.html", status=status, typed=typed, errors=errors, shortest=SHORTEST
    )


@public
async def create(request: web.Request) -> web.Response:
    """Make the first administrator, end the token, and log in."""
    form = await request.post()
    typed = {key: str(form.get(key, "")).strip() for key in ("token", "login", "name")}
    password = str(form.get("password", ""))
    errors = await _wrong_token(request, typed["token"])
    errors = errors or _complaints(typed, password, str(form.get("again", "")))
    if errors:
        return _page(request, typed, errors, status=422)
    password_hash = await storage.passwords.hashed(password)
    try:
        return await _make(request, typed, password_hash)
    except StorageError as error:
        return _page(request, typed, {"token": told(error)}, status=422)


async def _wrong_token(request: web.Request, token: str) -> dict[str, str]:
    try:
        async with request.app[DATABASE].reading() as session:
            await storage.setups.check(session, token)
    except StorageError as error:
        return {"token": told(error)}
    return {}


def _complaints(typed: dict[str, str], password: str, again: str) -> dict[str, str]:
    errors = complaint(password, again, login=typed["login"], name=typed["name"])
    if not LOGIN.fullmatch(folded(typed["login"])):
        errors["login"] = _("A login has 2 to 80 letters, digits and . _ - + @")
    if not typed["name"]:
        errors["name"] = _("Fill this in.")
    return errors


async def _make(request: web.Request, typed: dict[str, str], password_hash: str) -> web.Response:
    now = datetime.now(UTC)
    async with request.app[DATABASE].writing() as session:
        user = await storage.setups.create_first(
            session,
            typed["token"],
            login=typed["login"],
            name=typed["name"],
            password_hash=password_hash,
            now=now,
            language=language(),
        )
        opened = await storage.sessions.open_for(
            session,
            user.id,
            now=now,
            hours=request.app[SETTINGS].session_hours,
            address=client_address(request),
            browser=request.headers.get(hdrs.USER_AGENT, ""),
        )
    flash = _("Ringbook is yours. Next: connect your PBX and add your colleagues.")
    response = redirect(request, url(request, "administration"), flash=flash)
    give_cookie(request, response, opened.cookie)
    return response


routes = [
    web.get("/setup", new, name="setups.new"),
    web.post("/setup", create, name="setups.create"),
]
