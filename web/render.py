"""A whole page, or only the piece htmx asked for."""

import base64
import json
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from web import filters, i18n
from web.keys import MENU, POPS, SETTINGS, SHORTAGES, TEMPLATES, VISITOR
from web.statics import statics

HERE = Path(__file__).parent
FLASH = "ringbook_flash"


@cache
def templates(rooms: tuple[str, ...]) -> Environment:
    """Build the template environment: shared templates first, then each room's own."""
    folders = [HERE / "templates", *(HERE / room / "templates" for room in rooms)]
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # the extension adds it
        i18n.gettext, i18n.ngettext, newstyle=True, pgettext=i18n.pgettext
    )
    environment.globals["ngettext"] = _counted
    environment.filters.update(filters.FILTERS)
    numbers = count()
    environment.globals["static"] = statics().address
    environment.globals["modules"] = statics().modules
    environment.globals["fresh_id"] = lambda: f"id-{next(numbers)}"  # no page has one twice
    return environment


def _counted(singular: str, plural: str, n: int, **values: object) -> str | Markup:
    """The form that fits `n`, which %(num)s shows as numbers are written in this language."""
    values = {"num": i18n.number(n), **values}
    return Markup(i18n.ngettext(singular, plural, n)) % values  # noqa: S704 - our own texts


def render(request: web.Request, name: str, *, status: int = 200, **context: Any) -> web.Response:  # noqa: ANN401 - templates take any value
    """Answer with the template `name`, given `context` beside what every page has."""
    template = request.app[TEMPLATES].get_template(name)
    text = template.render(**_common(request), **context)
    response = web.Response(text=text, status=status, content_type="text/html")
    if FLASH in request.cookies:
        response.del_cookie(FLASH)
    return response


def wants_fragment(request: web.Request) -> bool:
    """Whether htmx asks for a piece of the page rather than the whole."""
    return "HX-Request" in request.headers and "HX-Boosted" not in request.headers


def url(request: web.Request, route: str, **params: Any) -> str:  # noqa: ANN401 - made text here
    """Return the address of `route`; parameters that are no part of its path become the query."""
    resource = request.app.router[route]
    path = resource.get_info().get("formatter", "")
    inside = {key: str(value) for key, value in params.items() if f"{{{key}}}" in path}
    query = {k: str(v) for k, v in params.items() if k not in inside and v not in (None, "")}
    return str(
        resource.url_for(**inside).with_query(query) if query else resource.url_for(**inside)
    )


def redirect(request: web.Request, to: str, *, flash: str = "", kind: str = "good") -> web.Response:
    """Answer a form with 303 to the address `to`, carrying one sentence to show there."""
    if "HX-Request" in request.headers:
        response = web.Response(status=204, headers={"HX-Redirect": to})
    else:
        response = web.Response(status=303, headers={"Location": to})
    if flash:
        value = base64.urlsafe_b64encode(json.dumps([kind, flash]).encode()).decode()
        secure = request.app[SETTINGS].public_url.startswith("https:")
        response.set_cookie(FLASH, value, max_age=60, httponly=True, samesite="Lax", secure=secure)
    return response


def _flash(request: web.Request) -> tuple[str, str] | None:
    try:
        kind, text = json.loads(base64.urlsafe_b64decode(request.cookies.get(FLASH, "")))
        return str(kind), str(text)
    except ValueError:
        return None


def _common(request: web.Request) -> dict[str, Any]:
    visitor = request.get(VISITOR)
    app = request.app

    def link(route: str, **params: Any) -> str:  # noqa: ANN401 - made text in `url`
        return url(request, route, **params)

    return {
        "url": link,
        "user": visitor,
        "csrf_token": visitor.csrf_token if visitor else "",
        "menu": _menu(request),
        "links": app[POPS].links() if visitor and POPS in app else (),
        "shortages": app[SHORTAGES]() if visitor and SHORTAGES in app else (),
        "lang": i18n.language(),
        "live_url": app[SETTINGS].live_url,
        "hears_words": app[SETTINGS].hears_words,
        "now": datetime.now(UTC),
        "flash": _flash(request),
        "path": request.path,
    }


def _menu(request: web.Request) -> list[dict[str, Any]]:
    visitor = request.get(VISITOR)
    if visitor is None:
        return []
    shown = [item for item in request.app[MENU] if visitor.can(item.permission)]
    places = {item.route: url(request, item.route) for item in shown}
    here = max((p for p in places.values() if _is_within(request.path, p)), key=len, default="")
    return [
        {
            "label": i18n.gettext(item.label),
            "href": places[item.route],
            "icon": item.icon,
            "current": places[item.route] == here,
            "counts": url(request, item.counts) if item.counts else "",
        }
        for item in shown
    ]


def _is_within(path: str, place: str) -> bool:
    return path == place or path.startswith(place.rstrip("/") + "/")
