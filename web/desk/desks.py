"""The desk: the page that an agent keeps open all day."""

from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

import storage.agents
import storage.calls
import storage.customers
import storage.days
import storage.outcomes
import storage.pause_reasons
import storage.softphones
from storage.calls import CallFilters
from storage.rules.permissions import Permission
from web import filters, policies
from web.auth import requires
from web.desk import steps
from web.keys import DATABASE, SETTINGS, VISITOR
from web.render import render

UNFINISHED_FOR = timedelta(days=31)  # longer ago nobody remembers what was said
LATEST_CALLS = 8


@requires(Permission.USE_DESK)
async def show(request: web.Request) -> web.Response:
    """The desk as it is without its script: what is to be done; the script adds the pops."""
    async with request.app[DATABASE].reading() as session:
        outcomes = await storage.outcomes.listed(session)
        doers = await steps.doers(session, request[VISITOR].user_id)
        reasons = await storage.pause_reasons.listed(session)
        softphone = await storage.softphones.line_of(session, request[VISITOR].user_id)
    page = render(
        request,
        "desks/show.html",
        outcomes=[(str(each.id), each.name) for each in outcomes],
        reasons=reasons,
        zone=filters.zone().key,
        tomorrow=steps.tomorrow(),
        doers=doers,
        softphone=softphone,
        **await _side(request),
    )
    if softphone is not None:
        policy = policies.of_page(request.app[SETTINGS], softphone.url)
        page.headers["Content-Security-Policy"] = policy
    return page


@requires(Permission.USE_DESK)
async def side(request: web.Request) -> web.Response:
    """The lists beside the pops, drawn again."""
    return render(request, "desks/_side.html", **await _side(request))


async def _side(request: web.Request) -> dict[str, Any]:
    me = request[VISITOR].user_id
    now = datetime.now(UTC)
    local = now.astimezone(filters.zone())
    morning = local.replace(hour=0, minute=0, second=0, microsecond=0)
    async with request.app[DATABASE].reading() as session:
        seats = await storage.agents.seats(session)
        unfinished = await storage.calls.not_wrapped_up(session, me, since=now - UNFINISHED_FOR)
        names = await storage.customers.by_ids(
            session, {call.customer_id for call in unfinished if call.customer_id}
        )
        mine = frozenset({me})
        latest = await storage.calls.listed(
            session, CallFilters(user_ids=mine), reach=mine, limit=LATEST_CALLS
        )
        tally = await storage.days.tally(session, me, since=morning.astimezone(UTC))
        promises = await storage.days.promises_due(session, me, until=local.date())
    return {
        "phones": [(seat.agent.extension, seat.pbx.name) for seat in seats if seat.user.id == me],
        "unfinished": [
            (call, names[call.customer_id].name if call.customer_id else None)
            for call in unfinished
        ],
        "latest": latest.lines,
        "tally": tally,
        "promises": promises,
        "today": local.date(),
    }


routes = [
    web.get("/desk", show, name="desk.show"),
    web.get("/desk/side", side, name="desk.side"),
]
