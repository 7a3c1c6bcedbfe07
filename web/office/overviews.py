"""Administration at a glance: what is set up, and what is still missing."""

from aiohttp import web

import storage.agents
import storage.outcomes
import storage.pbxs
import storage.settings
import storage.users
from storage.rules.permissions import Permission
from web.auth import requires
from web.keys import DATABASE
from web.render import render


@requires(Permission.MANAGE_USERS)
async def show(request: web.Request) -> web.Response:
    """The parts of the administration, each with how many it holds."""
    async with request.app[DATABASE].reading() as session:
        counts = {
            "users": len(await storage.users.listed(session)),
            "phones": len(await storage.agents.phones(session)),
            "pbxs": len(await storage.pbxs.listed(session)),
            "outcomes": len(await storage.outcomes.listed(session)),
        }
        zone = await storage.settings.get(session, "time_zone")
    return render(request, "overviews/show.html", counts=counts, zone=zone)


routes = [web.get("/administration", show, name="administration")]
