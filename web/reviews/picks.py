"""The calls that rules picked for a review: taken, given back, skipped."""

from datetime import UTC, datetime

from aiohttp import web

import storage.outcomes
import storage.picks
import storage.reviews
from storage.errors import Refused
from storage.picks import Pick, PickState
from storage.reviews import ReviewKind
from web.auth import requires
from web.i18n import _, told
from web.keys import DATABASE, VISITOR
from web.picking import LOOKS
from web.render import redirect, render, url, wants_fragment
from web.reviews import choosing, rating
from web.reviews.rights import REVIEW, agent_within, key_of, reach_of

SHOWN = {
    "open": (PickState.OPEN, PickState.TAKEN),
    "done": (PickState.DONE,),
    "skipped": (PickState.SKIPPED,),
}


@requires(REVIEW)
async def index(request: web.Request) -> web.Response:
    """What waits for a review, the oldest call first, each with why."""
    shown = request.query.get("state", "open")
    shown = shown if shown in SHOWN else "open"
    look = request.app[LOOKS].last  # before the list is read: while it goes on, the page asks again
    async with request.app[DATABASE].reading() as session:
        reach = await reach_of(request, session)
        found = await storage.picks.listed(session, SHOWN[shown], reach=reach)
        outcomes = await storage.outcomes.listed(session, closed=True)
        rules = await storage.picks.rules(session)
    return render(
        request, "picks/_list.html" if wants_fragment(request) else "picks/index.html",
        shown=shown, look=look,
        lines=[one for one in found if one.pick.agent_id != request[VISITOR].user_id],
        outcomes={str(one.id): one.name for one in outcomes}, rules=rules,
    )  # fmt: skip


@requires(REVIEW)
async def take(request: web.Request) -> web.Response:
    """Take a call, and begin its review."""
    pick = await _pick(request)
    by, now = request[VISITOR].user_id, datetime.now(UTC)
    async with request.app[DATABASE].writing() as session:
        pick = await storage.picks.take(session, pick.id, by=by, now=now)
        if pick.review_id is not None:
            return redirect(request, url(request, "reviews.show", id=pick.review_id))
        named = await storage.picks.scorecard_of(session, pick.id)
        card = await choosing.card_of(session, pick.call_id, pick.agent_id, named)
        review = await storage.reviews.begin(
            session, pick.call_id, pick.agent_id, card, kind=ReviewKind.SUPERVISOR, by=by, now=now
        )
        await rating.linked(session, review, request)
    return redirect(request, url(request, "reviews.show", id=review.id))


@requires(REVIEW)
async def give_back(request: web.Request) -> web.Response:
    """Let somebody else take it."""
    pick = await _pick(request)
    async with request.app[DATABASE].writing() as session:
        await storage.picks.give_back(session, pick.id, by=request[VISITOR].user_id)
    return redirect(request, url(request, "picks.index"), flash=_("Given back."))


@requires(REVIEW)
async def skip(request: web.Request) -> web.Response:
    """Do not review it, and say why."""
    pick = await _pick(request)
    reason = str((await request.post()).get("reason", ""))
    back = url(request, "picks.index")
    try:
        async with request.app[DATABASE].writing() as session:
            by, now = request[VISITOR].user_id, datetime.now(UTC)
            await storage.picks.skip(session, pick.id, reason, by=by, now=now)
    except Refused as error:
        return redirect(request, back, flash=told(error), kind="bad")
    return redirect(request, back, flash=_("Skipped."))


@requires(REVIEW)
async def look(request: web.Request) -> web.Response:
    """Have the rules look for calls now; the page says how it goes."""
    request.app[LOOKS].begin(now=datetime.now(UTC))
    return redirect(request, url(request, "picks.index"))


async def _pick(request: web.Request) -> Pick:
    async with request.app[DATABASE].reading() as session:
        pick = await storage.picks.get(session, key_of(request))
        await agent_within(request, session, pick.agent_id)
    return pick
