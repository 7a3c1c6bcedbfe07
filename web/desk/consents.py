"""Whether the caller may be recorded, told from the agent's card; a refusal counts at once."""

from uuid import UUID

from aiohttp import web

from storage.errors import Refused
from storage.rules.permissions import Permission
from storage.rules.retention import Consent
from web.auth import requires
from web.desk.handlings import done
from web.i18n import _
from web.keys import CONTROLS


@requires(Permission.USE_DESK)
async def create(request: web.Request) -> web.Response:
    """Note what the caller said; 504 where the PBX does not say in time that it records no more."""

    async def deed(request: web.Request, user: UUID, call: UUID) -> str:
        controls = request.app[CONTROLS]
        try:
            state = Consent(str((await request.post()).get("state", "")))
        except ValueError:
            raise Refused(_("Choose one of the list.")) from None
        if user not in controls.recording_pauses.parties(call):
            raise Refused(_("You are not in this call."))
        await controls.consents.tell(call, state, by=user)
        if state is Consent.REFUSED:
            return _("The caller refuses: the call is not recorded.")
        return _("What the caller said is kept.")

    return await done(request, deed)


routes = [web.post("/desk/calls/{call}/consents", create, name="desk_consents.create")]
