"""Reviews for reviewers: a list, beginning one, rating, releasing, deciding appeals, coaching."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from aiohttp import web

import storage.calls
import storage.picks
import storage.reviews
import storage.tasks
from storage.errors import Refused
from storage.reviews import Review, ReviewKind
from storage.tasks import TaskFacts
from web import filters
from web.auth import requires
from web.i18n import _, told
from web.keys import DATABASE, POPS, VISITOR
from web.render import redirect, url
from web.reviews import choosing, rating
from web.reviews.rights import REVIEW, agent_within, key_of, reviewed

COACHED_WITHIN = timedelta(days=7)


@requires(REVIEW)
async def create(request: web.Request) -> web.Response:
    """Begin to review an agent's part of a call, or go on with the review there is."""
    posted = await request.post()
    by, now = request[VISITOR].user_id, datetime.now(UTC)
    async with request.app[DATABASE].writing() as session:
        call = await storage.calls.resolve(session, key_of(request))
        agent = await choosing.agent_of(session, call, str(posted.get("agent", "")))
        await agent_within(request, session, agent)
        card = await choosing.card_of(session, call, agent, str(posted.get("scorecard", "")))
        review = await storage.reviews.begin(
            session, call, agent, card, kind=ReviewKind.SUPERVISOR, by=by, now=now
        )
        await rating.linked(session, review, request)
    return redirect(request, _place(request, review))


@requires(REVIEW)
async def show(request: web.Request) -> web.Response:
    """A review, to write at or to read."""
    return await rating.page(request, await _review(request), place=_here(request))


@requires(REVIEW)
async def update(request: web.Request) -> web.Response:
    """Keep what the form says, and submit or release where its button says so."""
    return await rating.update(request, await _review(request), _here(request))


@requires(REVIEW)
async def release(request: web.Request) -> web.Response:
    """Give it to the agent."""
    await _review(request)
    async with request.app[DATABASE].writing() as session:
        by, now = request[VISITOR].user_id, datetime.now(UTC)
        await storage.reviews.release(session, key_of(request), by=by, now=now)
    return redirect(request, _here(request), flash=_("Released: the agent reads it now."))


@requires(REVIEW)
async def reopen(request: web.Request) -> web.Response:
    """Go on with it before the agent has it."""
    await _review(request)
    by, now = request[VISITOR].user_id, datetime.now(UTC)
    async with request.app[DATABASE].writing() as session:
        await storage.reviews.reopen(session, key_of(request), by=by, now=now)
        await storage.picks.settled(session, key_of(request), done=False, by=by, now=now)
    return redirect(request, _here(request))


@requires(REVIEW)
async def take_over(request: web.Request) -> web.Response:
    """Make a colleague's review one's own."""
    await _review(request)
    by, now = request[VISITOR].user_id, datetime.now(UTC)
    async with request.app[DATABASE].writing() as session:
        await storage.reviews.take_over(session, key_of(request), by=by, now=now)
    return redirect(request, _here(request), flash=_("The review is yours now."))


@requires(REVIEW)
async def decide(request: web.Request) -> web.Response:
    """Decide an appeal."""
    review = await _review(request)
    posted = await request.post()
    granted, why = posted.get("granted") == "yes", str(posted.get("decision", ""))
    try:
        async with request.app[DATABASE].writing() as session:
            await storage.reviews.decide(
                session, review.id, granted=granted, decision=why,
                by=request[VISITOR].user_id, now=datetime.now(UTC),
            )  # fmt: skip
    except Refused as error:
        errors = {"decision": told(error)}
        return await rating.page(
            request, review, place=_here(request), errors=errors, decision=why,
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
        )  # fmt: skip
    sentence = _("Granted: the agent reads the new revision.") if granted else _("Decided.")
    return redirect(request, _here(request), flash=sentence)


@requires(REVIEW)
async def coach(request: web.Request) -> web.Response:
    """Note a task for the agent, with this review."""
    review = await _review(request)
    posted = await request.post()
    by, now = request[VISITOR].user_id, datetime.now(UTC)
    facts = TaskFacts(
        title=str(posted.get("title", "")), body=str(posted.get("body", "")),
        due_at=now.astimezone(filters.zone()) + COACHED_WITHIN, user_id=review.agent_id,
    )  # fmt: skip
    try:
        async with request.app[DATABASE].writing() as session:
            task = await storage.tasks.add(session, facts, by=by, now=now)
            await storage.reviews.note_task(session, review.id, task.id, by=by)
    except Refused as error:
        errors = {"title": told(error)}
        return await rating.page(
            request, review, place=_here(request), errors=errors,
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
        )  # fmt: skip
    await request.app[POPS].day_changed()
    return redirect(request, _here(request), flash=_("The task stands on the agent's day."))


async def _review(request: web.Request) -> Review:
    async with request.app[DATABASE].reading() as session:
        return await reviewed(request, session)


def _here(request: web.Request) -> str:
    return url(request, "reviews.show", id=key_of(request))


def _place(request: web.Request, review: Review) -> str:
    return url(request, "reviews.show", id=review.id)
