"""Customers, their numbers, companies and contacts."""

from aiohttp import web

from web.keys import MenuItem

routes: list[web.RouteDef] = []
menu: list[MenuItem] = []
