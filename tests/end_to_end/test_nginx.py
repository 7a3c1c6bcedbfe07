"""The sample for nginx, run as it is printed: pages and socket behind one address with TLS."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, TCPConnector
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from fixtures.house import House, PbxAt, house, new_secret
from fixtures.postgres import free_port
from fixtures.proxies import any_certificate, nginx, until_up
from fixtures.screens import Screen
from pbx_bridge.simulator import Simulator
from storage.database import Database
from web.auth import cookie_name


@pytest.fixture
async def ringbook(database: Database, tmp_path: Path) -> AsyncIterator[House]:
    (tmp_path / "monitor").mkdir()
    secret = new_secret()
    simulator = Simulator("ringbook", secret, tmp_path / "monitor")
    async with simulator.serving():
        at = PbxAt(simulator.port, "ringbook", secret, "/monitor", tmp_path / "monitor")
        async with house(database, tmp_path, at, behind="https://ringbook.example.com") as made:
            yield made


async def test_pages_and_socket_work_behind_one_address(ringbook: House, tmp_path: Path) -> None:
    port = free_port()
    trust = any_certificate()
    cookie = {"Cookie": f"{cookie_name(ringbook.settings)}={await ringbook.cookie('ann')}"}
    headers = cookie | {"Host": "ringbook.example.com"}
    folder = tmp_path / "nginx"
    folder.mkdir()
    async with (
        nginx(
            "nginx.conf",
            folder,
            port,
            {
                "127.0.0.1:8080": f"127.0.0.1:{ringbook.settings.port}",
                "127.0.0.1:8081": f"127.0.0.1:{ringbook.settings.live_port}",
            },
        ),
        ClientSession(connector=TCPConnector(ssl=trust)) as client,
    ):
        page = await until_up(client, f"https://127.0.0.1:{port}/customers", headers)
        assert page.status == 200
        assert "max-age" in page.headers["Strict-Transport-Security"]
        spoofed = {**headers, "X-Forwarded-For": "127.0.0.1"}
        for given in (headers, spoofed):  # figures are for this machine alone
            figures = await client.get(f"https://127.0.0.1:{port}/metrics", headers=given)
            assert figures.status == 403
        live = f"wss://127.0.0.1:{port}/live"
        origin = "https://ringbook.example.com"
        async with connect(
            live, ssl=trust, origin=origin, additional_headers=cookie, compression=None, proxy=None
        ) as socket:
            screen = Screen(socket)
            following = asyncio.create_task(screen.follow())
            await screen.until(lambda s: s.messages)
            following.cancel()
        assert screen.messages[0]["type"] == "snapshot"
        with pytest.raises(InvalidStatus):
            await connect(
                live, ssl=trust, origin="https://evil.example", additional_headers=cookie,
                proxy=None,
            )  # fmt: skip
