"""Reviews for the agent whom they are about: read, answer, appeal, and rate oneself."""

from datetime import UTC, datetime
from http import HTTPStatus

from aiohttp import web

import storage.calls
import storage.reviews
from storage.errors import NotFound, Refused
from storage.reviews import Review, ReviewFilters, ReviewKind, ReviewState
from web.auth import requires
from web.i18n import _, told
from web.keys import DATABASE, VISITOR
from web.render import redirect, render, url
from web.reviews import choosing, rating
from web.reviews.rights import OWN, key_of, own

MOST = 100


@requires(OWN)
async def index(request: web.Request) -> web.Response:
    """What was released to the visitor, and what they said of themselves."""
    me = frozenset({request[VISITOR].user_id})
    async with request.app[DATABASE].reading() as session:
        given = await storage.reviews.listed(
            session, ReviewFilters(kind=ReviewKind.SUPERVISOR, given=True), reach=me, limit=MOST
        )
        mine = await storage.reviews.listed(
            session, ReviewFilters(kind=ReviewKind.SELF), reach=me, limit=MOST
        )
        told_ = {one.review.id: await storage.reviews.revision(session, one.review.id)
                 for one in given}  # fmt: skip
    return render(request, "reviews/own.html", given=given, mine=mine, sheets=told_)


@requires(OWN)
async def create(request: web.Request) -> web.Response:
    """Begin to rate one's own part of a call."""
    posted = await request.post()
    me, now = request[VISITOR].user_id, datetime.now(UTC)
    async with request.app[DATABASE].writing() as session:
        call = await storage.calls.resolve(session, key_of(request))
        if me not in await storage.calls.talkers(session, call):
            raise NotFound("call", call)
        card = await choosing.card_of(session, call, me, str(posted.get("scorecard", "")))
        for one in await storage.reviews.of_call(session, call):
            is_given = one.kind is ReviewKind.SUPERVISOR and one.revision > 0
            if is_given and (one.agent_id, one.scorecard_id) == (me, card):
                raise Refused("This call has been reviewed already: answer the review instead.")
        review = await storage.reviews.begin(
            session, call, me, card, kind=ReviewKind.SELF, by=me, now=now
        )
    return redirect(request, url(request, "own_reviews.show", id=review.id))


@requires(OWN)
async def show(request: web.Request) -> web.Response:
    """A review that was released to the visitor, or their own of themselves."""
    review = await _own(request)
    if review.kind is ReviewKind.SELF:
        return await rating.page(request, review, place=_here(request))
    async with request.app[DATABASE].writing() as session:
        now = datetime.now(UTC)
        await storage.reviews.read(session, review.id, by=request[VISITOR].user_id, now=now)
    return await _given(request, review)


@requires(OWN)
async def update(request: web.Request) -> web.Response:
    """Keep what the agent says of themselves."""
    review = await _own(request)
    if review.kind is not ReviewKind.SELF:
        raise NotFound("review", review.id)
    return await rating.update(request, review, _here(request))


@requires(OWN)
async def answer(request: web.Request) -> web.Response:
    """Say something to a review."""
    review = await _own(request)
    text = str((await request.post()).get("answer", ""))
    try:
        async with request.app[DATABASE].writing() as session:
            by, now = request[VISITOR].user_id, datetime.now(UTC)
            await storage.reviews.answer(session, review.id, text, by=by, now=now)
    except Refused as error:
        return await _given(request, review, {"answer": told(error)})
    return redirect(request, _here(request), flash=_("Your answer stands with the review."))


@requires(OWN)
async def appeal(request: web.Request) -> web.Response:
    """Disagree with a review."""
    review = await _own(request)
    reason = str((await request.post()).get("reason", ""))
    try:
        async with request.app[DATABASE].writing() as session:
            by, now = request[VISITOR].user_id, datetime.now(UTC)
            await storage.reviews.appeal(session, review.id, reason, by=by, now=now)
    except Refused as error:
        return await _given(request, review, {"reason": told(error)})
    sentence = _("Your appeal was handed in. A supervisor decides it.")
    return redirect(request, _here(request), flash=sentence)


async def _given(
    request: web.Request, review: Review, errors: dict[str, str] | None = None
) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        sheet = await storage.reviews.revision(session, review.id)
        story = await storage.calls.get(session, review.call_id)
        beside = await storage.reviews.beside(session, review)
        appeals = await storage.reviews.appeals(session, review.id)
    can_appeal = sheet.review.state is ReviewState.RELEASED and not any(
        one.row.revision == sheet.review.revision for one in appeals
    )
    return render(
        request, "reviews/given.html", sheet=sheet, review=sheet.review, beside=beside,
        call=story.call, story=story, appeals=appeals, can_appeal=can_appeal, errors=errors or {},
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
    )  # fmt: skip


async def _own(request: web.Request) -> Review:
    async with request.app[DATABASE].reading() as session:
        return await own(request, session)


def _here(request: web.Request) -> str:
    return url(request, "own_reviews.show", id=key_of(request))
