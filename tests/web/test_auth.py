"""The door: whose page sent this form, whom a cookie and a token let in, which address counts."""

from datetime import UTC, datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select

import storage.access
import storage.sessions
import storage.tokens
from fixtures.cast import Browser
from storage.database import Database
from storage.sessions import LoginSession
from storage.settings import Setting
from web import app as application
from web.auth import csrf_token_of
from web.config import Settings

EVIL = {
    "another site": {"Origin": "http://evil.example"},
    "a sandboxed frame": {"Origin": "null"},
    "no Origin": {"Origin": None},
    "a subdomain": {"Origin": "http://x.127.0.0.1:8080"},
    "our name as a beginning": {"Origin": "http://127.0.0.1:8080.evil.example"},
    "another port": {"Origin": "http://127.0.0.1:8081"},
    "another scheme": {"Origin": "https://127.0.0.1:8080"},
    "what the browser says": {"Sec-Fetch-Site": "cross-site"},
    "a neighbour, says the browser": {"Sec-Fetch-Site": "same-site"},
    "no token": {"X-CSRF-Token": None},
    "an empty token": {"X-CSRF-Token": ""},
    "the token of another log-in": {"X-CSRF-Token": csrf_token_of("another")},
    "a token that is no ASCII": {"X-CSRF-Token": "t\u00f6ken"},
}
FORM = {"company_name": "Evil", "time_zone": "UTC"}


async def company(database: Database) -> object:
    async with database.reading() as session:
        return await session.scalar(select(Setting.value).where(Setting.name == "company_name"))


async def send(browser: Browser, changes: dict[str, str | None], **options: object) -> int:
    headers = {"Origin": browser.origin, "X-CSRF-Token": csrf_token_of(browser.cookie)} | changes
    response = await browser.client.post(
        "/administration/company",
        headers={name: value for name, value in headers.items() if value is not None},
        allow_redirects=False,
        **options,
    )
    return response.status


@pytest.mark.parametrize("from_where", EVIL)
async def test_a_form_of_another_site_changes_nothing(
    sign_in, database: Database, from_where: str
) -> None:
    browser = await sign_in("administrator")
    assert await send(browser, EVIL[from_where], data=FORM) == 403
    assert await company(database) is None


async def test_a_form_of_our_own_page_is_accepted(sign_in, database: Database) -> None:
    browser = await sign_in("administrator")
    assert await send(browser, {}, data=FORM) == 303
    assert await company(database) == {"text": "Evil"}


async def test_the_token_may_stand_in_the_form(sign_in, database: Database) -> None:
    browser = await sign_in("administrator")
    token = csrf_token_of(browser.cookie)
    no_header: dict[str, str | None] = {"X-CSRF-Token": None}
    assert await send(browser, no_header, data=FORM | {"csrf_token": token}) == 303
    assert await company(database) == {"text": "Evil"}


@pytest.mark.parametrize("kind", ["text/plain", "application/json", ""])
async def test_a_body_of_another_kind_carries_no_token(
    sign_in, database: Database, kind: str
) -> None:
    browser = await sign_in("administrator")
    body = f"csrf_token={csrf_token_of(browser.cookie)}&company_name=Evil&time_zone=UTC"
    headers = {"X-CSRF-Token": None, "Content-Type": kind or None}
    assert await send(browser, headers, data=body.encode()) == 403
    assert await company(database) is None


async def test_a_page_without_a_mark_lets_nobody_in(
    settings: Settings, database: Database, pops
) -> None:
    async def unmarked(_request: web.Request) -> web.Response:
        return web.Response(text="secret")

    app = application.build(settings, database, pops)
    app.router.add_get("/unmarked", unmarked)
    async with TestClient(TestServer(app)) as client:
        response = await client.get("/unmarked")
        assert response.status == 403
        assert "secret" not in await response.text()


async def test_a_stranger_is_sent_to_log_in_and_back(stranger: Browser) -> None:
    response = await stranger.client.get("/administration/users?q=x", allow_redirects=False)
    assert response.status == 303
    assert response.headers["Location"] == "/login?next=/administration/users?q%3Dx"


async def test_a_fragment_for_a_stranger_moves_the_whole_page(stranger: Browser) -> None:
    response = await stranger.client.get("/sessions", headers={"HX-Request": "true"})
    assert (response.status, response.headers["HX-Redirect"]) == (204, "/login?next=/sessions")


async def test_a_closed_user_gets_nothing_after(sign_in, database: Database) -> None:
    browser = await sign_in("agent")
    await browser.get("/profile")
    async with database.writing() as session:
        await storage.access.close_user(session, browser.user.id, now=datetime.now(UTC), by=None)
    response = await browser.client.get("/profile", allow_redirects=False)
    assert (response.status, response.headers["Location"]) == (303, "/login?next=/profile")


async def test_use_keeps_a_log_in_alive(sign_in, database: Database) -> None:
    browser = await sign_in("agent")
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    async with database.writing() as session:
        [row] = (await session.scalars(select(LoginSession))).all()
        row.last_seen_at, before = long_ago, row.expires_at
    await browser.get("/profile")
    async with database.reading() as session:
        [row] = (await session.scalars(select(LoginSession))).all()
    assert row.last_seen_at > long_ago
    assert row.expires_at > before


async def test_whoever_has_a_one_time_password_sees_only_the_page_that_changes_it(
    sign_in,
) -> None:
    browser = await sign_in("administrator", must_change_password=True)
    for path in ("/profile", "/administration/users", "/"):
        response = await browser.client.get(path, allow_redirects=False)
        assert (response.status, response.headers["Location"]) == (303, "/password"), path
    assert "Choose a password" in await browser.get("/password")
    assert (await browser.post("/administration/company", FORM)).status == 303
