"""Programs with tokens."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import pytest
from aiohttp.test_utils import TestClient, TestServer

import storage.tokens
from fixtures.cast import add_user
from storage.database import Database

Program = Callable[..., Awaitable[TestClient]]


@pytest.fixture
async def program(server: TestServer, database: Database) -> AsyncIterator[Program]:
    """A client of the API, awaited with a role and scopes: it acts as a new user."""
    opened: list[TestClient] = []

    async def enter(role: str = "administrator", *scopes: str) -> TestClient:
        user = await add_user(database, f"{role}{len(opened)}", role)
        async with database.writing() as session:
            issued = await storage.tokens.create(
                session,
                user.id,
                name="test",
                scopes=list(scopes or ("read", "write")),
                now=datetime.now(UTC),
                by=user.id,
            )
        client = TestClient(server, headers={"Authorization": f"Bearer {issued.secret}"})
        client.user = user
        opened.append(client)
        return client

    yield enter
    for client in opened:
        await client.close()
