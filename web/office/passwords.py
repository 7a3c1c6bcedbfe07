"""Changing one's own password."""

from datetime import UTC, datetime

from aiohttp import hdrs, web

import storage.access
import storage.attempts
import storage.passwords
import storage.sessions
import storage.users
from storage.rules.passwords import LONGEST, SHORTEST, weakness
from web.auth import client_address, signed_in
from web.i18n import _
from web.keys import DATABASE, POPS, SETTINGS, VISITOR
from web.render import redirect, render
from web.visitors import give_cookie


def complaint(password: str, again: str, *, login: str, name: str) -> dict[str, str]:
    """Return what is wrong with a new password, by field; empty where it may be used."""
    sentences = {
        "short": _("Use at least {n} characters; a few words in a row are fine.").format(
            n=SHORTEST
        ),
        "long": _("Use at most {n} characters.").format(n=LONGEST),
        "personal": _("Do not use your login or your name."),
        "common": _("This is one of the first passwords a stranger would try."),
    }
    word = weakness(password, login=login, name=name)
    if word is not None:
        return {"password": sentences[word]}
    if password != again:
        return {"again": _("This is not the same password.")}
    return {}


@signed_in
async def edit(request: web.Request) -> web.Response:
    """The form; for a one-time password it is the only page there is."""
    return _page(request, {})


def _page(request: web.Request, errors: dict[str, str], *, status: int = 200) -> web.Response:
    return render(request, "passwords/edit.html", status=status, errors=errors, shortest=SHORTEST)


@signed_in
async def update(request: web.Request) -> web.Response:
    """Set the new password, end every log-in, and open a new one for this browser."""
    form = await request.post()
    current, new = str(form.get("current", "")), str(form.get("password", ""))
    visitor = request[VISITOR]
    errors = await _refuse_wrong_current(request, current)
    errors |= complaint(new, str(form.get("again", "")), login=visitor.login, name=visitor.name)
    if not errors and new == current:
        errors = {"password": _("This is the password you have now.")}
    if errors:
        return _page(request, errors, status=422)
    return await _store(request, await storage.passwords.hashed(new))


async def _refuse_wrong_current(request: web.Request, current: str) -> dict[str, str]:
    """Look at the password in use, as slowly as at a log-in: the browser may not be its owner's."""
    visitor, address = request[VISITOR], client_address(request)
    async with request.app[DATABASE].writing() as session:
        attempt = await storage.attempts.begin(
            session, login=visitor.login, address=address, now=datetime.now(UTC)
        )
        user = await storage.users.get(session, visitor.user_id)
    if attempt.wait:
        return {"current": _("Too many wrong passwords. Wait a few minutes.")}
    if not await storage.passwords.fits(user.password_hash, current):
        return {"current": _("This is not your password.")}
    async with request.app[DATABASE].writing() as session:
        await storage.attempts.succeeded(session, login=visitor.login, address=address)
    return {}


async def _store(request: web.Request, password_hash: str) -> web.Response:
    visitor = request[VISITOR]
    async with request.app[DATABASE].writing() as session:
        await storage.access.set_password(
            session, visitor.user_id, password_hash, must_change=False, by=visitor.user_id
        )
        opened = await storage.sessions.open_for(
            session,
            visitor.user_id,
            now=datetime.now(UTC),
            hours=request.app[SETTINGS].session_hours,
            address=client_address(request),
            browser=request.headers.get(hdrs.USER_AGENT, ""),
        )
    await request.app[POPS].access_changed(visitor.user_id)
    flash = _("The password is changed, and every other log-in has ended.")
    response = redirect(request, "/", flash=flash)
    give_cookie(request, response, opened.cookie)
    return response


routes = [
    web.get("/password", edit, name="passwords.edit"),
    web.post("/password", update, name="passwords.update"),
]
