"""May they? Every page says whom it lets in; forms are accepted only from our own pages."""

import hmac
from collections.abc import Awaitable, Callable

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler
from yarl import URL

import storage.settings
from storage.rules.permissions import Permission
from web import filters, i18n
from web.keys import DATABASE, SETTINGS, VISITOR, Visitor
from web.visitors import (
    COOKIE,
    client_address,
    cookie_name,
    csrf_token_of,
    visitor_of,
    visitor_of_cookie,
    visitor_of_token,
)

__all__ = [
    "COOKIE",
    "client_address",
    "cookie_name",
    "csrf_token_of",
    "guard",
    "identify",
    "public",
    "requires",
    "signed_in",
    "visitor_of_cookie",
    "visitor_of_token",
]

SAFE = {"GET", "HEAD", "OPTIONS"}
FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}
PASSWORD_PAGES = ("passwords.", "log_outs.", "static", "health.")

Page = Callable[[web.Request], Awaitable[web.StreamResponse]]


def requires(permission: Permission, *, scope: str = "") -> Callable[[Page], Page]:
    """Mark a handler: only visitors who hold `permission` (for anyone) get in.

    For whom it is held (own, team, all) is the handler's to ask: `visitor.scope(permission)`.
    A token needs `scope` as well; without one "read" for reading and "write" for the rest.
    """

    def mark(page: Page) -> Page:
        page.requires = permission  # type: ignore[attr-defined]  # read by `guard` and by tests
        page.token_scope = scope  # type: ignore[attr-defined]
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


@web.middleware
async def identify(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find out who asks, by cookie or by token, and in which language and zone to answer."""
    if _is_static(request):
        return await handler(request)
    visitor = await visitor_of(request)
    if visitor is not None:
        request[VISITOR] = visitor
    chosen = visitor.language if visitor else ""
    i18n.use(chosen or i18n.preferred(request.headers.get(hdrs.ACCEPT_LANGUAGE, "")))
    async with request.app[DATABASE].reading() as session:
        filters.use_zone(await storage.settings.time_zone(session))
    return await handler(request)


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let in whom the handler's mark allows, and only forms that our own pages sent."""
    needed = getattr(request.match_info.handler, "requires", None)
    visitor = request.get(VISITOR)
    if not _is_api(request):  # there a cookie changes nothing, so there is nothing to forge
        _refuse_foreign_form(request)
    if needed == "public" or request.match_info.http_exception is not None or _is_static(request):
        return await handler(request)
    if needed is None:
        raise web.HTTPForbidden(text="This page says to nobody that they may see it.")
    if visitor is None or _is_cookie_on_api(request, visitor):
        return _ask_to_log_in(request)
    if isinstance(needed, Permission) and not visitor.can(needed):
        raise web.HTTPForbidden(text=i18n.gettext("Your role does not allow this."))
    if visitor.token_id is None:
        await _refuse_without_token(request, visitor)
    else:
        _refuse_beyond_scope(request, visitor)
    if visitor.must_change_password and not _is_password_page(request):
        return _ask_to_change_password(request)
    return await handler(request)


def _is_static(request: web.Request) -> bool:
    return request.match_info.route.name == "static"


def _is_api(request: web.Request) -> bool:
    return request.path.startswith("/api/")


def _is_cookie_on_api(request: web.Request, visitor: Visitor) -> bool:
    """A cookie may read the API, so that its pages can be tried; only a token may change."""
    return _is_api(request) and visitor.token_id is None and request.method not in SAFE


def _refuse_beyond_scope(request: web.Request, visitor: Visitor) -> None:
    named = getattr(request.match_info.handler, "token_scope", "")
    scope = named or ("read" if request.method in SAFE else "write")
    if scope not in visitor.scopes:
        raise web.HTTPForbidden(text=f"this token lacks the scope {scope}")


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
    if given is None and request.content_type in FORMS:
        field = (await request.post()).get("csrf_token")
        given = field if isinstance(field, str) else None
    if not hmac.compare_digest((given or "").encode(), visitor.csrf_token.encode()):
        raise web.HTTPForbidden(
            text=i18n.gettext("This form is too old. Load the page again and repeat.")
        )


def _ask_to_log_in(request: web.Request) -> web.StreamResponse:
    if _is_api(request):
        raise web.HTTPUnauthorized(
            text="a token is needed: Authorization: Bearer …",
            headers={hdrs.WWW_AUTHENTICATE: "Bearer"},
        )
    login = request.app.router["sessions.new"].url_for()
    if request.method in SAFE and request.path != "/":
        login = login.with_query({"next": request.path_qs})
    return _send_to(request, login)


def _ask_to_change_password(request: web.Request) -> web.StreamResponse:
    if _is_api(request):
        raise web.HTTPForbidden(text="log in and change the one-time password first")
    return _send_to(request, request.app.router["passwords.edit"].url_for())


def _send_to(request: web.Request, address: URL) -> web.StreamResponse:
    if "HX-Request" in request.headers:
        return web.Response(status=204, headers={"HX-Redirect": str(address)})
    raise web.HTTPSeeOther(address)


def _is_password_page(request: web.Request) -> bool:
    route = request.match_info.route.name or ""
    return route.startswith(PASSWORD_PAGES)
