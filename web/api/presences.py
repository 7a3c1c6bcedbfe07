"""What agents are and were for the queues, for programs."""

import storage.agents
import storage.presences
from pbx_bridge.presences import AgentState
from storage.presences import Place
from storage.rules.permissions import Permission
from web.api import cursors, models
from web.api.operations import Ask, operation
from web.keys import DATABASE, POPS

SEE = Permission.SEE_REPORTS


@operation(
    "GET", "/presences/now", name="api.presences.now", scope="read", permission=SEE,
    gives=models.AgentsNow,
)  # fmt: skip
async def now(ask: Ask) -> models.AgentsNow:
    """Read what every agent with a phone is for the queues, as the PBX says it."""
    async with ask.request.app[DATABASE].reading() as session:
        seats = await storage.agents.seats(session)
    state_of = ask.request.app[POPS].presences.state_of
    agents = [
        models.AgentNow(
            user_id=seat.user.id, pbx_id=seat.agent.pbx_id, extension=seat.agent.extension,
            state=AgentState(told) if (told := state_of(seat.user.id)) else None,
        )
        for seat in seats
        if seat.user.active
    ]  # fmt: skip
    return models.AgentsNow(agents=agents)


@operation(
    "GET", "/presences", name="api.presences", scope="read", permission=SEE,
    query=models.PresenceQuery, gives=models.Presences,
)  # fmt: skip
async def listed(ask: Ask) -> models.Presences:
    """List what agents were, in all and in each queue, in the order in which it began."""
    query: models.PresenceQuery = ask.query
    async with ask.request.app[DATABASE].reading() as session:
        rows = await storage.presences.listed(
            session, user_id=query.user, since=query.since, until=query.until,
            after=cursors.place(query.cursor, Place), limit=query.limit + 1,
        )  # fmt: skip
    shown, following = cursors.cut(rows, query.limit, lambda row: (row.began_at, row.id))
    told = [models.Presence.model_validate(row) for row in shown]
    return models.Presences(presences=told, next=following)


OPERATIONS = [now, listed]
