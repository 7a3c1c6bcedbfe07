"""Who asks: programs by their tokens and scopes, addresses behind proxies, cookies by name."""

from datetime import UTC, datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

import storage.tokens
from fixtures.cast import Browser
from storage.database import Database
from storage.rules.permissions import Permission
from web.auth import requires
from web.config import Settings
from web.keys import SETTINGS
from web.visitors import client_address, cookie_name


@pytest.fixture
async def program(app: web.Application, database: Database):
    """A page of the API, and tokens to ask it with."""

    @requires(Permission.SEE_CUSTOMERS)
    async def look(_request: web.Request) -> web.Response:
        return web.Response(text="looked")

    @requires(Permission.EDIT_CUSTOMERS)
    async def change(_request: web.Request) -> web.Response:
        return web.Response(text="changed")

    @requires(Permission.LISTEN_RECORDINGS, scope="recordings")
    async def play(_request: web.Request) -> web.Response:
        return web.Response(text="played")

    app.router.add_get("/api/test", look)
    app.router.add_post("/api/test", change)
    app.router.add_post("/api/test/plays", play)

    async def issue(user_id: object, *scopes: str) -> dict[str, str]:
        async with database.writing() as session:
            issued = await storage.tokens.create(
                session, user_id, name="t", scopes=scopes, now=datetime.now(UTC), by=None
            )
        return {"Authorization": f"Bearer {issued.secret}"}

    return issue


@pytest.mark.parametrize(
    ("scope", "statuses"),
    [
        pytest.param("read", [200, 403, 403], id="read only"),
        pytest.param("write", [403, 200, 403], id="write only"),
        pytest.param("recordings", [403, 403, 200], id="recordings only"),
        pytest.param("live", [403, 403, 403], id="the live socket only"),
    ],
)
async def test_a_token_opens_what_its_scope_names(
    program, sign_in, stranger: Browser, scope: str, statuses: list[int]
) -> None:
    user = (await sign_in("agent")).user
    headers = await program(user.id, scope)
    asked = [("GET", "/api/test"), ("POST", "/api/test"), ("POST", "/api/test/plays")]
    found = [
        (await stranger.client.request(method, path, headers=headers)).status
        for method, path in asked
    ]
    assert found == statuses


async def test_a_token_may_no_more_than_its_user(program, sign_in, app, stranger) -> None:
    headers = await program((await sign_in("agent")).user.id, "read")
    response = await stranger.client.get("/api/v1/customers", headers=headers)
    assert response.status == 200
    page = await stranger.client.get("/profile", headers=headers, allow_redirects=False)
    assert page.status == 303  # to the log-in: a token opens no page


async def test_a_token_beside_a_cookie_counts_alone(program, sign_in) -> None:
    browser = await sign_in("administrator")
    wrong = {"Authorization": "Bearer rb_wrong"}
    assert (await browser.client.get("/api/test", headers=wrong)).status == 401


async def test_a_cookie_changes_nothing_through_the_api(program, sign_in) -> None:
    browser = await sign_in("administrator")
    assert (await browser.client.get("/api/test")).status == 200
    assert (await browser.post("/api/test")).status == 401


async def test_a_program_without_a_token_is_told_so_in_json(program, stranger: Browser) -> None:
    response = await stranger.client.post("/api/test", json={})
    assert response.status == 401
    assert "Bearer" in (await response.json())["detail"]


@pytest.mark.parametrize(
    ("trusted", "peer", "said", "address"),
    [
        pytest.param((), "192.0.2.9", "1.1.1.1", "192.0.2.9", id="nobody is trusted"),
        pytest.param(("10.0.0.1",), "10.0.0.1", "1.1.1.1", "1.1.1.1", id="the proxy is"),
        pytest.param(("10.0.0.1",), "10.0.0.1", "6.6.6.6, 1.1.1.1", "1.1.1.1", id="forged before"),
        pytest.param(
            ("10.0.0.1", "10.0.0.2"), "10.0.0.1", "6.6.6.6, 1.1.1.1, 10.0.0.2", "1.1.1.1",
            id="two proxies in a row",
        ),
        pytest.param(("10.0.0.1",), "10.0.0.1", "", "10.0.0.1", id="the proxy itself asks"),
    ],
)  # fmt: skip
def test_the_address_is_the_nearest_that_we_do_not_run(
    settings: Settings, trusted: tuple[str, ...], peer: str, said: str, address: str
) -> None:
    app = web.Application()
    app[SETTINGS] = settings.model_copy(update={"trusted_proxies": trusted})
    headers = {"X-Forwarded-For": said} if said else {}
    request = make_mocked_request("GET", "/", headers=headers, app=app)
    assert client_address(request.clone(remote=peer)) == address


@pytest.mark.parametrize(
    ("url", "name"),
    [("http://crm.lan", "ringbook_session"), ("https://crm.lan", "__Host-ringbook_session")],
)
def test_over_https_no_other_host_can_set_the_cookie(
    settings: Settings, url: str, name: str
) -> None:
    assert cookie_name(settings.model_copy(update={"public_url": url})) == name
