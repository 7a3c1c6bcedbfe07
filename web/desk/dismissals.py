"""Putting cards away: for later, or for good."""

from datetime import UTC, datetime

from aiohttp import web

import storage.calls
from storage.errors import NotFound, StorageError
from storage.rules.permissions import Permission
from web.auth import requires
from web.desk import answers
from web.desk.answers import Unfit
from web.i18n import _
from web.keys import DATABASE, POPS, VISITOR
from web.render import redirect, url


@requires(Permission.USE_DESK)
async def create(request: web.Request) -> web.Response:
    """Put a card away for later: its call stays among those that are not wrapped up."""
    await request.app[POPS].dismissed(request[VISITOR].user_id, answers.pop_of(request))
    return answers.done(request, _("Put away for later."))


@requires(Permission.USE_DESK)
async def finish(request: web.Request) -> web.Response:
    """There is nothing to note about an own call: it is not asked for again."""
    try:
        await _finish(request)
    except Unfit as unfit:
        if answers.wants_json(request):
            return answers.refused(unfit)
        return redirect(request, url(request, "desk.show"), flash=str(unfit), kind="bad")
    return answers.done(request, _("Put away."))


async def _finish(request: web.Request) -> None:
    user = request[VISITOR].user_id
    try:
        story = await answers.own_story(request)
        mine = [offer.id for offer in story.offers if offer.user_id == user]
        if not mine:
            raise NotFound(answers.FOREIGN, story.call.id)
        async with request.app[DATABASE].writing() as session:
            for offer in mine:
                await storage.calls.dismiss(session, offer, user_id=user, at=datetime.now(UTC))
    except StorageError as error:
        answers.refuse(error)
    for offer in mine:
        await request.app[POPS].dismissed(user, offer)
    request.app[POPS].presences.wrapped_up(user, story.call.id)


routes = [
    web.post("/desk/pops/{pop}/dismissals", create, name="dismissals.create"),
    web.post("/desk/calls/{call}/dismissals", finish, name="dismissals.finish"),
]
