"""Scorecards: kept in versions, published when they can be used, proposed where they fit."""

from dataclasses import replace

import pytest

import storage.queues
import storage.scorecards
import storage.teams
from fixtures.calls import NOW, Stage, audited, set_stage
from fixtures.doors import NOBODY as NOTHING
from fixtures.scorecards import OUTLINE, make
from storage.database import Database
from storage.errors import NotFound, Refused
from storage.rules.scorecards import Outline, from_data
from storage.scorecards import ChangedMeanwhile, NotUsable


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await set_stage(database)


async def test_two_who_edit_at_once_lose_nothing(database: Database, stage: Stage) -> None:
    version = await make(database, stage)
    key, ann = version.scorecard_id, stage.users[0]
    async with database.writing() as session:
        await storage.scorecards.save(session, key, "Ann's", OUTLINE, version=2, by=ann, now=NOW)
    with pytest.raises(ChangedMeanwhile) as raised:
        async with database.writing() as session:
            await storage.scorecards.save(
                session, key, "Bob's", OUTLINE, version=2, by=ann, now=NOW
            )
    assert (raised.value.name, raised.value.version) == ("Ann's", 3)
    async with database.writing() as session:
        with pytest.raises(ChangedMeanwhile):
            await storage.scorecards.publish(session, key, version=2, by=ann, now=NOW)


async def test_a_change_is_published_as_another_version(database: Database, stage: Stage) -> None:
    first = await make(database, stage)
    heavier = Outline((replace(OUTLINE.sections[0], weight=5), *OUTLINE.sections[1:]))
    async with database.writing() as session:
        card = await storage.scorecards.save(
            session, first.scorecard_id, "Quality", heavier, version=2, by=None, now=NOW
        )
        again = await storage.scorecards.publish(
            session, card.id, version=card.version, by=None, now=NOW
        )
        same = await storage.scorecards.publish(
            session, card.id, version=card.version, by=None, now=NOW
        )
        assert (again.number, same.number) == (2, 2)
        assert (await storage.scorecards.in_use(session, card.id)).id == again.id
        kept = await storage.scorecards.versions(session, card.id)
        assert [from_data(one.outline) for one in kept] == [heavier, OUTLINE]
        await storage.scorecards.withdraw(session, card.id, by=None)
        with pytest.raises(Refused, match="not in use"):
            await storage.scorecards.in_use(session, card.id)
    assert [row.details["number"] for row in await audited(database, "scorecard.published")]


async def test_what_cannot_be_used_is_not_published(database: Database) -> None:
    async with database.writing() as session:
        card = await storage.scorecards.create(session, " New\n", by=None, now=NOW)
        assert card.name == "New"
        with pytest.raises(NotUsable) as raised:
            await storage.scorecards.publish(session, card.id, version=1, by=None, now=NOW)
        with pytest.raises(Refused, match="needs a name"):
            await storage.scorecards.create(session, " ", by=None, now=NOW)
        with pytest.raises(NotFound):
            await storage.scorecards.get(session, NOTHING)
    assert len(raised.value.problems) == 2


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
