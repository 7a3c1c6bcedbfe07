"""Whom and by what a call is reviewed: the agent who is named or alone, the scorecard that fits."""

from uuid import UUID

import storage.calls
import storage.queues
import storage.scorecards
from storage.database import Session
from storage.errors import NotFound, Refused


async def agent_of(session: Session, call: UUID, named: str) -> UUID:
    """The agent who is meant: named, or the only one who talked; raises NotFound or Refused."""
    talkers = await storage.calls.talkers(session, call)
    found = [agent for agent in talkers if str(agent) == named] if named else sorted(talkers)
    if not found:
        raise NotFound("agent", named)
    if len(found) > 1:
        raise Refused("Several agents talked in this call: choose whom you review.")
    return found[0]


async def card_of(session: Session, call: UUID, agent: UUID, named: str) -> UUID:
    """The scorecard that is named, else the one that fits best; raises Refused without any."""
    story = await storage.calls.get(session, call)
    queue = await storage.queues.named(session, story.call.pbx_id, story.call.queue)
    cards = await storage.scorecards.fitting(
        session, queue_id=queue.id if queue else None, agent_id=agent
    )
    for card in cards:
        if not named or str(card.id) == named:
            return card.id
    raise Refused("There is no scorecard in use: publish one first.")
