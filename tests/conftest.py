"""The cast and the stage: databases, the application, and people who may do different things."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog
from aiohttp import ClientSession, CookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis

import storage.sessions
from fixtures import bases, postgres
from fixtures.cast import Browser, add_user
from fixtures.silence import SilentControls, SilentPops
from storage.database import Database
from storage.secrets import new_key
from storage.users import User
from web import app as application
from web.auth import COOKIE
from web.config import Settings

pytest_plugins = [
    "prove.plugin", "second_looks", "fixtures.playing", "fixtures.ears", "fixtures.purges",
    "fixtures.sftp",
]  # fmt: skip

# how long an example takes is the machine's business, which has others to serve
hypothesis.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.load_profile("busy")

# structlog's own way of showing an exception, with all variables, takes seconds of a core
_plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
structlog.configure(processors=[*structlog.get_config()["processors"][:-1], _plain])


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


@pytest.fixture
def pops() -> SilentPops:
    return SilentPops()


@pytest.fixture
def controls(database: Database) -> SilentControls:
    return SilentControls(database)


@pytest.fixture
def app(
    settings: Settings, database: Database, pops: SilentPops, controls: SilentControls
) -> web.Application:
    return application.build(settings, database, pops, controls=controls)


@pytest.fixture
async def server(app: web.Application) -> AsyncIterator[TestServer]:
    async with TestServer(app, host="127.0.0.1") as server:
        yield server


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
