"""Who asks: a person by the cookie of a log-in, a program by its token, from which address."""

import hashlib
import hmac
from datetime import UTC, datetime

from aiohttp import hdrs, web

import storage.rights
import storage.sessions
import storage.tokens
from web.config import Settings
from web.keys import DATABASE, SETTINGS, Visitor

COOKIE = "ringbook_session"


def csrf_token_of(cookie: str) -> str:
    """Return the token that forms of the log-in behind `cookie` must carry."""
    return hmac.new(cookie.encode(), b"csrf", hashlib.sha256).hexdigest()


def client_address(request: web.Request) -> str:
    """Return the address of who asks; X-Forwarded-For counts only from a trusted proxy."""
    trusted = request.app[SETTINGS].trusted_proxies
    said = ",".join(request.headers.getall("X-Forwarded-For", []))
    hops = [hop.strip() for hop in said.split(",") if hop.strip()]
    address = request.remote or ""
    while address in trusted and hops:
        address = hops.pop()
    return address


def cookie_name(settings: Settings) -> str:
    """Return what the log-in's cookie is called: over https no other host can set it (__Host-)."""
    return f"__Host-{COOKIE}" if _is_https(settings) else COOKIE


def give_cookie(request: web.Request, response: web.StreamResponse, cookie: str) -> None:
    """Let the browser keep the log-in until it is closed; scripts and other sites cannot use it."""
    settings = request.app[SETTINGS]
    secure = _is_https(settings)
    response.set_cookie(
        cookie_name(settings), cookie, httponly=True, samesite="Lax", secure=secure, path="/"
    )


def take_cookie(request: web.Request, response: web.StreamResponse) -> None:
    """Let the browser forget the log-in."""
    settings = request.app[SETTINGS]
    secure = _is_https(settings)
    response.del_cookie(
        cookie_name(settings), path="/", httponly=True, samesite="Lax", secure=secure
    )


def _is_https(settings: Settings) -> bool:
    return settings.public_url.startswith("https:")


async def visitor_of(request: web.Request) -> Visitor | None:
    """Return who asks, or None; a token opens the API only, never a page."""
    now = datetime.now(UTC)
    secret = _bearer(request)
    if secret is not None:
        if not request.path.startswith("/api/"):
            return None
        return await visitor_of_token(request.app, secret, now=now)
    cookie = request.cookies.get(cookie_name(request.app[SETTINGS]))
    return await visitor_of_cookie(request.app, cookie, now=now) if cookie else None


def _bearer(request: web.Request) -> str | None:
    scheme, _, value = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else None


async def visitor_of_token(app: web.Application, secret: str, *, now: datetime) -> Visitor | None:
    """Return the program behind an API token, or None; its use is noted."""
    async with app[DATABASE].reading() as session:
        found = await storage.tokens.find(session, secret, now=now)
        if found is None:
            return None
        token, user = found
        given = await storage.rights.given(session, user.role)
    if token.last_used_at is None or now - token.last_used_at > storage.sessions.TOUCH_EVERY:
        async with app[DATABASE].writing() as session:
            await storage.tokens.touch(session, token.id, now=now)
    return Visitor(
        user_id=user.id,
        login=user.login,
        name=user.name,
        role=user.role,
        language=user.language,
        token_id=token.id,
        scopes=frozenset(token.scopes),
        given=given,
    )


async def visitor_of_cookie(app: web.Application, cookie: str, *, now: datetime) -> Visitor | None:
    """Return the person behind a log-in's cookie, or None; its use is noted."""
    async with app[DATABASE].reading() as session:
        found = await storage.sessions.find(session, cookie, now=now)
        if found is None:
            return None
        login, user = found
        given = await storage.rights.given(session, user.role)
    if now - login.last_seen_at > storage.sessions.TOUCH_EVERY:
        async with app[DATABASE].writing() as session:
            hours = app[SETTINGS].session_hours
            await storage.sessions.touch(session, login.id, now=now, hours=hours)
    return Visitor(
        user_id=user.id,
        login=user.login,
        name=user.name,
        role=user.role,
        language=user.language,
        session_id=login.id,
        csrf_token=csrf_token_of(cookie),
        must_change_password=user.must_change_password,
        given=given,
    )
