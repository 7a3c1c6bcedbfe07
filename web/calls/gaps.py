"""When we heard nothing of a PBX, and what its own books told of the time."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from aiohttp import web

import storage.findings
import storage.gaps
import storage.pbxs
from storage.calls import CallFilters, CallPage
from storage.database import Database, Session
from storage.gaps import PAGE, Gap, GapState
from storage.rules.permissions import Permission
from web.auth import requires
from web.calls.questions import key_of
from web.i18n import _
from web.keys import DATABASE, VISITOR
from web.render import redirect, render, url

SHORTEST = timedelta(seconds=5)  # of a gap that the list of calls mentions, if it swallowed none


@requires(Permission.SEE_GAPS)
async def index(request: web.Request) -> web.Response:
    """Every gap, newest first."""
    async with request.app[DATABASE].reading() as session:
        found = await storage.gaps.listed(
            session, older_than=key_of(request.query.get("older_than", "")), limit=PAGE + 1
        )
        names = await pbx_names(session)
        differences = await storage.findings.count(session)
    older = url(request, "gaps.index", older_than=found[PAGE - 1].id) if found[PAGE:] else ""
    return render(
        request,
        "gaps/index.html",
        gaps=found[:PAGE],
        names=names,
        older=older,
        differences=differences,
    )


@requires(Permission.SEE_GAPS)
async def fill(request: web.Request) -> web.Response:
    """Have the PBX's books read again for a gap; it is done behind, a moment later."""
    async with request.app[DATABASE].writing() as session:
        await storage.gaps.fill_again(
            session, UUID(request.match_info["id"]), by=request[VISITOR].user_id
        )
    flash = _("The books are read again in a moment.")
    return redirect(request, url(request, "gaps.index"), flash=flash)


async def pbx_names(session: Session) -> dict[UUID, str]:
    """Return what each PBX is called."""
    return {pbx.id: pbx.name for pbx in await storage.pbxs.listed(session)}


async def beside(
    database: Database, page: CallPage, asked: CallFilters
) -> tuple[Sequence[Gap], dict[UUID, str]]:
    """Return the gaps that fall among the calls of a page, and the names of the PBXs."""
    times = [line.call.started_at for line in page.lines]
    since = times[-1] if times and page.older else asked.since
    until = times[0] if times and page.newer else asked.until
    async with database.reading() as session:
        found = await storage.gaps.within(session, since=since, until=until)
        names = await pbx_names(session) if found else {}
    return [gap for gap in found if _counts(gap)], names


def _counts(gap: Gap) -> bool:
    if gap.state is not GapState.FILLED or gap.ended_at is None:
        return True
    return gap.recovered + gap.mended > 0 or gap.ended_at - gap.started_at >= SHORTEST
