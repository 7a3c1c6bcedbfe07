"""The cast and the stage: databases, the application, and people who may do different things."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
import structlog
from aiohttp import ClientSession, CookieJar, web
from aiohttp.test_utils import TestClient, TestServer

import storage.sessions
from fixtures import bases, postgres
from fixtures.cast import Browser, add_user
from fixtures.silence import SilentPauses
from fixtures.supervising import SilentSupervising
from storage.database import Database
from storage.originates import Order, Originate, OriginateState
from storage.secrets import new_key
from storage.users import User
from web import app as application
from web.auth import COOKIE
from web.config import Settings
from web.journey.dials import Dials, Way
from web.keys import Deed, PbxLink
from web.telephony import Fate, Outcome, Takeable

pytest_plugins = [
    "prove.plugin", "second_looks", "fixtures.playing", "fixtures.ears", "fixtures.purges",
]  # fmt: skip

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


class SilentPresences:
    """The queues for tests of pages: remembers what was asked, and refuses when told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[UUID, str, Deed]] = []
        self.over: list[tuple[UUID, UUID]] = []
        self.states: dict[UUID, str] = {}
        self.refuses: Exception | None = None

    async def ask(self, user_id: UUID, name: str, deed: Deed) -> None:
        if self.refuses is not None:
            raise self.refuses
        self.asked.append((user_id, name, deed))

    def wrapped_up(self, user_id: UUID, call_id: UUID) -> None:
        self.over.append((user_id, call_id))

    def state_of(self, user_id: UUID) -> str | None:
        return self.states.get(user_id)


class SilentPops:
    """The live side for tests of pages: remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, tuple[UUID, ...]]] = []
        self.states: tuple[PbxLink, ...] = ()
        self.presences = SilentPresences()

    async def customer_changed(self, customer_id: UUID) -> None:
        self.told.append(("customer_changed", (customer_id,)))

    async def call_matched(self, call_id: UUID) -> None:
        self.told.append(("call_matched", (call_id,)))

    async def dismissed(self, user_id: UUID, offer_id: UUID) -> None:
        self.told.append(("dismissed", (user_id, offer_id)))

    async def wrapped_up(self, user_id: UUID, call_id: UUID) -> None:
        self.told.append(("wrapped_up", (user_id, call_id)))

    async def day_changed(self) -> None:
        self.told.append(("day_changed", ()))

    def script_changed(self, users: set[UUID], call_id: UUID) -> None:
        self.told.append(("script_changed", (*sorted(users), call_id)))

    async def access_changed(self, user_id: UUID) -> None:
        self.told.append(("access_changed", (user_id,)))

    async def phones_changed(self) -> None:
        self.told.append(("phones_changed", ()))

    def links(self) -> tuple[PbxLink, ...]:
        return self.states


@pytest.fixture
def pops() -> SilentPops:
    return SilentPops()


class SilentDeeds:
    """Calls that go on, for tests of pages: remembers what was asked of them."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[object, ...], dict[str, object]]] = []
        self.refuses: Exception | None = None
        self.found = Takeable()
        self.answer: object = None

    def phone_state(self, pbx: UUID, extension: str) -> str:
        return "idle"

    async def takeable(self, phone: object) -> Takeable:
        return self.found

    def __getattr__(self, name: str) -> Callable[..., Awaitable[object]]:
        async def ask(*given: object, **named: object) -> object:
            if self.refuses is not None:
                raise self.refuses
            self.asked.append((name, given, named))
            return self.answer

        return ask


class SilentControls:
    """The PBXs for tests of pages: places what the rules let through, and nothing rings."""

    def __init__(self, database: Database) -> None:
        self.dials = Dials(database, lambda: True)
        self.sent: list[dict[str, object]] = []
        self.outcome = Outcome(Fate.PLACED)
        self.refuses: Exception | None = None
        self.handling, self.takings = SilentDeeds(), SilentDeeds()
        self.supervising = SilentSupervising()
        self.recording_pauses = SilentPauses()
        self.permit = self.dials.permit

    async def ask(self, action: dict[str, object]) -> None:
        if self.refuses is not None:
            raise self.refuses
        self.sent.append(action)

    async def place(self, order: Order, *, role: str, extension: str = "") -> Originate:
        return await self.dials.place(
            self, order, role=role, way=Way(variables={"RINGBOOK_EXTENSION": extension})
        )

    async def fate(self, originate: Originate) -> Outcome:
        is_refused = originate.state is OriginateState.REFUSED
        return Outcome(Fate.REFUSED, why=originate.why) if is_refused else self.outcome


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
