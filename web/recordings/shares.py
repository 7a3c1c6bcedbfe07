"""Links to recordings: made on a call's page, listed and withdrawn by those who may share."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from aiohttp import web

import storage.calls
import storage.recordings
import storage.shares
from storage.errors import Refused
from storage.rules.permissions import Permission
from storage.shares import PAGE, TELLS, Wanted
from web import listening
from web.auth import requires
from web.i18n import _, gettext
from web.keys import DATABASE, SETTINGS, VISITOR
from web.recordings.repairs import key_of, question
from web.render import redirect, render, url

SHARE = Permission.SHARE_RECORDINGS


@requires(SHARE)
async def index(request: web.Request) -> web.Response:
    """Links to recordings that the visitor may share, the newest first."""
    visitor, asked = request[VISITOR], question(request)
    async with request.app[DATABASE].reading() as session:
        reach = await storage.calls.reach(session, visitor.user_id, visitor.scope(SHARE))
        found = await storage.shares.listed(
            session, reach, older_than=asked.older_than, limit=PAGE + 1
        )
    older = ""
    if found[PAGE:]:
        older = url(request, "shares.index", older_than=found[PAGE - 1].share.id)
    return render(request, "shares/index.html", lines=found[:PAGE], older=older)


@requires(SHARE)
async def create(request: web.Request) -> web.Response:
    """Make a link; the page that answers shows it, once."""
    form, by, problem, secret = await request.post(), request[VISITOR].user_id, "", ""
    share = None
    async with request.app[DATABASE].writing() as session:
        recording = await storage.recordings.get(session, key_of(request))
        await listening.require(session, request[VISITOR], SHARE, recording.call_id)
        try:
            wanted = _wanted({name: str(value) for name, value in form.items()})
            share, secret = await storage.shares.create(
                session, recording, wanted, by=by, now=datetime.now(UTC)
            )
        except Refused as error:
            problem = error.text
    if problem:
        back = url(request, "calls.show", id=recording.call_id)
        return redirect(request, back, flash=gettext(problem), kind="bad")
    place = request.app.router["shared.show"].url_for()
    link = f"{request.app[SETTINGS].public_url}{place}#{secret}"
    call = url(request, "calls.show", id=recording.call_id)
    return render(request, "shares/made.html", share=share, link=link, call=call)


@requires(SHARE)
async def withdraw(request: web.Request) -> web.Response:
    """End a link at once."""
    async with request.app[DATABASE].writing() as session:
        share, recording = await storage.shares.get(session, key_of(request))
        await listening.require(session, request[VISITOR], SHARE, recording.call_id)
        await storage.shares.withdraw(
            session, share.id, by=request[VISITOR].user_id, now=datetime.now(UTC)
        )
    return redirect(request, url(request, "shares.index"), flash=_("The link is withdrawn."))


def _wanted(form: dict[str, str]) -> Wanted:
    """Return what the form asks for; raises Refused where it makes no sense."""
    person, plays = form.get("person", ""), form.get("plays", "")
    try:
        return Wanted(
            lasts=timedelta(hours=int(form.get("hours", ""))),
            for_user_id=UUID(person) if person else None,
            plays=None if person else int(plays),
            tells=tuple(one for one in TELLS if form.get(f"tells-{one}")),
        )
    except (ValueError, OverflowError):
        raise Refused(storage.shares.LIMITED) from None
