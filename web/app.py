"""The composition root of the pages: what they carry, their rooms, their order of checks."""

from collections.abc import Callable
from importlib import import_module
from itertools import chain
from types import ModuleType

from aiohttp import hdrs, web

from recordings.pickup import Pickup
from recordings.renditions import Renditions
from recordings.shortages import Shortage
from storage.background import Background
from storage.database import Database
from storage.secrets import SecretBox
from web import auth, errors, health, i18n, keys, policies, render
from web.config import Settings
from web.picking import LOOKS, Looks
from web.renditions import renditions_of
from web.shelves import shelf_of
from web.statics import statics
from web.telephony import Controls

ROOMS = (
    "desk", "calls", "recordings", "retention", "people", "scripts", "reviews", "insight", "office",
    "api", "health",
)  # fmt: skip
UPLOAD_LIMIT = 32 * 1024 * 1024  # bytes: a customer file of about 300,000 lines


def build(
    settings: Settings,
    database: Database,
    pops: keys.Pops,
    leads: Callable[[], bool] = lambda: True,
    *,
    controls: Controls | None = None,
    pickup: Pickup | None = None,
    renditions: Renditions | None = None,
    shortages: Callable[[], tuple[Shortage, ...]] = tuple,
    discards: keys.Discards = lambda _call, _consent: None,
) -> web.Application:
    """Put the application together; the caller owns and closes what it is given."""
    app = web.Application(
        middlewares=[
            health.measure,
            errors.answer_errors,
            health.send_to_leader,
            auth.identify,
            auth.guard,
        ],
        client_max_size=UPLOAD_LIMIT,
    )
    app.on_response_prepare.append(_harden)  # also those that stream
    app[keys.SETTINGS] = settings
    app[keys.DATABASE] = database
    _add_asides(app, database)
    app[keys.SECRETS] = SecretBox(settings.secret_keys)
    app[keys.POPS] = pops
    app[keys.LEADS] = leads
    if controls is not None:
        app[keys.CONTROLS] = controls
    app[keys.SHORTAGES], app[keys.DISCARDS] = shortages, discards
    _add_recordings(app, pickup, renditions)
    app[keys.TEMPLATES] = render.templates(ROOMS)
    i18n.load()
    rooms = _rooms()
    app[keys.MENU] = tuple(
        sorted(chain.from_iterable(room.menu for room in rooms), key=lambda item: item.order)
    )
    app.router.add_get("/static/{path:.+}", statics().answer, name="static")
    for room in rooms:
        app.router.add_routes(room.routes)
    return app


def _add_asides(app: web.Application, database: Database) -> None:
    """What is done beside the loop that answers."""
    app[keys.LOOKUPS] = lookups = Background(database.url)
    app[LOOKS] = looks = Looks(database)
    app.on_cleanup.append(lambda _: lookups.close())
    app.on_cleanup.append(lambda _: looks.close())


def _add_recordings(
    app: web.Application, pickup: Pickup | None, renditions: Renditions | None
) -> None:
    settings, database = app[keys.SETTINGS], app[keys.DATABASE]
    if pickup is not None:
        app[keys.PICKUP] = pickup
    app[keys.SHELF] = shelf = shelf_of(settings)
    app[keys.RENDITIONS] = made = renditions or renditions_of(settings, database, shelf)
    app.on_cleanup.append(lambda _: made.close())


def _rooms() -> list[ModuleType]:
    return [import_module(f"web.{room}") for room in ROOMS]


async def _harden(request: web.Request, response: web.StreamResponse) -> None:
    """Give every answer the headers that keep a browser from being used against its user."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", policies.of_page(request.app[keys.SETTINGS]))
    headers["X-Content-Type-Options"] = "nosniff"
    headers.setdefault("Referrer-Policy", "same-origin")
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers.setdefault(hdrs.CACHE_CONTROL, "no-store")
    if request.app[keys.SETTINGS].public_url.startswith("https:"):
        headers["Strict-Transport-Security"] = "max-age=31536000"
