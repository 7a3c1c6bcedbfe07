"""Who asks, and may they? Sessions by cookie, programs by token, forms only from our own pages."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

import storage.sessions
import storage.settings
import storage.tokens
from storage.rules.permissions import Permission
from web import filters, i18n
from web.keys import DATABASE, SETTINGS, VISITOR, Visitor

COOKIE = "ringbook_session"
SAFE = {"GET", "HEAD", "OPTIONS"}
PASSWORD_PAGES = ("passwords.", "sessions.", "static", "health.")

Page = Callable[[web.Request], Awaitable[web.StreamResponse]]


def requires(permission: Permission) -> Callable[[Page], Page]:
    """Mark a handler: only visitors who hold `permission` (for anyone) get in.

    For whom it is held (own, team, all) is the handler's to ask: `visitor.scope(permission)`.
    """

    def mark(page: Page) -> Page:
        page.requires = permission  # type: ignore[attr-defined]  # read by `guard` and by tests
        return page

    return mark


def signed_in(page: Page) -> Page:
    """Mark a handler: every visitor who is logged in gets in."""
    page.requires = "signed_in"  # type: ignore[attr-defined]
    return page


def public(page: Page) -> Page:
    """Mark a handler: anyone gets in. The tests list every such page."""
    page.requires = "public"  # type: ignore[attr-defined]
    return page


def csrf_token_of(cookie: str) -> str:
    """Return the token that forms of the log-in behind `cookie` must carry."""
    return hmac.new(cookie.encode(), b"csrf", hashlib.sha256).hexdigest()


def client_address(request: web.Request) -> str:
    """Return the address of who asks; X-Forwarded-For counts only from a trusted proxy."""
    peer = request.remote or ""
    if peer in request.app[SETTINGS].trusted_proxies:
        return request.headers.get("X-Forwarded-For", peer).rsplit(",", 1)[-1].strip()
    return peer


@web.middleware
async def identify(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find out who asks, by cookie or by token, and in which language and zone to answer."""
    if request.path.startswith("/static/"):
        return await handler(request)
    visitor = await _by_token(request) if _bearer(request) else await _by_cookie(request)
    if visitor is not None:
        request[VISITOR] = visitor
    i18n.use(visitor.language if visitor else "en")
    async with request.app[DATABASE].reading() as session:
        filters.use_zone(await storage.settings.time_zone(session))
    return await handler(request)


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let in whom the handler's mark allows, and only forms that our own pages sent."""
    needed = getattr(request.match_info.handler, "requires", None)
    if needed == "public" or request.match_info.http_exception is not None:
        _refuse_foreign_form(request)
        return await handler(request)
    if request.path.startswith("/static/"):
        return await handler(request)
    if needed is None:
        raise web.HTTPForbidden(text="This page says to nobody that they may see it.")
    visitor = request.get(VISITOR)
    if visitor is None:
        return _ask_to_log_in(request)
    if visitor.token_id is None:
        _refuse_foreign_form(request)
        await _refuse_without_token(request, visitor)
    if isinstance(needed, Permission) and not visitor.can(needed):
        raise web.HTTPForbidden(text=i18n.gettext("Your role does not allow this."))
    if visitor.must_change_password and not _is_password_page(request):
        raise web.HTTPSeeOther(request.app.router["passwords.edit"].url_for())
    return await handler(request)


def _bearer(request: web.Request) -> str | None:
    scheme, _, value = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else None


async def _by_token(request: web.Request) -> Visitor | None:
    """A token opens the API only, never a page."""
    if not request.path.startswith("/api/"):
        return None
    secret = _bearer(request) or ""
    return await visitor_of_token(request.app, secret, now=datetime.now(UTC))


async def visitor_of_token(app: web.Application, secret: str, *, now: datetime) -> Visitor | None:
    """Return the program behind an API token, or None; its use is noted."""
    async with app[DATABASE].reading() as session:
        found = await storage.tokens.find(session, secret, now=now)
    if found is None:
        return None
    token, user = found
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
    )


async def _by_cookie(request: web.Request) -> Visitor | None:
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        return None
    return await visitor_of_cookie(request.app, cookie, now=datetime.now(UTC))


async def visitor_of_cookie(app: web.Application, cookie: str, *, now: datetime) -> Visitor | None:
    """Return the person behind a log-in's cookie, or None; its use is noted."""
    async with app[DATABASE].reading() as session:
        found = await storage.sessions.find(session, cookie, now=now)
    if found is None:
        return None
    login, user = found
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
    )


def _refuse_foreign_form(request: web.Request) -> None:
    """Raise 403 for a state change that another site's page sent (ASVS 3.5.1)."""
    if request.method in SAFE:
        return
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get(hdrs.ORIGIN)
    if site not in {"same-origin", "none"} or origin != request.app[SETTINGS].public_origin:
        raise web.HTTPForbidden(
            text=i18n.gettext("This form came from another site and was not accepted.")
        )


async def _refuse_without_token(request: web.Request, visitor: Visitor) -> None:
    if request.method in SAFE:
        return
    given = request.headers.get("X-CSRF-Token")
    if given is None and request.content_type in {
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    }:
        field = (await request.post()).get("csrf_token")
        given = field if isinstance(field, str) else None
    if not hmac.compare_digest((given or "").encode(), visitor.csrf_token.encode()):
        raise web.HTTPForbidden(
            text=i18n.gettext("This form is too old. Load the page again and repeat.")
        )


def _ask_to_log_in(request: web.Request) -> web.StreamResponse:
    if request.path.startswith("/api/"):
        raise web.HTTPUnauthorized(
            text="a token is needed: Authorization: Bearer …",
            headers={hdrs.WWW_AUTHENTICATE: "Bearer"},
        )
    login = request.app.router["sessions.new"].url_for()
    if request.method in SAFE and request.path != "/":
        login = login.with_query({"next": request.path_qs})
    if "HX-Request" in request.headers:
        return web.Response(status=204, headers={"HX-Redirect": str(login)})
    raise web.HTTPSeeOther(login)


def _is_password_page(request: web.Request) -> bool:
    route = request.match_info.route.name or ""
    return route.startswith(PASSWORD_PAGES)
