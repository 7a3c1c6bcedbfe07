"""Where our calls and the PBXs' own books do not agree, for a person to look at."""

from datetime import UTC, datetime
from uuid import UUID

from aiohttp import web

import storage.findings
from storage.findings import PAGE, FindingState
from storage.rules.permissions import Permission
from web.auth import requires
from web.calls.gaps import pbx_names
from web.calls.questions import key_of
from web.i18n import _
from web.keys import DATABASE, VISITOR
from web.render import redirect, render, url


@requires(Permission.SEE_GAPS)
async def index(request: web.Request) -> web.Response:
    """Differences in one state, those of the newest calls first."""
    state = _state(request.query.get("state", ""))
    async with request.app[DATABASE].reading() as session:
        found = await storage.findings.listed(
            session,
            state=state,
            older_than=key_of(request.query.get("older_than", "")),
            limit=PAGE + 1,
        )
        names = await pbx_names(session)
        counts = {one: await storage.findings.count(session, state=one) for one in FindingState}
    older = (
        url(request, "findings.index", state=state.value, older_than=found[PAGE - 1].id)
        if found[PAGE:]
        else ""
    )
    return render(
        request,
        "findings/index.html",
        findings=found[:PAGE],
        names=names,
        state=state,
        counts=counts,
        older=older,
    )


def _state(text: str) -> FindingState:
    return FindingState(text) if text in set(FindingState) else FindingState.OPEN


@requires(Permission.SEE_GAPS)
async def dismiss(request: web.Request) -> web.Response:
    """Leave a difference as it is."""
    async with request.app[DATABASE].writing() as session:
        await storage.findings.ignore(
            session,
            UUID(request.match_info["id"]),
            at=datetime.now(UTC),
            by=request[VISITOR].user_id,
        )
    return redirect(request, url(request, "findings.index"), flash=_("Left as it is."))
