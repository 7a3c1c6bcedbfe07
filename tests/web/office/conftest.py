"""Logging in for real: a cheap hash, users with a password, and the pages' answers."""

from datetime import UTC, datetime
from uuid import UUID

import argon2
import pytest
from aiohttp import ClientResponse, CookieJar, web
from aiohttp.test_utils import TestClient, TestServer

import storage.passwords
from fixtures.cast import Browser, add_user
from fixtures.postgres import free_port
from pbx_bridge.ids import uuid7
from storage.database import Database
from storage.pbxs import Pbx
from storage.users import User

PASSWORD = "violet train at noon"
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def hasher(monkeypatch: pytest.MonkeyPatch) -> argon2.PasswordHasher:
    """The same hash, at a price that tests can pay."""
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(storage.passwords, "HASHER", cheap)
    monkeypatch.setattr(storage.passwords, "_nobody", "")  # made by whichever was first
    return cheap


@pytest.fixture
def password() -> str:
    return PASSWORD


@pytest.fixture
async def kim(database: Database, hasher: argon2.PasswordHasher) -> User:
    """An agent who can log in."""
    return await add_user(database, "kim", "agent", password_hash=hasher.hash(PASSWORD))


@pytest.fixture
def log_in(settings):
    """Send the log-in's form as the page does; gives the answer."""

    async def send(
        browser: Browser, login: str = "kim", password: str = PASSWORD, **options: object
    ) -> ClientResponse:
        headers = {"Origin": settings.public_origin} | dict(options.pop("headers", {}))
        data = {"login": login, "password": password} | dict(options.pop("data", {}))
        return await browser.client.post(
            "/login", data=data, headers=headers, allow_redirects=False, **options
        )

    return send


@pytest.fixture
async def pbx(database: Database) -> UUID:
    row = Pbx(id=uuid7(NOW), name="Berlin", host="pbx", username="u", secret="s", created_at=NOW)
    async with database.writing() as session:
        session.add(row)
    return row.id


@pytest.fixture
async def aiohttp_over():
    """A client of an application other than the usual one."""
    clients: list[TestClient] = []

    async def over(app: web.Application) -> TestClient:
        client = TestClient(TestServer(app, host="127.0.0.1"), cookie_jar=CookieJar(unsafe=True))
        clients.append(client)
        await client.start_server()
        return client

    yield over
    for client in clients:
        await client.close()


@pytest.fixture
def cast(database: Database):
    """Give a way to add a user of any role."""

    async def add(login: str, role: str = "agent", **changes: object) -> User:
        return await add_user(database, login, role, **changes)

    return add


@pytest.fixture
def unused_port() -> int:
    return free_port()
