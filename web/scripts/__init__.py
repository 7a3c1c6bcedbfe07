"""Scripts of queues: edited, tried out, published, counted."""

from aiohttp import web

from pbx_bridge.matching import msgid
from storage.rules.permissions import Permission
from web.drafting import routes_of
from web.keys import MenuItem
from web.scripts import editing, previews, reports

KEY = r"{id:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}}"

routes: list[web.RouteDef] = [
    *routes_of(editing.PAGES, "/scripts", KEY),
    web.post(f"/scripts/{KEY}/queues", editing.assign, name="script_queues.update"),
    web.get(f"/scripts/{KEY}/preview", previews.show, name="scripts.preview"),
    web.get(f"/scripts/{KEY}/report", reports.show, name="scripts.report"),
    web.get(f"/scripts/{KEY}/report.csv", reports.export, name="scripts.export"),
]
menu = [
    MenuItem(
        label=msgid("Scripts"),
        route="scripts.index",
        permission=Permission.MANAGE_SCRIPTS,
        icon="note",
        order=60,
    )
]
