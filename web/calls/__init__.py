"""Calls: in progress, list, one call's story, its recordings."""

from aiohttp import web

from web.keys import MenuItem

routes: list[web.RouteDef] = []
menu: list[MenuItem] = []
