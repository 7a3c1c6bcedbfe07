"""API tokens: what is stored of them, what ends them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

import storage.tokens
from pbx_bridge.ids import uuid7
from storage.database import Database
from storage.errors import NotFound, Refused
from storage.tokens import Issued, Token
from storage.users import User

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
async def kim(database: Database) -> User:
    async with database.writing() as session:
        user = User(id=uuid7(NOW), login="kim", name="Kim", role="agent", created_at=NOW)
        session.add(user)
    return user


async def issue(database: Database, user: User, **changes: Any) -> Issued:
    fields = {"name": "till", "scopes": ["live", "read"]} | changes
    async with database.writing() as session:
        return await storage.tokens.create(session, user.id, now=NOW, by=user.id, **fields)


async def finds(database: Database, issued: Issued, *, at: datetime = NOW) -> bool:
    async with database.reading() as session:
        return await storage.tokens.find(session, issued.secret, now=at) is not None


async def test_a_token_acts_as_its_user_within_its_scopes(database: Database, kim: User) -> None:
    issued = await issue(database, kim)
    async with database.reading() as session:
        found = await storage.tokens.find(session, issued.secret, now=NOW)
    assert found is not None
    assert (found[0].scopes, found[1].id) == (["read", "live"], kim.id)


async def test_the_secret_is_not_stored(database: Database, kim: User) -> None:
    issued = await issue(database, kim)
    assert issued.secret.startswith("rb_")
    async with database.reading() as session:
        [row] = (await session.scalars(select(Token))).all()
    assert not any(issued.secret in str(value) for value in vars(row).values())


@pytest.mark.parametrize("scopes", [[], ["admin"], ["read", "everything"]])
async def test_a_token_without_known_scopes_is_refused(
    database: Database, kim: User, scopes: list[str]
) -> None:
    with pytest.raises(Refused, match="scopes"):
        await issue(database, kim, scopes=scopes)


async def test_a_token_ends_on_its_day(database: Database, kim: User) -> None:
    issued = await issue(database, kim, expires_at=NOW + DAY)
    assert await finds(database, issued, at=NOW + DAY / 2)
    assert not await finds(database, issued, at=NOW + DAY)


async def test_a_revoked_token_is_worth_nothing(database: Database, kim: User) -> None:
    issued = await issue(database, kim)
    async with database.writing() as session:
        await storage.tokens.revoke(session, issued.token.id, user_id=kim.id, now=NOW, by=kim.id)
    assert not await finds(database, issued)
    async with database.reading() as session:
        assert not await storage.tokens.of_user(session, kim.id)


async def test_nobody_revokes_the_token_of_someone_else(database: Database, kim: User) -> None:
    issued = await issue(database, kim)
    stranger = uuid7(NOW)
    with pytest.raises(NotFound):
        async with database.writing() as session:
            await storage.tokens.revoke(
                session, issued.token.id, user_id=stranger, now=NOW, by=stranger
            )
    assert await finds(database, issued)


@pytest.mark.parametrize("guess", ["", "rb_", "rb_x", "None"])
async def test_a_guess_finds_nothing(database: Database, kim: User, guess: str) -> None:
    await issue(database, kim)
    async with database.reading() as session:
        assert await storage.tokens.find(session, guess, now=NOW) is None
