"""Files of the PBXs' recordings folders of which no call tells."""

import re
from datetime import UTC, datetime
from uuid import UUID

from aiohttp import web

import storage.calls
import storage.pbxs
import storage.repairs
import storage.spools
from recordings.places import as_there
from storage.calls import CallRecord
from storage.database import Session
from storage.errors import NotFound, Refused
from storage.repairs import Wanted
from storage.rules.permissions import Permission
from storage.spools import PAGE
from web.auth import requires
from web.i18n import _
from web.keys import DATABASE, VISITOR
from web.recordings.repairs import key_of, question, tell_pickup
from web.render import redirect, render, url

CALL = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@requires(Permission.MEND_RECORDINGS)
async def index(request: web.Request) -> web.Response:
    """Files of no call, found last first."""
    asked = question(request)
    async with request.app[DATABASE].reading() as session:
        found = await storage.spools.orphans(session, older_than=asked.older_than, limit=PAGE + 1)
        counts = await storage.repairs.counts(session, Wanted())
        orphans = await storage.spools.count(session)
        pbxs = await storage.pbxs.listed(session)
    older = ""
    if found[PAGE:]:
        older = url(request, "recording_files.index", older_than=found[PAGE - 1].id)
    return render(
        request,
        "recordings/files.html",
        files=found[:PAGE],
        counts=counts,
        orphans=orphans,
        pbxs={pbx.id: pbx.name for pbx in pbxs},
        older=older,
    )


@requires(Permission.MEND_RECORDINGS)
async def take(request: web.Request) -> web.Response:
    """Make a file a recording of a call; it is fetched at once."""
    form = await request.post()
    async with request.app[DATABASE].writing() as session:
        file = await storage.spools.get(session, key_of(request))
        pbx = await storage.pbxs.get(session, file.pbx_id)
        call = await _call(session, str(form.get("call", "")))
        if call.pbx_id != file.pbx_id:
            raise Refused("that call was on another telephone system")
        await storage.spools.take(
            session,
            file.id,
            call.id,
            as_there(pbx.recordings_there or "", file.path),
            by=request[VISITOR].user_id,
            now=datetime.now(UTC),
        )
    tell_pickup(request)
    flash = _("The file is fetched for the call.")
    return redirect(request, url(request, "calls.show", id=call.id), flash=flash)


async def _call(session: Session, text: str) -> CallRecord:
    """Return the call whose id is in a text that a person pasted; raises Refused."""
    named = CALL.search(text.lower())
    try:
        key = UUID(named.group()) if named else UUID(int=0)
        return (await storage.calls.get(session, key)).call
    except NotFound:
        raise Refused("there is no such call: give the address of its page") from None


@requires(Permission.MEND_RECORDINGS)
async def leave(request: web.Request) -> web.Response:
    """Say why a file belongs to no call."""
    form = await request.post()
    async with request.app[DATABASE].writing() as session:
        await storage.spools.leave(
            session,
            key_of(request),
            str(form.get("reason", "")),
            by=request[VISITOR].user_id,
            now=datetime.now(UTC),
        )
    return redirect(request, url(request, "recording_files.index"), flash=_("Left as it is."))
