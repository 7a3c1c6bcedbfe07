"""The warning over every page of who reads the audit: somebody dials what they may not."""

from datetime import UTC, datetime

from aiohttp import web

import storage.misdials
from storage.rules.permissions import Permission
from web.auth import requires
from web.keys import DATABASE
from web.render import render


@requires(Permission.SEE_AUDIT)
async def show(request: web.Request) -> web.Response:
    """The warning as it is now; empty where nobody does."""
    async with request.app[DATABASE].reading() as session:
        found = await storage.misdials.lately(session, now=datetime.now(UTC))
    return render(request, "base_misdials.html", misdials=found)


routes = [web.get("/administration/misdials", show, name="misdials.show")]
