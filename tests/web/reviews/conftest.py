"""A call of an agent that a supervisor of the same team reviews."""

from dataclasses import dataclass

import pytest

import storage.teams
from fixtures.calls import NOW, Stage, set_stage
from fixtures.cast import Browser
from fixtures.scorecards import begin, make
from fixtures.scripts import call_of
from pbx_bridge.call import Call
from storage.database import Database
from storage.reviews import Review
from storage.scorecards import ScorecardVersion


@dataclass
class Room:
    """Sue reviews Kim (at 102), who talked in the call; both are of one team."""

    database: Database
    stage: Stage
    sue: Browser
    kim: Browser
    call: Call
    version: ScorecardVersion

    async def begin(self) -> Review:
        by = self.sue.user.id
        return await begin(self.database, self.call, self.kim.user.id, self.version, by=by)


@pytest.fixture
async def room(database, sign_in) -> Room:
    kim, sue = await sign_in("agent", "kim"), await sign_in("supervisor", "sue")
    other = await sign_in("agent", "lou")
    stage = await set_stage(database, [other.user, kim.user, sue.user])
    async with database.writing() as session:
        team = await storage.teams.create(session, name="Front", now=NOW, by=None)
        members = [kim.user.id, sue.user.id]
        await storage.teams.change(session, team.id, name="Front", user_ids=members, by=None)
    call = await call_of(database, stage)
    return Room(database, stage, sue, kim, call, await make(database, stage))
