"""Events of the PBXs that fit no transition: how many of each kind, and what they said."""

from uuid import UUID

from aiohttp import web

import storage.oddities
import storage.pbxs
from pbx_bridge.journal import hide_paths
from storage.rules.permissions import Permission
from web.auth import requires
from web.journey import oddities
from web.keys import DATABASE, SETTINGS
from web.render import render

KEY = r"{id:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}}"


@requires(Permission.MANAGE_PBXS)
async def index(request: web.Request) -> web.Response:
    """Every kind there was lately, with the calls they were about."""
    async with request.app[DATABASE].reading() as session:
        found = await storage.oddities.listed(session)
    return render(request, "oddities/index.html", oddities=found)


@requires(Permission.MANAGE_PBXS)
async def show(request: web.Request) -> web.Response:
    """One such event: what the PBX said, as the journal has it."""
    async with request.app[DATABASE].reading() as session:
        kind, case = await storage.oddities.case(session, UUID(request.match_info["id"]))
        pbx = await storage.pbxs.get(session, kind.pbx_id)
    entry = None
    if case.n:
        entry = await oddities.message(request.app[SETTINGS], kind.pbx_id, case.n, case.at)
    text = hide_paths(entry.raw).decode("utf-8", "replace").strip() if entry else ""
    return render(request, "oddities/show.html", kind=kind, case=case, pbx=pbx.name, text=text)


routes = [
    web.get("/administration/oddities", index, name="oddities.index"),
    web.get(f"/administration/oddities/{KEY}", show, name="oddities.show"),
]
