"""What is due: a dry run of the next night, with the reason for each recording."""

from datetime import UTC, datetime, timedelta
from itertools import islice

from aiohttp import web

import storage.retention
from storage.database import Database
from storage.retention import Due
from storage.rules.permissions import Permission
from web.auth import requires
from web.keys import LOOKUPS
from web.render import render

SHOWN = 200


@requires(Permission.MANAGE_RETENTION)
async def index(request: web.Request) -> web.Response:
    """The recordings that go in the next night, and those that are due and held."""
    until = datetime.now(UTC) + timedelta(days=1)

    async def look(database: Database) -> list[Due]:
        async with database.reading() as session:
            return [one async for one in storage.retention.due(session, now=until)]

    found = await request.app[LOOKUPS].run(look)
    return render(
        request,
        "retention/due.html",
        found=list(islice(found, SHOWN)),
        going=sum(not one.is_held for one in found),
        held=sum(one.is_held for one in found),
    )
