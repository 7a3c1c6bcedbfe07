"""Whose calls a scorecard is meant for: those of queues and of teams."""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

import storage.teams
from storage import audit
from storage.blueprints import labels
from storage.queues import Queue
from storage.scorecards.keeping import BLUEPRINTS, get
from storage.scorecards.tables import Scorecard, ScorecardQueue, ScorecardTeam
from storage.teams import Team


class ScorecardLine(NamedTuple):
    """A scorecard in the list, with the queues and teams whose calls it is meant for."""

    card: Scorecard
    queues: tuple[str, ...]
    teams: tuple[str, ...]
    versions: int


async def listed(session: AsyncSession) -> Sequence[ScorecardLine]:
    """Every scorecard by name."""
    by_queue = select(ScorecardQueue.scorecard_id, Queue.label)
    by_queue = by_queue.join(Queue, Queue.id == ScorecardQueue.queue_id).order_by(Queue.label)
    by_team = select(ScorecardTeam.scorecard_id, Team.name)
    by_team = by_team.join(Team, Team.id == ScorecardTeam.team_id).order_by(Team.name)
    queues, teams = labels(await session.execute(by_queue)), labels(await session.execute(by_team))
    return [
        ScorecardLine(card, tuple(queues.get(card.id, ())), tuple(teams.get(card.id, ())), count)
        for card, count in await BLUEPRINTS.listed(session)
    ]


async def given(session: AsyncSession, key: UUID) -> tuple[set[UUID], set[UUID]]:
    """The queues and the teams whose calls the scorecard is meant for."""
    queues = select(ScorecardQueue.queue_id).where(ScorecardQueue.scorecard_id == key)
    teams = select(ScorecardTeam.team_id).where(ScorecardTeam.scorecard_id == key)
    return set(await session.scalars(queues)), set(await session.scalars(teams))


async def give(
    session: AsyncSession,
    key: UUID,
    *,
    queues: Collection[UUID],
    teams: Collection[UUID],
    by: UUID | None,
) -> None:
    """Say for which queues and teams the scorecard is meant, and for no others."""
    card = await get(session, key, locked=True)
    known = set(await session.scalars(select(Queue.id).where(Queue.id.in_(queues))))
    there = set(await session.scalars(select(Team.id).where(Team.id.in_(teams))))
    if (known, there) == await given(session, key):
        return
    for table in (ScorecardQueue, ScorecardTeam):
        await session.execute(delete(table).where(table.scorecard_id == card.id))
    session.add_all(ScorecardQueue(scorecard_id=card.id, queue_id=queue) for queue in known)
    session.add_all(ScorecardTeam(scorecard_id=card.id, team_id=team) for team in there)
    audit.record(
        session, "scorecard.given", by=by, key=key, queues=sorted(map(str, known)),
        teams=sorted(map(str, there)),
    )  # fmt: skip
    await session.flush()


async def fitting(
    session: AsyncSession, *, queue_id: UUID | None, agent_id: UUID
) -> Sequence[Scorecard]:
    """The scorecards in use: those meant for the queue first, then for a team of the agent."""
    cards = (await session.scalars(select(Scorecard).where(Scorecard.published.is_not(None)))).all()
    teams = await storage.teams.of_user(session, agent_id)
    for_queue = set(
        await session.scalars(
            select(ScorecardQueue.scorecard_id).where(ScorecardQueue.queue_id == queue_id)
        )
    )
    for_team = set(
        await session.scalars(
            select(ScorecardTeam.scorecard_id).where(ScorecardTeam.team_id.in_(teams))
        )
    )
    return sorted(
        cards,
        key=lambda c: (c.id not in for_queue, c.id not in for_team, c.name.casefold(), c.id),
    )
