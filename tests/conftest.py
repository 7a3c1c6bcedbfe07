"""The cast and the stage: databases, the application, and people who may do different things."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from aiohttp import ClientSession, CookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from fixtures import bases, postgres

import storage.sessions
from pbx_bridge.ids import uuid7
from storage.database import Database
from storage.secrets import new_key
from storage.users import User
from web import app as application
from web.auth import COOKIE, csrf_token_of
from web.config import Settings
from web.keys import PbxLink

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bases.sqlite_template(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a running PostgreSQL."""
    with postgres.running() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> str:
    return bases.postgres_template(postgres_url)


@pytest.fixture
async def database(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty base on SQLite; tests/storage asks for both engines."""
    async with bases.fresh_sqlite(sqlite_template, tmp_path) as database:
        yield database


@pytest.fixture
def settings(tmp_path: Path, database: Database) -> Settings:
    return Settings(
        secret_key=new_key(),
        data_dir=tmp_path,
        database_url=database.url.render_as_string(hide_password=False),
        public_url="http://127.0.0.1:8080",
        trusted_proxies=(),
    )


class SilentPops:
    """The live side for tests of pages: remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, tuple[UUID, ...]]] = []
        self.states: tuple[PbxLink, ...] = ()

    async def customer_changed(self, customer_id: UUID) -> None:
        self.told.append(("customer_changed", (customer_id,)))

    async def call_matched(self, call_id: UUID) -> None:
        self.told.append(("call_matched", (call_id,)))

    async def dismissed(self, user_id: UUID, offer_id: UUID) -> None:
        self.told.append(("dismissed", (user_id, offer_id)))

    async def wrapped_up(self, user_id: UUID, call_id: UUID) -> None:
        self.told.append(("wrapped_up", (user_id, call_id)))

    async def access_changed(self, user_id: UUID) -> None:
        self.told.append(("access_changed", (user_id,)))

    async def phones_changed(self) -> None:
        self.told.append(("phones_changed", ()))

    def links(self) -> tuple[PbxLink, ...]:
        return self.states


@pytest.fixture
def pops() -> SilentPops:
    return SilentPops()


@pytest.fixture
def app(settings: Settings, database: Database, pops: SilentPops) -> web.Application:
    return application.build(settings, database, pops)


@pytest.fixture
async def server(app: web.Application) -> AsyncIterator[TestServer]:
    async with TestServer(app, host="127.0.0.1") as server:
        yield server


class Browser:
    """A person at a browser: keeps the cookie, sends Origin and the form token as pages do."""

    def __init__(self, client: TestClient, user: User | None, cookie: str, origin: str) -> None:
        self.client = client
        self.user = user
        self.cookie = cookie
        self.origin = origin

    async def get(self, path: str, **options: object) -> str:
        """Load a page that must be there."""
        response = await self.client.get(path, **options)
        text = await response.text()
        assert response.status == 200, (response.status, text[:2000])
        return text

    async def post(self, path: str, data: dict[str, object] | None = None, **options: object):
        """Send a form; gives the response, redirects not followed."""
        headers = {"Origin": self.origin, "X-CSRF-Token": csrf_token_of(self.cookie)}
        headers.update(options.pop("headers", {}))
        return await self.client.post(
            path, data=data or {}, headers=headers, allow_redirects=False, **options
        )


async def add_user(database: Database, login: str, role: str, **changes: object) -> User:
    """A user of the cast, without a password."""
    fields = {"name": login.title(), "created_at": NOW} | changes
    async with database.writing() as session:
        user = User(id=uuid7(NOW), login=login, role=role, **fields)
        session.add(user)
    return user


SignIn = Callable[..., Awaitable[Browser]]


@pytest.fixture
async def sign_in(
    server: TestServer, database: Database, settings: Settings
) -> AsyncIterator[SignIn]:
    """A way in: awaited with a role, it gives the browser of a new user who holds it."""
    opened: list[TestClient] = []

    async def enter(role: str, login: str = "", **changes: object) -> Browser:
        user = await add_user(database, login or role, role, **changes)
        return await enter_as(user)

    async def enter_as(user: User) -> Browser:
        async with database.writing() as session:
            login = await storage.sessions.open_for(
                session, user.id, now=datetime.now(UTC), hours=1, address="test", browser="test"
            )
        client = TestClient(server, cookie_jar=CookieJar(unsafe=True))
        opened.append(client)
        client.session.cookie_jar.update_cookies({COOKIE: login.cookie}, server.make_url("/"))
        return Browser(client, user, login.cookie, settings.public_origin)

    enter.as_user = enter_as
    yield enter
    for client in opened:
        await client.close()


@pytest.fixture
async def stranger(server: TestServer, settings: Settings) -> AsyncIterator[Browser]:
    """Someone who is not logged in."""
    client = TestClient(server, cookie_jar=CookieJar(unsafe=True))
    yield Browser(client, None, "", settings.public_origin)
    await client.close()


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session
