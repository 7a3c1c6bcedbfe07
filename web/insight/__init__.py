"""Reports: what came of days."""

from aiohttp import web

from pbx_bridge.matching import msgid
from storage.rules.permissions import Permission
from web.insight import shifts
from web.keys import MenuItem

routes: list[web.RouteDef] = [*shifts.routes]
menu = [
    MenuItem(
        label=msgid("Reports"),
        route="shifts.index",
        permission=Permission.SEE_REPORTS,
        icon="report",
        order=65,
    )
]
