"""One call's story, for those who may see it."""

from datetime import UTC, datetime
from uuid import UUID

from aiohttp import web

import storage.calls
from storage.calls import Story
from storage.rules.permissions import Permission, Scope
from web.auth import requires
from web.calls.drawings import draw
from web.keys import DATABASE, VISITOR
from web.render import render, wants_fragment


async def story_of(request: web.Request) -> Story:
    """Read the story of the call in the address; raises NotFound, also where it is not theirs."""
    visitor = request[VISITOR]
    async with request.app[DATABASE].reading() as session:
        reach = await storage.calls.reach(
            session, visitor.user_id, visitor.scope(Permission.SEE_CALLS)
        )
        return await storage.calls.get(session, UUID(request.match_info["id"]), reach=reach)


async def _may_hear(request: web.Request, story: Story) -> bool:
    visitor = request[VISITOR]
    scope = visitor.scope(Permission.PLAY_RECORDINGS)
    if scope in {Scope.ALL, Scope.NONE}:
        return scope is Scope.ALL
    async with request.app[DATABASE].reading() as session:
        reach = await storage.calls.reach(session, visitor.user_id, scope)
    return reach is None or not reach.isdisjoint(story.talked)


@requires(Permission.SEE_CALLS)
async def show(request: web.Request) -> web.Response:
    """What happened in a call, who took part, what was said about it, and its sound."""
    story = await story_of(request)
    return render(
        request,
        "calls/_recordings.html" if wants_fragment(request) else "calls/show.html",
        story=story,
        drawing=draw(story, now=datetime.now(UTC)),
        may_hear=await _may_hear(request, story),
        may_correct=request[VISITOR].can(Permission.EDIT_CUSTOMERS),
    )
