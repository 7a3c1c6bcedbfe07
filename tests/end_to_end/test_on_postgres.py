"""The main job with everything on PostgreSQL: only the address of the base differs."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

from fixtures import bases
from fixtures.house import PbxAt, house
from fixtures.screens import screen
from pbx_bridge.simulator import Caller, Phone, Simulator, stories
from storage.database import Database

pytestmark = pytest.mark.postgres
PHONES = (Phone("101", "Ann"), Phone("102", "Ben"))


@pytest.fixture
async def database(postgres_url: str, postgres_template: str) -> AsyncIterator[Database]:
    async with bases.fresh_postgres(postgres_url, postgres_template) as base:
        yield base


async def test_a_call_pops_is_stored_and_is_heard(
    database: Database, tmp_path: Path, http: ClientSession
) -> None:
    monitor = tmp_path / "monitor"
    monitor.mkdir()
    simulator = Simulator("ringbook", "secret", monitor)
    at = PbxAt(0, "ringbook", "secret", str(monitor), monitor)
    async with simulator.serving():
        at = PbxAt(simulator.port, at.username, at.secret, at.there, at.here)
        async with house(database, tmp_path, at) as ringbook:
            await ringbook.customer("Zoë O'Brien", "020 7123 4567", promise="Send the list")
            live, token = ringbook.settings.live_url, await ringbook.token("ann", "live")
            async with screen(live, token) as ann:
                story = stories.answered_in_queue(
                    simulator.exchange, Caller("+442071234567", "Zoe"), "sales", PHONES,
                    dialled="4000", winner=0, ring=1, talk=2,
                )  # fmt: skip
                playing = asyncio.create_task(simulator.play(story))
                [pop] = await ann.until(lambda s: list(s.pops.values()))
                assert pop["customer"]["name"] == "Zoë O'Brien"
                assert [p["text"] for p in pop["promises"]] == ["Send the list"]
                await ann.until(lambda s: s.pops[pop["id"]]["state"] == "wrap_up")
                await playing
            headers = {
                "Authorization": f"Bearer {await ringbook.token('sue', 'read', 'recordings')}"
            }
            call = f"{ringbook.url}/api/v1/calls/{pop['call']}"
            recording = await _ready(http, call, headers)
            opened = await http.post(
                f"{ringbook.url}/api/v1/recordings/{recording}/plays", headers=headers
            )
            play = await opened.json()
            sound = await http.get(f"{ringbook.url}{play['url']}", headers=headers)
            assert (await sound.read())[:4] == b"OggS"


async def _ready(http: ClientSession, call: str, headers: dict[str, str]) -> str:
    """Wait until the call's recording is on the shelf; gives its id."""
    for _ in range(300):
        response = await http.get(call, headers=headers)
        if response.status == 200:
            recordings = (await response.json())["recordings"]
            if recordings and recordings[0]["state"] == "ready":
                return recordings[0]["id"]
        await asyncio.sleep(0.1)
    pytest.fail("the recording never came")
