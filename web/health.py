"""Is it alive, is it ready, and what do its figures say: for load balancers and Prometheus."""

import asyncio
import hmac
import ipaddress
from http import HTTPStatus
from time import perf_counter

import prometheus_client
import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

import storage.startup
from pbx_bridge.rights import said
from web import errors
from web.auth import SAFE, client_address, public
from web.i18n import gettext
from web.keys import DATABASE, LEADS, POPS, SETTINGS, SHORTAGES, VISITOR, MenuItem, PbxLink
from web.metrics import REQUEST_SECONDS, REQUESTS

DATABASE_SECONDS = 2.0  # how long readiness waits for the database
log = structlog.get_logger("web.access")


@public
async def alive(request: web.Request) -> web.Response:
    """The process answers."""
    del request
    return web.json_response({"status": "ok"})


@public
async def ready(request: web.Request) -> web.Response:
    """200 when this node leads and its database answers; each PBX's link is told beside, and where
    recordings lack room.
    """
    parts = {"database": await _database(request.app)}
    parts |= {f"pbx {link.pbx}": _stands(link) for link in request.app[POPS].links()}
    parts |= {f"room {one.pbx_id or 'shelf'}": one.level for one in request.app[SHORTAGES]()}
    leads = request.app[LEADS]()
    good = leads and parts["database"] == "ok"
    status = HTTPStatus.OK if good else HTTPStatus.SERVICE_UNAVAILABLE
    word = "ok" if good else "down" if leads else "standby"
    return web.json_response({"status": word, "parts": parts}, status=status)


@public
async def metrics(request: web.Request) -> web.Response:
    """Prometheus text, for loopback or for who knows RINGBOOK_METRICS_TOKEN."""
    if not _may_read_metrics(request):
        raise web.HTTPForbidden(text="metrics are for loopback, or with RINGBOOK_METRICS_TOKEN")
    text = prometheus_client.generate_latest()
    return web.Response(body=text, headers={hdrs.CONTENT_TYPE: "text/plain; version=0.0.4"})


def _stands(link: PbxLink) -> str:
    lacks = f"limited: its account {said(link.lacks)}" if link.lacks else None
    return ": ".join(filter(None, (link.status, lacks, link.why)))


async def _database(app: web.Application) -> str:
    try:
        async with asyncio.timeout(DATABASE_SECONDS):
            await storage.startup.reach(app[DATABASE])
    except TimeoutError:
        return "no answer in time"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is down
        return f"down: {type(error).__name__}"
    return "ok"


def _may_read_metrics(request: web.Request) -> bool:
    token = request.app[SETTINGS].metrics_token
    given = request.headers.get(hdrs.AUTHORIZATION, "").removeprefix("Bearer ")
    if token is not None:
        return hmac.compare_digest(given.encode(), token.get_secret_value().encode())
    forwarded = "X-Forwarded-For" in request.headers
    return not forwarded and ipaddress.ip_address(client_address(request)).is_loopback


@web.middleware
async def measure(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count and log every answer; of its address only the path, since queries hold numbers."""
    began = perf_counter()
    status = int(HTTPStatus.INTERNAL_SERVER_ERROR)
    try:
        response = await handler(request)
        status = response.status
    except web.HTTPException as answer:
        status = answer.status
        raise
    else:
        return response
    finally:
        seconds = perf_counter() - began
        route = request.match_info.route.name or "none"
        REQUESTS.labels(route, str(status)).inc()
        REQUEST_SECONDS.labels(route).observe(seconds)
        visitor = request.get(VISITOR)
        log.info(
            "answered",
            method=request.method,
            path=request.path,
            status=status,
            ms=round(seconds * 1000, 1),
            user_id=str(visitor.user_id) if visitor else None,
        )


@web.middleware
async def send_to_leader(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A node that does not lead answers for its health alone; a proxy then asks the other."""
    route = request.match_info.route.name or ""
    if request.app[LEADS]() or route.startswith("health.") or route == "static":
        return await handler(request)
    reads = request.method in SAFE  # what changes something must not be sent twice by a proxy
    status = HTTPStatus.SERVICE_UNAVAILABLE if reads else HTTPStatus.MISDIRECTED_REQUEST
    text = gettext("Another node of Ringbook leads. Load the page again in a moment.")
    return errors.tell(request, status, text)


routes = [
    web.get("/healthz", alive, name="health.alive"),
    web.get("/readyz", ready, name="health.ready"),
    web.get("/metrics", metrics, name="health.metrics"),
]
menu: list[MenuItem] = []
