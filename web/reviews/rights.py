"""Which reviews a visitor may open: those of agents within reach, and their own part elsewhere."""

from uuid import UUID

from aiohttp import web

import storage.calls
import storage.reviews
from storage.database import Session
from storage.errors import NotFound, Refused
from storage.reviews import Review, ReviewKind, ReviewState
from storage.rules.permissions import Permission
from web.keys import VISITOR

REVIEW = Permission.REVIEW_RECORDINGS
OWN = Permission.SEE_OWN_REVIEWS


def key_of(request: web.Request) -> UUID:
    """Return the thing in the address."""
    return UUID(request.match_info["id"])


async def reach_of(request: web.Request, session: Session) -> frozenset[UUID] | None:
    """The agents whose calls the visitor may review; None is everyone."""
    visitor = request[VISITOR]
    return await storage.calls.reach(session, visitor.user_id, visitor.scope(REVIEW))


async def agent_within(request: web.Request, session: Session, agent_id: UUID) -> None:
    """Raise NotFound where the agent's calls are not the visitor's to review, Refused for oneself.

    What was released of one's own reviews stands under My reviews.
    """
    reach = await reach_of(request, session)
    if reach is not None and agent_id not in reach:
        raise NotFound("agent", agent_id)
    if agent_id == request[VISITOR].user_id:
        raise Refused("Nobody reviews a call of their own. Rate yourself instead.")


async def reviewed(request: web.Request, session: Session) -> Review:
    """The review in the address, for a reviewer; raises NotFound where it is not theirs to see.

    Of a calibration each sees their own alone, of an agent's own review what is submitted.
    """
    review = await storage.reviews.get(session, key_of(request))
    is_mine = review.reviewer_id == request[VISITOR].user_id
    if review.kind is ReviewKind.CALIBRATION:
        if not is_mine:
            raise NotFound("review", review.id)
        return review
    if review.kind is ReviewKind.SELF and review.state is ReviewState.DRAFT:
        raise NotFound("review", review.id)
    await agent_within(request, session, review.agent_id)
    return review


async def own(request: web.Request, session: Session) -> Review:
    """The review in the address, for the agent whom it is about; raises NotFound.

    That is what was released to them, and what they say of themselves.
    """
    review = await storage.reviews.get(session, key_of(request))
    is_theirs = review.agent_id == request[VISITOR].user_id
    is_self = review.kind is ReviewKind.SELF
    is_given = review.kind is ReviewKind.SUPERVISOR and review.revision > 0
    if not is_theirs or not (is_self or is_given):
        raise NotFound("review", review.id)
    return review
