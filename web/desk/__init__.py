"""The agent's own screen: pops, wrap-ups, phone."""

from aiohttp import web

from web.keys import MenuItem

routes: list[web.RouteDef] = []
menu: list[MenuItem] = []
