"""Calls stored by a process of its own: as by the thread, before it is there and after it died."""

import os
import signal
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest

import storage.calls
import storage.positions
import storage.presences
from fixtures import bases
from fixtures.calls import NOW, Stage, Teller, set_stage, story
from fixtures.offices import until
from pbx_bridge.ids import uuid7
from pbx_bridge.presences import AgentState
from storage.aside import AsideLost
from storage.background import Background
from storage.background_process import BackgroundProcess, background_of
from storage.database import Database
from storage.errors import NotFound
from storage.groups import Groups, seated, write_presences
from storage.positions import Position
from storage.presences import Interval


@pytest.fixture
async def database(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Database]:
    async with bases.fresh_sqlite(sqlite_template, tmp_path) as base:
        yield base


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await set_stage(database)


@pytest.fixture
async def background(database: Database) -> AsyncIterator[BackgroundProcess]:
    background = background_of(database, aside=True)
    assert isinstance(background, BackgroundProcess)
    yield background
    await background.close()


@pytest.fixture
def groups(background: BackgroundProcess) -> Groups:
    return Groups(background)


def a_position(pbx: UUID, n: int) -> Position:
    return Position(pbx_id=pbx, journal=uuid7(NOW), n=n, heard_at=NOW, first=1, first_at=NOW)


async def ready(background: BackgroundProcess) -> None:
    await until(lambda: background.is_ready)


async def test_the_process_stores_calls_queues_and_the_position(
    database: Database,
    stage: Stage,
    groups: Groups,
    background: BackgroundProcess,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await ready(background)
    monkeypatch.setattr(storage.calls, "save_many", None)  # here nothing can be written
    call = Teller(stage.pbx).ended()
    told = [(call, stage.context())]
    await groups.put(told, {(stage.pbx, "billing")}, [a_position(stage.pbx, 7)])
    found = await story(database, call.id)
    assert (found.call.queue, found.call.user_id) == ("sales", stage.users[1])
    async with database.reading() as session:
        position = await storage.positions.of(session, stage.pbx)
    assert position is not None
    assert position.n == 7


async def test_the_thread_stores_until_the_process_is_there(
    database: Database, stage: Stage, groups: Groups, background: BackgroundProcess
) -> None:
    call = Teller(stage.pbx).ended()
    assert not background.is_ready
    await groups.put([(call, stage.context())], (), [])
    assert (await story(database, call.id)).call.id == call.id


async def test_a_group_that_the_process_died_over_is_stored_once_more(
    database: Database, stage: Stage, groups: Groups, background: BackgroundProcess
) -> None:
    await ready(background)
    call = Teller(stage.pbx).ended()
    assert background.aside.pid is not None
    os.kill(background.aside.pid, signal.SIGKILL)
    with pytest.raises(AsideLost):
        await groups.put([(call, stage.context())], (), [])
    with pytest.raises(NotFound):
        await story(database, call.id)
    await until(lambda: not background.aside.is_ready)
    await groups.put([(call, stage.context())], (), [])
    assert (await story(database, call.id)).call.id == call.id


async def test_what_the_base_refuses_is_told_here(
    stage: Stage, groups: Groups, background: BackgroundProcess
) -> None:
    await ready(background)
    strangers = [(Teller(uuid7(NOW)).ended(), stage.context())]
    with pytest.raises(Exception, match="FOREIGN KEY"):
        await groups.put(strangers, (), [])


async def test_a_base_with_nodes_that_lead_keeps_the_thread() -> None:
    url = "postgresql+asyncpg://nobody@127.0.0.1:1/none"
    async with Database(url) as base:  # it connects to nothing before it is used
        assert isinstance(background_of(base, aside=True), Background)


async def test_the_process_stores_what_agents_were(
    database: Database, stage: Stage, background: BackgroundProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ready(background)
    monkeypatch.setattr(storage.presences, "write", None)  # here nothing can be written
    free = Interval(
        id=uuid7(NOW), user_id=stage.users[1], pbx_id=stage.pbx, extension="101", queue="billing",
        state=AgentState.AVAILABLE, reason="", source=None, began_at=NOW,
    )  # fmt: skip
    queues = {(stage.pbx, "billing")}
    work = partial(write_presences, begun=[free], ended={}, queues=queues, fresh={stage.pbx})
    await background.run(work)
    soon = NOW + timedelta(seconds=1)
    async with database.reading() as session:
        (row,) = await storage.presences.of_user(session, stage.users[1], since=NOW, until=soon)
    assert (row.id, row.queue) == (free.id, "billing")


def test_only_those_who_take_part_go_with_a_call() -> None:
    pbx, others = uuid7(NOW), uuid7(NOW)
    users = {(pbx, str(number)): uuid7(NOW) for number in range(90, 110)}
    users |= {(others, "101"): uuid7(NOW)}
    assert seated(Teller(pbx).ended(), users) == {
        (pbx, phone): users[pbx, phone] for phone in ("101", "102", "103")
    }
