"""Who is let in to the live socket, and who is not."""

from datetime import UTC, datetime, timedelta

import pytest
from stage.sockets import Stage, hear
from websockets.exceptions import InvalidStatus

from web.auth import COOKIE


async def refused(stage: Stage, **headers: str) -> int:
    with pytest.raises(InvalidStatus) as caught:
        await stage.connect(**headers)
    return caught.value.response.status_code


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        pytest.param(None, 403, id="absent"),
        pytest.param("null", 403, id="null"),
        pytest.param("http://evil.example", 403, id="foreign"),
        pytest.param("http://127.0.0.1:8081", 403, id="another port"),
        pytest.param("https://127.0.0.1:8080", 403, id="another scheme"),
        pytest.param("http://127.0.0.1:8080.evil.example", 403, id="longer"),
        pytest.param("http://a.127.0.0.1:8080", 403, id="subdomain"),
    ],
)
async def test_a_cookie_opens_the_socket_from_our_own_pages_only(stage, origin, status):
    cookie = await stage.cookie(await stage.person())
    headers = {"Cookie": f"{COOKIE}={cookie}"} | ({"Origin": origin} if origin else {})
    assert await refused(stage, **headers) == status


async def test_nobody_gets_in_without_a_log_in(stage):
    assert await refused(stage, Origin=stage.origin) == 401
    assert await refused(stage, Origin=stage.origin, Cookie=f"{COOKIE}=guessed") == 401
    assert await refused(stage, Origin=stage.origin, Cookie="\u00ff;;=") == 401


async def test_a_token_needs_the_scope_and_no_origin(stage):
    ann = await stage.person()
    good, other = await stage.token(ann, "live"), await stage.token(ann, "read", "write")
    socket = await stage.connect(Authorization=f"Bearer {good}")
    await socket.send('{"v": 1, "type": "hello"}')
    assert (await hear(socket))["type"] == "snapshot"
    assert await refused(stage, Authorization=f"Bearer {other}") == 403
    assert await refused(stage, Authorization="Bearer wrong") == 401
    assert await refused(stage, Authorization="Basic x") == 401
    assert await refused(stage, Authorization=f"Bearer {good}", Origin="http://evil") == 403
    await socket.close()


async def test_an_ended_token_opens_nothing(stage):
    ann = await stage.person()
    ended = await stage.token(ann, "live", expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert await refused(stage, Authorization=f"Bearer {ended}") == 401


async def test_who_must_change_the_password_does_that_first(stage):
    ann = await stage.person(must_change_password=True)
    cookie = await stage.cookie(ann)
    assert await refused(stage, Cookie=f"{COOKIE}={cookie}", Origin=stage.origin) == 403


async def test_a_closed_user_is_not_let_in(stage):
    cookie = await stage.cookie(await stage.person(active=False))
    assert await refused(stage, Cookie=f"{COOKIE}={cookie}", Origin=stage.origin) == 401
