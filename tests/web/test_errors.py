"""What is raised becomes an answer and a line of the log; a page that was left is no fault."""

import asyncio

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from fixtures.offices import until
from web.errors import answer_errors

BEGAN = web.AppKey("began", asyncio.Event)


async def takes(request: web.Request) -> web.Response:
    request.app[BEGAN].set()
    await request.post()
    return web.Response()


async def loses(_request: web.Request) -> web.Response:
    raise ConnectionResetError("of the base")


@pytest.fixture
async def server():
    app = web.Application(middlewares=[answer_errors])
    app[BEGAN] = asyncio.Event()
    app.add_routes([web.post("/takes", takes), web.get("/api/loses", loses)])
    runner = web.AppRunner(app)  # not aiohttp's test server: it cancels a handler that is left
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield app, runner.addresses[0][1]
    await runner.cleanup()


async def test_a_page_that_is_left_while_it_sends_is_no_fault(server) -> None:
    app, port = server
    with capture_logs() as told:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /takes HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n")
        writer.write(b"Content-Type: application/x-www-form-urlencoded\r\n\r\na=1")
        await app[BEGAN].wait()
        writer.transport.abort()
        await until(lambda: told)
    assert [(line["event"], line["log_level"]) for line in told] == [("request_given_up", "info")]


async def test_a_connection_of_ours_that_is_lost_is_a_fault(server) -> None:
    _, port = server
    with capture_logs() as told:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /api/loses HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert b"500 Internal Server Error" in await reader.read()
        writer.close()
    assert [line["event"] for line in told] == ["request_failed"]
