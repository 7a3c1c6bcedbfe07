"""Whether recordings have room: the warning over every page, asked for again each minute."""

from aiohttp import web

from storage.rules.permissions import Permission
from web.auth import requires
from web.render import render


@requires(Permission.MEND_RECORDINGS)
async def show(request: web.Request) -> web.Response:
    """The warning as it is now; empty where there is room."""
    return render(request, "base_room.html")
