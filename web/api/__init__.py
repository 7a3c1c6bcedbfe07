"""The REST API under /api/v1, described by OpenAPI."""

from aiohttp import web

from web.keys import MenuItem

routes: list[web.RouteDef] = []
menu: list[MenuItem] = []
