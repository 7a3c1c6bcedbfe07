"""Administration: users, teams, PBXs, queues, outcomes, settings; logging in."""

from aiohttp import web

from web.keys import MenuItem

routes: list[web.RouteDef] = []
menu: list[MenuItem] = []
