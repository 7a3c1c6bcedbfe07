"""The migrations: they make what the models say, on both engines, and can be walked back."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from alembic.config import Config
from sqlalchemy import inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

import storage.calls
import storage.custody
import storage.recordings
import storage.rights
from fixtures import bases
from fixtures.calls import Teller, set_stage
from storage import audit, migrations
from storage.database import Database
from storage.errors import Refused
from storage.recordings import Sound
from storage.rules.custody import Act, Walk
from storage.rules.permissions import Permission, Scope
from storage.users import Role

BEFORE_CUSTODY = "0023"


@pytest.fixture(
    params=[
        pytest.param("sqlite", id="sqlite"),
        pytest.param("postgres", id="postgres", marks=pytest.mark.postgres),
    ]
)
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The address of a base without any table."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/bare.sqlite3"
        return
    server, name = request.getfixturevalue("postgres_url"), f"bare{uuid4().hex}"
    await bases._admin(server, f"CREATE DATABASE {name}")
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    await bases._admin(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def bare(url: str) -> AsyncIterator[Database]:
    async with Database(url) as database:
        yield database


async def tables(database: Database) -> set[str]:
    async with database.engine.connect() as connection:
        return set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))


async def test_the_steps_make_exactly_what_the_models_say(bare: Database) -> None:
    assert "add_table users" in await migrations.differences(bare)
    await migrations.upgrade(bare)
    assert await migrations.differences(bare) == []
    assert await migrations.current(bare) == migrations.head()


async def test_the_steps_can_be_walked_back_and_forth(bare: Database) -> None:
    await migrations.upgrade(bare)
    await migrations.downgrade(bare, "base")
    assert await tables(bare) == {"alembic_version"}
    await migrations.upgrade(bare)
    assert await migrations.differences(bare) == []


async def test_the_first_step_seeds_the_roles(bare: Database) -> None:
    await migrations.upgrade(bare)
    async with bare.reading() as session:
        names = set((await session.scalars(select(Role.name))).all())
    assert names == {"agent", "supervisor", "administrator"}


@pytest.mark.parametrize("attempt", ["UPDATE audit SET action = 'x'", "DELETE FROM audit"])
async def test_the_audit_of_a_migrated_base_cannot_be_changed(bare: Database, attempt: str) -> None:
    await migrations.upgrade(bare)
    async with bare.writing() as session:
        audit.record(session, "user.created", by=None)
    with pytest.raises(DBAPIError, match="audit rows cannot be changed"):
        async with bare.writing() as session:
            await session.execute(text(attempt))


async def test_programs_that_start_at_once_migrate_one_after_the_other(url: str) -> None:
    async def start() -> str | None:
        async with Database(url) as database:
            await migrations.upgrade(database)
            return await migrations.current(database)

    steps = await asyncio.gather(*(start() for _ in range(4)))
    assert set(steps) == {migrations.head()}


async def test_a_base_of_a_newer_ringbook_is_refused_and_left_alone(bare: Database) -> None:
    await migrations.upgrade(bare)
    async with bare.writing() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Refused, match="newer Ringbook"):
        await migrations.upgrade(bare)
    assert await migrations.current(bare) == "9999"


async def test_references_are_enforced_after_a_migration(bare: Database) -> None:
    await migrations.upgrade(bare)
    with pytest.raises(DBAPIError):
        async with bare.writing() as session:
            await session.execute(
                text(
                    "INSERT INTO team_members (team_id, user_id) VALUES "
                    "('00000000000000000000000000000001', '00000000000000000000000000000001')"
                )
            )


async def test_a_step_may_take_longer_than_any_other_statement(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def long_step(config: Config, to: str) -> None:
        del to
        is_sqlite = config.attributes["connection"].dialect.name == "sqlite"
        long = text("SELECT 1" if is_sqlite else "SELECT pg_sleep(1)")
        config.attributes["connection"].execute(long)
        walked.append(True)

    walked: list[bool] = []
    monkeypatch.setattr(migrations.command, "upgrade", long_step)
    async with Database(url, answer_within=0.2) as hasty:
        await migrations.upgrade(hasty)
    assert walked


@pytest.mark.parametrize("was_there", [True, False])
async def test_who_administered_before_keeps_hearing(bare: Database, was_there: bool) -> None:
    await migrations.upgrade(bare, "0020")
    if was_there:
        async with bare.writing() as session:
            await session.execute(
                text(
                    "INSERT INTO users (id, login, name, role, must_change_password, language, "
                    "active, created_at) VALUES ('01a0000000007000800000000000000a', 'a', 'A', "
                    "'administrator', false, 'en', true, '2026-11-22 09:30:00')"
                )
            )
    await migrations.upgrade(bare)
    async with bare.reading() as session:
        given = await storage.rights.given(session, "administrator")
    heard = (Permission.LISTEN_RECORDINGS, Permission.HEAR_INTERNAL_TALK)
    assert given == (dict.fromkeys(heard, Scope.ALL) if was_there else {})


async def test_what_lay_on_the_shelf_before_is_taken_into_the_chain_of_custody(
    bare: Database,
) -> None:
    await migrations.upgrade(bare)
    stage = await set_stage(bare)
    call = Teller(stage.pbx).ended()
    async with bare.writing() as session:
        await storage.calls.save(session, call, context=stage.context())
        sound = Sound("k1", "audio/wav", 1, 1.0, "a" * 64)
        await storage.recordings.shelved(session, call.recordings[0].id, sound)
    await migrations.downgrade(bare, BEFORE_CUSTODY)
    await migrations.upgrade(bare)
    walk = Walk()
    async with bare.reading() as session:
        async for entry in storage.custody.entries(session):
            walk.feed(entry)
            assert entry.act == Act.ADOPTED
    assert (walk.end(), walk.number) == (None, 1)
    assert walk.kept[call.recordings[0].id].key == "k1"
