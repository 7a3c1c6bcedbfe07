"""Calibration: several reviewers rate one call blind, then look how far apart they are."""

from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

from aiohttp import web

import storage.calls
import storage.rights
import storage.scorecards
import storage.users
from storage.database import Session
from storage.errors import NotFound, Refused
from storage.reviews import Round
from storage.reviews import calibrations as rounds
from storage.rules.permissions import Scope
from storage.users import User
from web.auth import requires
from web.i18n import told
from web.keys import DATABASE, VISITOR
from web.render import redirect, render, url
from web.reviews import choosing
from web.reviews.rights import REVIEW, agent_within, key_of, reach_of


@requires(REVIEW)
async def index(request: web.Request) -> web.Response:
    """The latest calibrations that concern the visitor."""
    async with request.app[DATABASE].reading() as session:
        reach = await reach_of(request, session)
        me = request[VISITOR].user_id
        found = await rounds.listed(session, reach=reach, user_id=me)
        calls = {
            one.calibration.id: (await storage.calls.get(session, one.calibration.call_id)).call
            for one in found
        }
    return render(request, "calibrations/index.html", rounds=found, calls=calls)


@requires(REVIEW)
async def new(request: web.Request) -> web.Response:
    """Who is to rate a call, and by which scorecard."""
    return await _form(request)


@requires(REVIEW)
async def create(request: web.Request) -> web.Response:
    """Have several reviewers rate a call."""
    posted = await request.post()
    chosen = {str(value) for value in posted.getall("reviewers", [])}
    by, now = request[VISITOR].user_id, datetime.now(UTC)
    try:
        async with request.app[DATABASE].writing() as session:
            call = await storage.calls.resolve(session, key_of(request))
            agent = await choosing.agent_of(session, call, str(posted.get("agent", "")))
            await agent_within(request, session, agent)
            card = await choosing.card_of(session, call, agent, str(posted.get("scorecard", "")))
            reviewers = [one.id for one in await _reviewers(session) if str(one.id) in chosen]
            made = await rounds.start(session, call, agent, card, reviewers, by=by, now=now)
    except Refused as error:
        return await _form(request, told(error))
    return redirect(request, url(request, "calibrations.show", id=made.id))


@requires(REVIEW)
async def show(request: web.Request) -> web.Response:
    """Who is done; once it is over, each item as everyone rated it, and the spread."""
    found = await _round(request)
    async with request.app[DATABASE].reading() as session:
        story = await storage.calls.get(session, found.calibration.call_id)
    return render(
        request, "calibrations/show.html", round=found, story=story, call=story.call,
        mine=found.of(request[VISITOR].user_id),
        spread=found.spread() if found.is_over else None,
    )  # fmt: skip


@requires(REVIEW)
async def end(request: web.Request) -> web.Response:
    """Show everyone what the others said."""
    found = await _round(request)
    here = url(request, "calibrations.show", id=found.calibration.id)
    try:
        async with request.app[DATABASE].writing() as session:
            by, now = request[VISITOR].user_id, datetime.now(UTC)
            await rounds.end(session, found.calibration.id, by=by, now=now)
    except Refused as error:
        return redirect(request, here, flash=told(error), kind="bad")
    return redirect(request, here)


async def _form(request: web.Request, error: str = "") -> web.Response:
    async with request.app[DATABASE].reading() as session:
        call = await storage.calls.resolve(session, key_of(request))
        story = await storage.calls.get(session, call)
        reach = await reach_of(request, session)
        agents = [one for one in story.talked if reach is None or one in reach]
        if not agents:
            raise NotFound("call", call)
        reviewers = await _reviewers(session)
        cards = await storage.scorecards.listed(session)
    return render(
        request, "calibrations/new.html", story=story, call=story.call,
        errors={"": error} if error else {},
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        agents=[(str(one), story.names[one]) for one in agents],
        reviewers=[(str(one.id), one.name) for one in reviewers if one.id not in story.talked],
        cards=[(str(one.card.id), one.card.name) for one in cards if one.card.published],
    )  # fmt: skip


async def _reviewers(session: Session) -> list[User]:
    """Everyone whose role lets them review."""
    rights = await storage.rights.of_all(session)
    may = {str(role) for role, held in rights.items() if held[REVIEW] is not Scope.NONE}
    return [user for user in await storage.users.listed(session) if user.role in may]


async def _round(request: web.Request) -> Round:
    key: UUID = key_of(request)
    async with request.app[DATABASE].reading() as session:
        found = await rounds.round_of(session, key)
        if found.of(request[VISITOR].user_id) is None:
            await agent_within(request, session, found.calibration.agent_id)
    return found
