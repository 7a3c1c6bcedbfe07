"""Logging in and out, and the list of where one is logged in."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from aiohttp import hdrs, web

import storage.access
import storage.attempts
import storage.passwords
import storage.sessions
import storage.setups
import storage.users
from storage.users import User
from web.auth import client_address, public, signed_in
from web.i18n import _, ngettext, preferred
from web.keys import DATABASE, POPS, SETTINGS, VISITOR
from web.office import forms
from web.office.browsers import spoken
from web.render import redirect, render, url
from web.visitors import cookie_name, give_cookie, take_cookie

MINUTE = 60


def local_path(address: str) -> str:
    """Return `address` where it is a path of our own pages, else the first page."""
    is_path = address.startswith("/") and not address.startswith(("//", "/\\"))
    if not is_path or any(not letter.isprintable() or letter == "\\" for letter in address):
        return "/"
    parts = urlsplit(address)
    return "/" if parts.scheme or parts.netloc else address


@public
async def new(request: web.Request) -> web.Response:
    """The page that asks for login and password; those who are logged in are let pass."""
    goal = local_path(request.query.get("next", "/"))
    if VISITOR in request:
        return redirect(request, goal)
    async with request.app[DATABASE].reading() as session:
        needs_setup = await storage.setups.is_open(session)
    return _ask(request, goal=goal, needs_setup=needs_setup)


@public
async def create(request: web.Request) -> web.Response:
    """Log in: count the attempt, look at the password, open a new log-in under a new cookie."""
    form = await request.post()
    login, password = str(form.get("login", ""))[:200], str(form.get("password", ""))
    goal = local_path(str(form.get("next", "/")))
    now, address = datetime.now(UTC), client_address(request)
    async with request.app[DATABASE].writing() as session:
        attempt = await storage.attempts.begin(session, login=login, address=address, now=now)
    if attempt.wait:
        return _put_off(request, attempt.wait, login=login, goal=goal)
    async with request.app[DATABASE].reading() as session:
        user = await storage.users.by_login(session, login)
    known_hash = user.password_hash if user is not None and user.active else None
    if not await storage.passwords.fits(known_hash, password) or user is None:
        sentence = _("Login or password is wrong. Both are checked exactly; is Caps Lock on?")
        return _ask(request, status=422, login=login, goal=goal, sentence=sentence)
    return await _enter(request, user, password, address=address, goal=goal)


def _ask(
    request: web.Request,
    *,
    goal: str,
    status: int = 200,
    login: str = "",
    sentence: str = "",
    needs_setup: bool = False,
) -> web.Response:
    return render(
        request,
        "sessions/new.html",
        status=status,
        goal=goal,
        login=login,
        sentence=sentence,
        needs_setup=needs_setup,
    )


def _put_off(request: web.Request, wait: timedelta, *, login: str, goal: str) -> web.Response:
    seconds = max(1, -(-wait // timedelta(seconds=1)))
    if seconds < MINUTE:
        words = ngettext("{n} second", "{n} seconds", seconds).format(n=seconds)
    else:
        minutes = -(-seconds // MINUTE)
        words = ngettext("{n} minute", "{n} minutes", minutes).format(n=minutes)
    sentence = _("Too many wrong passwords came from here. Try again in {wait}.").format(wait=words)
    response = _ask(request, status=429, login=login, goal=goal, sentence=sentence)
    response.headers[hdrs.RETRY_AFTER] = str(seconds)
    return response


async def _enter(
    request: web.Request, user: User, password: str, *, address: str, goal: str
) -> web.Response:
    fresh_hash = None
    if user.password_hash and storage.passwords.is_outdated(user.password_hash):
        fresh_hash = await storage.passwords.hashed(password)
    old = request.cookies.get(cookie_name(request.app[SETTINGS]))
    now, is_first = datetime.now(UTC), not user.language
    wished = preferred(request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))
    async with request.app[DATABASE].writing() as session:
        await storage.attempts.succeeded(session, login=user.login, address=address)
        await storage.users.note_login(session, user.id, now=now, language=wished)
        if user.password_hash and fresh_hash:
            await storage.access.rehash(session, user.id, old=user.password_hash, new=fresh_hash)
        await storage.sessions.sweep(session, now=now)
        if old:
            await storage.sessions.replace(session, old, now=now, by=user.id)
        opened = await storage.sessions.open_for(
            session,
            user.id,
            now=now,
            hours=request.app[SETTINGS].session_hours,
            address=address,
            browser=request.headers.get(hdrs.USER_AGENT, ""),
        )
    if is_first:
        await request.app[POPS].phones_changed()  # cards speak the agent's language
    if user.must_change_password:
        goal = url(request, "passwords.edit")
    response = redirect(request, goal)
    give_cookie(request, response, opened.cookie)
    return response


@signed_in
async def leave(request: web.Request) -> web.Response:
    """Log out: the log-in ends on the server, whoever may hold its cookie."""
    visitor = request[VISITOR]
    if visitor.session_id is not None:
        async with request.app[DATABASE].writing() as session:
            await storage.sessions.close(
                session, visitor.session_id, user_id=visitor.user_id, by=visitor.user_id
            )
        await request.app[POPS].access_changed(visitor.user_id)
    response = redirect(request, url(request, "sessions.new"), flash=_("You are logged out."))
    take_cookie(request, response)
    return response


@signed_in
async def index(request: web.Request) -> web.Response:
    """Where the visitor is logged in now."""
    visitor = request[VISITOR]
    async with request.app[DATABASE].reading() as session:
        sessions = await storage.sessions.of_user(session, visitor.user_id, now=datetime.now(UTC))
    return render(
        request, "sessions/index.html", sessions=sessions, current=visitor.session_id, spoken=spoken
    )


@signed_in
async def end(request: web.Request) -> web.Response:
    """End one log-in of the visitor."""
    visitor = request[VISITOR]
    key = forms.key_of(request)
    async with request.app[DATABASE].writing() as session:
        await storage.sessions.close(session, key, user_id=visitor.user_id, by=visitor.user_id)
    await request.app[POPS].access_changed(visitor.user_id)
    return redirect(request, url(request, "sessions.index"), flash=_("That log-in is ended."))


@signed_in
async def end_others(request: web.Request) -> web.Response:
    """End every log-in of the visitor but this one."""
    visitor = request[VISITOR]
    async with request.app[DATABASE].writing() as session:
        await storage.sessions.close_all(
            session, visitor.user_id, by=visitor.user_id, but=visitor.session_id
        )
    await request.app[POPS].access_changed(visitor.user_id)
    flash = _("You are logged in here only.")
    return redirect(request, url(request, "sessions.index"), flash=flash)


routes = [
    web.get("/login", new, name="sessions.new"),
    web.post("/login", create, name="sessions.create"),
    web.post("/logout", leave, name="log_outs.create"),
    web.get("/sessions", index, name="sessions.index"),
    web.post("/sessions/{id}/ends", end, name="session_ends.create"),
    web.post("/sessions/ends", end_others, name="session_ends.others"),
]
