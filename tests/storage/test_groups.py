"""Calls stored by a process of its own: as by the thread, before it is there and after it died."""

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

import storage.positions
from fixtures import bases
from fixtures.calls import NOW, Stage, Teller, set_stage, story
from fixtures.offices import until
from pbx_bridge.ids import uuid7
from storage import groups as module
from storage.aside import AsideLost
from storage.background import Background
from storage.database import Database
from storage.errors import NotFound
from storage.groups import AsideGroups, ThreadGroups, groups_of, seated
from storage.positions import Position


@pytest.fixture
async def database(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Database]:
    async with bases.fresh_sqlite(sqlite_template, tmp_path) as base:
        yield base


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await set_stage(database)


@pytest.fixture
async def groups(database: Database) -> AsyncIterator[AsideGroups]:
    background = Background(database.url)
    groups = groups_of(database, background, aside=True)
    assert isinstance(groups, AsideGroups)
    yield groups
    await groups.close()
    await background.close()


def a_position(pbx: UUID, n: int) -> Position:
    return Position(pbx_id=pbx, journal=uuid7(NOW), n=n, heard_at=NOW, first=1, first_at=NOW)


async def ready(groups: AsideGroups) -> None:
    groups.aside.start()
    await until(lambda: groups.aside.is_ready)


async def test_the_process_stores_calls_queues_and_the_position(
    database: Database, stage: Stage, groups: AsideGroups, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ready(groups)
    monkeypatch.setattr(module, "_write", None)  # here nothing can be written
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
    database: Database, stage: Stage, groups: AsideGroups
) -> None:
    call = Teller(stage.pbx).ended()
    assert not groups.aside.is_ready
    await groups.put([(call, stage.context())], (), [])
    assert (await story(database, call.id)).call.id == call.id


async def test_a_group_that_the_process_died_over_is_stored_once_more(
    database: Database, stage: Stage, groups: AsideGroups
) -> None:
    await ready(groups)
    call = Teller(stage.pbx).ended()
    assert groups.aside.pid is not None
    os.kill(groups.aside.pid, signal.SIGKILL)
    with pytest.raises(AsideLost):
        await groups.put([(call, stage.context())], (), [])
    with pytest.raises(NotFound):
        await story(database, call.id)
    await until(lambda: not groups.aside.is_ready)
    await groups.put([(call, stage.context())], (), [])
    assert (await story(database, call.id)).call.id == call.id


async def test_what_the_base_refuses_is_told_here(stage: Stage, groups: AsideGroups) -> None:
    await ready(groups)
    strangers = [(Teller(uuid7(NOW)).ended(), stage.context())]
    with pytest.raises(Exception, match="FOREIGN KEY"):
        await groups.put(strangers, (), [])


async def test_a_base_with_nodes_that_lead_keeps_the_thread() -> None:
    url = "postgresql+asyncpg://nobody@127.0.0.1:1/none"
    async with Database(url) as base:  # it connects to nothing before it is used
        assert isinstance(groups_of(base, Background(base.url), aside=True), ThreadGroups)


def test_only_those_who_take_part_go_with_a_call() -> None:
    pbx, others = uuid7(NOW), uuid7(NOW)
    users = {(pbx, str(number)): uuid7(NOW) for number in range(90, 110)}
    users |= {(others, "101"): uuid7(NOW)}
    assert seated(Teller(pbx).ended(), users) == {
        (pbx, phone): users[pbx, phone] for phone in ("101", "102", "103")
    }
