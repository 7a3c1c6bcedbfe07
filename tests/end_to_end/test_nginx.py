"""The sample for nginx, run as it is printed: pages and socket behind one address with TLS."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession, TCPConnector
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from fixtures.house import House, PbxAt, house, new_secret
from fixtures.postgres import free_port
from fixtures.screens import Screen
from lab import certificates
from pbx_bridge.simulator import Simulator
from storage.database import Database
from web.auth import cookie_name

SAMPLE = Path(__file__).parents[2] / "docs/nginx.conf"
AROUND = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  {sample}
}}
"""


@asynccontextmanager
async def nginx(folder: Path, ringbook: House, port: int) -> AsyncIterator[None]:
    """Run nginx with the sample; only ports and the certificate are those of the test."""
    certificates.write_certificate(folder)
    sample = SAMPLE.read_text()
    for printed, ours in {
        "127.0.0.1:8080": f"127.0.0.1:{ringbook.settings.port}",
        "127.0.0.1:8081": f"127.0.0.1:{ringbook.settings.live_port}",
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "/etc/ssl/ringbook.example.com.pem": f"{folder}/certificate.pem",
        "/etc/ssl/ringbook.example.com.key": f"{folder}/key.pem",
    }.items():
        assert printed in sample
        sample = sample.replace(printed, ours)
    conf = folder / "nginx.conf"
    conf.write_text(AROUND.format(folder=folder, sample=sample))
    process = await asyncio.create_subprocess_exec(
        "/usr/sbin/nginx", "-c", str(conf), "-p", str(folder), stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


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
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    cookie = {"Cookie": f"{cookie_name(ringbook.settings)}={await ringbook.cookie('ann')}"}
    headers = cookie | {"Host": "ringbook.example.com"}
    folder = tmp_path / "nginx"
    folder.mkdir()
    async with (
        nginx(folder, ringbook, port),
        ClientSession(connector=TCPConnector(ssl=trust)) as client,
    ):
        page = await _until_up(client, f"https://127.0.0.1:{port}/customers", headers)
        assert page.status == 200
        assert "max-age" in page.headers["Strict-Transport-Security"]
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


async def _until_up(client: ClientSession, url: str, headers: dict[str, str]):
    async with asyncio.timeout(10):
        while True:
            try:
                return await client.get(url, headers=headers)
            except OSError:
                await asyncio.sleep(0.05)
