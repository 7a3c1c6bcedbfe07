"""The legal holds that stand, and lifting them."""

from datetime import UTC, datetime
from uuid import UUID

from aiohttp import web

import storage.holds
import storage.users
from storage.rules.permissions import Permission
from web.auth import requires
from web.i18n import _
from web.keys import DATABASE, VISITOR
from web.render import redirect, render, url


@requires(Permission.MANAGE_RETENTION)
async def index(request: web.Request) -> web.Response:
    """Every hold that stands, the newest first."""
    async with request.app[DATABASE].reading() as session:
        holds = await storage.holds.listed(session)
        names = await storage.users.names(session)
    return render(request, "retention/holds.html", holds=holds, names=names)


@requires(Permission.MANAGE_RETENTION)
async def lift(request: web.Request) -> web.Response:
    """Lift a hold: the rules count again."""
    async with request.app[DATABASE].writing() as session:
        key = UUID(request.match_info["id"])
        await storage.holds.lift(session, key, by=request[VISITOR].user_id, now=datetime.now(UTC))
    return redirect(request, url(request, "holds.index"), flash=_("Lifted."))
