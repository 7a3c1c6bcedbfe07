"""Scorecards: the version in use begins reviews, and is proposed where it fits."""

import pytest

import storage.queues
import storage.scorecards
import storage.teams
from fixtures.calls import NOW, Stage, set_stage
from fixtures.scorecards import make
from storage.database import Database
from storage.errors import Refused


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await set_stage(database)


async def test_a_review_begins_with_the_version_in_use(database: Database, stage: Stage) -> None:
    version = await make(database, stage)
    key = version.scorecard_id
    async with database.writing() as session:
        assert (await storage.scorecards.in_use(session, key)).id == version.id
        await storage.scorecards.withdraw(session, key, by=None)
        with pytest.raises(Refused, match="not in use"):
            await storage.scorecards.in_use(session, key)


async def test_that_of_the_queue_is_proposed_first_then_that_of_the_team(
    database: Database, stage: Stage
) -> None:
    ann = stage.users[0]
    other = await make(database, stage, name="A general one")
    for_queue = await make(database, stage, name="Z for the queue")
    for_team = await make(database, stage, name="B for the team")
    async with database.writing() as session:
        team = await storage.teams.create(session, name="Front", now=NOW, by=None)
        await storage.teams.place(session, ann, {team.id}, by=None)
        queue = await storage.queues.ensure(session, stage.pbx, "sales")
        give = storage.scorecards.give
        await give(session, other.scorecard_id, queues=[], teams=[], by=None)
        await give(session, for_team.scorecard_id, queues=[], teams=[team.id], by=None)
        found = await storage.scorecards.fitting(session, queue_id=queue.id, agent_id=ann)
        assert [card.name[0] for card in found] == ["Z", "B", "A"]
        await storage.scorecards.withdraw(session, for_queue.scorecard_id, by=None)
        found = await storage.scorecards.fitting(session, queue_id=queue.id, agent_id=ann)
        assert [card.name[0] for card in found] == ["B", "A"]
        lines = await storage.scorecards.listed(session)
        assert [(line.queues, line.teams) for line in lines] == [
            ((), ()), ((), ("Front",)), (("Sales line",), ()),
        ]  # fmt: skip
