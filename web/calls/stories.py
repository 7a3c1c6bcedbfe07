"""One call's story, for those who may see it."""

from datetime import UTC, datetime
from uuid import UUID

from aiohttp import web

import storage.calls
import storage.gaps
import storage.hand_overs
import storage.own_numbers
import storage.recording_comments
import storage.recording_pauses
import storage.recoveries
import storage.scripts
import storage.transcripts
from storage.calls import Story
from storage.gaps import Gap
from storage.recoveries import Recovery
from storage.rules.permissions import Permission
from web import listening, supervising
from web.auth import requires
from web.calls import reviews
from web.calls.drawings import draw
from web.calls.kept import keeping_of
from web.keys import DATABASE, VISITOR
from web.listening.tracks import tracks_of
from web.render import render, wants_fragment


async def story_of(request: web.Request) -> Story:
    """Read the story of the call in the address; raises NotFound, also where it is not theirs."""
    visitor = request[VISITOR]
    async with request.app[DATABASE].reading() as session:
        reach = await storage.calls.reach(
            session, visitor.user_id, visitor.scope(Permission.SEE_CALLS)
        )
        return await storage.calls.get(session, UUID(request.match_info["id"]), reach=reach)


async def _may(request: web.Request, story: Story, right: Permission) -> bool:
    visitor = request[VISITOR]
    async with request.app[DATABASE].reading() as session:
        return await listening.may(session, visitor, right, story.call.id)


async def _recovery(request: web.Request, story: Story) -> tuple[Recovery | None, Gap | None]:
    """Read whether the PBX's books told the call, and which gap had swallowed it."""
    async with request.app[DATABASE].reading() as session:
        mark = await storage.recoveries.of(session, story.call.id)
        gap = await storage.gaps.get(session, mark.gap_id) if mark and mark.gap_id else None
    return mark, gap


@requires(Permission.SEE_CALLS)
async def show(request: web.Request) -> web.Response:
    """What happened in a call, who took part, what was said about it, and its sound."""
    story = await story_of(request)
    recovery, gap = await _recovery(request, story)
    async with request.app[DATABASE].reading() as session:
        hand_overs = await storage.hand_overs.of_call(session, story.call.id)
        own = await storage.own_numbers.of_calls(session, [story.call])
        comments = await storage.recording_comments.threads(
            session, [recording.id for recording in story.recordings]
        )
        colleagues = await storage.users.listed(session)
        scripts = await storage.scripts.of_call(session, story.call.id)
        windows = await storage.recording_pauses.windows(session, story.recordings)
        orders = await storage.recording_pauses.orders(session, [story.call.id])
        heard = await storage.transcripts.of_recordings(
            session, [recording.id for recording in story.recordings]
        )
        keeping = await keeping_of(session, story)
    return render(
        request,
        "calls/_recordings.html" if wants_fragment(request) else "calls/show.html",
        story=story,
        recovery=recovery,
        keeping=keeping,
        gap=gap,
        hand_overs=hand_overs,
        scripts=scripts,
        transcripts=heard,
        windows=windows,
        orders=orders.get(story.call.id, []),
        own=own.get(story.call.id),
        drawing=draw(story, now=datetime.now(UTC)),
        supervised=await supervising.seen(request, story.call.id),
        may_hear=await _may(request, story, Permission.LISTEN_RECORDINGS),
        may_delete=await _may(request, story, Permission.DELETE_RECORDINGS),
        may_download=await _may(request, story, Permission.DOWNLOAD_RECORDINGS),
        comments=comments,
        may_comment=await _may(request, story, Permission.COMMENT_RECORDINGS),
        may_share=await _may(request, story, Permission.SHARE_RECORDINGS),
        colleagues=colleagues,
        tracks=await tracks_of(request, story),
        **await reviews.of_call(request, story),
        may_correct=request[VISITOR].can(Permission.EDIT_CUSTOMERS),
    )
