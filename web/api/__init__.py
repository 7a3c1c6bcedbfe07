"""The REST API under /api/v1, described by OpenAPI."""

from aiohttp import web

from web.api import (
    calls,
    comments,
    consents,
    customers,
    descriptions,
    originates,
    presences,
    recording_pauses,
    recordings,
    reviews,
    scripts,
    shares,
    supervisions,
    tasks,
    transcripts,
)
from web.api.operations import open_route, routes_of
from web.keys import MenuItem

OPERATIONS = [
    *customers.OPERATIONS,
    *calls.OPERATIONS,
    *originates.OPERATIONS,
    *recordings.OPERATIONS,
    *transcripts.OPERATIONS,
    *comments.OPERATIONS,
    *shares.OPERATIONS,
    *consents.OPERATIONS,
    *recording_pauses.OPERATIONS,
    *supervisions.OPERATIONS,
    *tasks.OPERATIONS,
    *scripts.OPERATIONS,
    *reviews.OPERATIONS,
    *presences.OPERATIONS,
]
routes: list[web.RouteDef] = [
    open_route("/openapi.json", descriptions.describing(OPERATIONS), "api.openapi"),
    *routes_of(OPERATIONS),
]
menu: list[MenuItem] = []
