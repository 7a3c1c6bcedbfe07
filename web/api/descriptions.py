"""`/api/v1/openapi.json`: made once, from the endpoints that are served."""

from importlib.metadata import version

import orjson
from aiohttp import web

from web.api.openapi import document
from web.api.operations import Operation, Page
from web.keys import SETTINGS


def describing(operations: list[Operation]) -> Page:
    """Return the handler that gives the document."""

    async def show(request: web.Request) -> web.Response:
        """The OpenAPI 3.1 document."""
        server = request.app[SETTINGS].public_url.rstrip("/")
        made = document(operations, version=version("ringbook"), server=server)
        return web.Response(body=orjson.dumps(made), content_type="application/json")

    return show
