"""Attempts to log in, as the base counts them: many at once, from here and from elsewhere."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

import storage.attempts
from storage.attempts import Attempt
from storage.database import Database
from storage.rules.attempts import FREE_OF_ADDRESS, FREE_OF_LOGIN, NOW, WINDOW
from storage.users import LoginFailure

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


async def attempt(
    database: Database, login: str = "kim", address: str = "192.0.2.1", at: datetime = AT
) -> Attempt:
    async with database.writing() as session:
        return await storage.attempts.begin(session, login=login, address=address, now=at)


async def free(database: Database, count: int, **options: str) -> int:
    tries = [await attempt(database, **options) for _ in range(count)]
    return sum(1 for one in tries if one.wait == NOW)


async def test_a_guesser_gets_few_free_attempts_at_one_login(database: Database) -> None:
    assert await free(database, 40) == FREE_OF_LOGIN


async def test_attempts_at_once_are_not_more_than_attempts_in_a_row(database: Database) -> None:
    tries = await asyncio.gather(*(attempt(database) for _ in range(25)))
    assert sum(1 for one in tries if one.wait == NOW) == FREE_OF_LOGIN


async def test_a_guesser_at_many_logins_is_slowed_by_address(database: Database) -> None:
    tries = [await attempt(database, login=f"user{n}") for n in range(FREE_OF_ADDRESS + 20)]
    assert sum(1 for one in tries if one.wait == NOW) == FREE_OF_ADDRESS


async def test_the_owner_is_not_locked_out_from_another_address(database: Database) -> None:
    await free(database, 40, address="198.51.100.66")
    assert (await attempt(database, address="192.0.2.1")).wait == NOW


async def test_a_second_address_of_one_network_is_no_fresh_start(database: Database) -> None:
    await free(database, 10, address="2001:db8::1")
    assert (await attempt(database, address="2001:db8::ffff")).wait > NOW


async def test_the_wait_is_over_when_it_was_said_to_be(database: Database) -> None:
    await free(database, 5)
    wait = (await attempt(database)).wait
    assert wait > NOW
    assert (await attempt(database, at=AT + wait - timedelta(milliseconds=1))).wait > NOW
    assert (await attempt(database, at=AT + wait)).wait == NOW


async def test_a_put_off_attempt_does_not_lengthen_the_wait(database: Database) -> None:
    await free(database, 5)
    waits = {(await attempt(database)).wait for _ in range(5)}
    assert len(waits) == 1


async def test_a_success_forgets_the_refusals_of_that_login_only(database: Database) -> None:
    await free(database, 4)
    await free(database, 4, login="bo")
    async with database.writing() as session:
        await storage.attempts.succeeded(session, login="KIM", address="192.0.2.1")
    async with database.reading() as session:
        kept = (await session.scalars(select(LoginFailure.login))).all()
    assert list(kept) == ["bo"] * 4


async def test_old_refusals_are_deleted(database: Database) -> None:
    await free(database, 5)
    await attempt(database, login="bo", at=AT + WINDOW + timedelta(seconds=1))
    async with database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(LoginFailure)) == 1


async def test_a_login_of_any_length_is_counted(database: Database) -> None:
    assert await free(database, 20, login="x" * 500) == FREE_OF_LOGIN
