"""The agent's own call is not recorded for a while: asked for from its card."""

from uuid import UUID

from aiohttp import web

from storage.errors import Refused
from storage.recording_pauses import Cause
from storage.rules.permissions import Permission
from web.auth import requires
from web.desk.handlings import done
from web.i18n import _
from web.keys import CONTROLS


@requires(Permission.PAUSE_RECORDINGS)
async def pause(request: web.Request) -> web.Response:
    """Record nothing from now on; what is not confirmed within a second is refused."""

    async def deed(request: web.Request, user: UUID, call: UUID) -> str:
        _require_part(request, user, call)
        await request.app[CONTROLS].recording_pauses.pause(call, cause=Cause.HAND, by=user)
        return _("The recording is paused.")

    return await done(request, deed)


@requires(Permission.PAUSE_RECORDINGS)
async def resume(request: web.Request) -> web.Response:
    """Record again."""

    async def deed(request: web.Request, user: UUID, call: UUID) -> str:
        _require_part(request, user, call)
        await request.app[CONTROLS].recording_pauses.resume(call, cause=Cause.HAND, by=user)
        return _("The recording goes on.")

    return await done(request, deed)


def _require_part(request: web.Request, user: UUID, call: UUID) -> None:
    if user not in request.app[CONTROLS].recording_pauses.parties(call):
        raise Refused(_("You are not in this call."))


routes = [
    web.post("/desk/calls/{call}/recording-pauses", pause, name="recording_pauses.create"),
    web.post("/desk/calls/{call}/recording-ends", resume, name="recording_pauses.end"),
]
