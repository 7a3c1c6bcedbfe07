"""Log-ins: how long they live, who may end them, what is stored of their cookie."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

import storage.sessions
from pbx_bridge.ids import uuid7
from storage.database import Database
from storage.errors import NotFound
from storage.sessions import LONGEST, LoginSession, Opened
from storage.users import User

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
async def kim(database: Database) -> User:
    return await person(database, "kim")


async def person(database: Database, login: str) -> User:
    async with database.writing() as session:
        user = User(id=uuid7(NOW), login=login, name=login, role="agent", created_at=NOW)
        session.add(user)
    return user


async def open_one(database: Database, user: User, *, at: datetime = NOW) -> Opened:
    async with database.writing() as session:
        return await storage.sessions.open_for(
            session, user.id, now=at, hours=12, address="192.0.2.1", browser="Firefox" * 100
        )


async def lives(database: Database, opened: Opened, *, at: datetime) -> bool:
    async with database.reading() as session:
        return await storage.sessions.find(session, opened.cookie, now=at) is not None


async def test_the_cookie_is_not_stored(database: Database, kim: User) -> None:
    opened = await open_one(database, kim)
    async with database.reading() as session:
        [row] = (await session.scalars(select(LoginSession))).all()
    assert opened.cookie not in {str(value) for value in vars(row).values()}
    assert row.token_hash == storage.sessions.hashed(opened.cookie)


async def test_a_log_in_ends_when_it_was_not_used(database: Database, kim: User) -> None:
    opened = await open_one(database, kim)
    assert await lives(database, opened, at=NOW + 11 * HOUR)
    assert not await lives(database, opened, at=NOW + 12 * HOUR)


async def test_a_log_in_that_is_used_lives_on(database: Database, kim: User) -> None:
    opened = await open_one(database, kim)
    async with database.writing() as session:
        await storage.sessions.touch(session, opened.session.id, now=NOW + 11 * HOUR, hours=12)
    assert await lives(database, opened, at=NOW + 22 * HOUR)


async def test_a_log_in_ends_after_a_month_however_often_used(
    database: Database, kim: User
) -> None:
    opened = await open_one(database, kim)
    async with database.writing() as session:
        at = NOW + LONGEST - HOUR
        await storage.sessions.touch(session, opened.session.id, now=at, hours=12)
    assert await lives(database, opened, at=NOW + LONGEST - HOUR)
    assert not await lives(database, opened, at=NOW + LONGEST)


async def test_one_log_in_is_ended_and_the_others_stay(database: Database, kim: User) -> None:
    one, other = await open_one(database, kim), await open_one(database, kim)
    async with database.writing() as session:
        await storage.sessions.close(session, one.session.id, user_id=kim.id, by=kim.id)
    assert not await lives(database, one, at=NOW)
    assert await lives(database, other, at=NOW)


async def test_nobody_ends_the_log_in_of_someone_else_by_its_id(
    database: Database, kim: User
) -> None:
    stranger = await person(database, "stranger")
    opened = await open_one(database, kim)
    with pytest.raises(NotFound):
        async with database.writing() as session:
            await storage.sessions.close(
                session, opened.session.id, user_id=stranger.id, by=stranger.id
            )
    assert await lives(database, opened, at=NOW)


async def test_all_others_end_and_this_one_stays(database: Database, kim: User) -> None:
    stranger = await person(database, "stranger")
    mine, elsewhere, theirs = [await open_one(database, user) for user in (kim, kim, stranger)]
    async with database.writing() as session:
        await storage.sessions.close_all(session, kim.id, by=kim.id, but=mine.session.id)
    alive = [await lives(database, one, at=NOW) for one in (mine, elsewhere, theirs)]
    assert alive == [True, False, True]


async def test_the_list_shows_only_what_can_still_be_used(database: Database, kim: User) -> None:
    await open_one(database, kim, at=NOW - 13 * HOUR)
    fresh = await open_one(database, kim)
    async with database.reading() as session:
        listed = await storage.sessions.of_user(session, kim.id, now=NOW)
    assert [row.id for row in listed] == [fresh.session.id]


async def test_a_sweep_deletes_what_has_ended_and_nothing_else(
    database: Database, kim: User
) -> None:
    await open_one(database, kim, at=NOW - 13 * HOUR)
    fresh = await open_one(database, kim)
    async with database.writing() as session:
        await storage.sessions.sweep(session, now=NOW)
    async with database.reading() as session:
        assert list(await session.scalars(select(LoginSession.id))) == [fresh.session.id]
