"""Why a call on a real Asterisk is what it is, as its page says while Ringbook listens on."""

import asyncio

import pytest
from aiohttp import ClientSession

from fixtures.house import House
from lab import sipp
from lab.layout import Queue
from lab.pbx import Pbx
from storage.calls import CallFilters, listed
from web.auth import cookie_name

pytestmark = pytest.mark.asterisk


async def _ended(ringbook: House) -> str:
    """The id of the one call, once it has ended and its messages are on the disk."""
    async with asyncio.timeout(30):
        while True:
            async with ringbook.database.reading() as session:
                page = await listed(session, CallFilters(), reach=None)
            if page.lines and page.lines[0].call.ended_at:
                await asyncio.sleep(0.5)
                return str(page.lines[0].call.id)
            await asyncio.sleep(0.1)


async def test_the_page_of_a_queue_call_names_the_messages_that_made_it(
    pbx: Pbx, queue: Queue, ringbook: House, http: ClientSession
) -> None:
    first, second = queue.agents
    async with (
        sipp.phone(pbx, first, answers_after=1, hangs_up_after=1),
        sipp.phone(pbx, second),
        asyncio.TaskGroup() as group,
    ):
        group.create_task(sipp.caller(pbx, number="+442071234567", dial=queue.number))
    call = await _ended(ringbook)

    async def page(login: str, path: str) -> str:
        cookie = {cookie_name(ringbook.settings): await ringbook.cookie(login)}
        async with http.get(ringbook.url + path, cookies=cookie) as response:
            assert response.status == 200, await response.text()
            return await response.text()

    why = await page("sue", f"/calls/{call}/why")
    for text in (f"ann · {first} has answered", f"at ben · {second}: someone else has taken",
                 "has found an agent", "AgentConnect", "BridgeEnter", "Result: answered",
                 "No customer has this number."):  # fmt: skip
        assert text.lower() in why.lower(), text
    assert "Stored otherwise" not in why
    assert "/monitor/" not in why
    assert "Nothing odd" in await page("adam", "/administration/oddities")
