"""What the law asks of recordings: for how long they are kept, and what happened to each."""

from aiohttp import web

from web.keys import MenuItem
from web.retention import custody

routes: list[web.RouteDef] = [*custody.routes]
menu: list[MenuItem] = []
