"""What a call's page shows of its reviews, and whom the visitor may review there."""

from typing import Any

from aiohttp import web

import storage.calls
import storage.reviews
import storage.scorecards
from storage.calls import Story
from storage.reviews import Review, ReviewKind, ReviewState
from storage.rules.permissions import Permission
from web.keys import DATABASE, VISITOR


async def of_call(request: web.Request, story: Story) -> dict[str, Any]:
    """Return the reviews that the visitor may open, and for whom they may begin one."""
    visitor = request[VISITOR]
    me = visitor.user_id
    async with request.app[DATABASE].reading() as session:
        scope = visitor.scope(Permission.REVIEW_RECORDINGS)
        reach = await storage.calls.reach(session, me, scope)
        found = await storage.reviews.of_call(session, story.call.id)
        lines = await storage.scorecards.listed(session)
    within = [one for one in sorted(story.talked) if reach is None or one in reach]
    cards = [line.card for line in lines if line.card.published]
    is_over = story.call.ended_at is not None
    begun = {one.agent_id for one in found if one.kind is ReviewKind.SUPERVISOR}
    rated = {one.agent_id for one in found if one.kind is ReviewKind.SELF}
    return {
        "reviews": [one for one in found if one.agent_id in within and _for_reviewer(one, me)],
        "own_reviews": [one for one in found if one.agent_id == me and _for_agent(one)],
        "to_review": [
            (one, story.names.get(one, ""))
            for one in within
            if is_over and cards and one != me and one not in begun
        ],
        "may_calibrate": bool(is_over and cards and within),
        "may_rate_self": bool(
            is_over and cards and me in story.talked - rated
            and visitor.can(Permission.SEE_OWN_REVIEWS)
        ),
    }  # fmt: skip


def _for_reviewer(review: Review, me: object) -> bool:
    if review.kind is ReviewKind.SELF:
        return review.state is ReviewState.SUBMITTED and review.agent_id != me
    return review.agent_id != me


def _for_agent(review: Review) -> bool:
    return review.kind is ReviewKind.SELF or review.revision > 0
