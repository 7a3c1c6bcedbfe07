"""Numbers that are clicked on, on real Asterisks: the own phone first, and one call for a click."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession

import storage.agents
from fixtures.house import House
from fixtures.screens import screen
from lab.layout import Queue
from lab.pbx import Pbx
from lab.softphones import desks
from lab.stories.casts import talk

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(180)]
NUMBER = "+442071234567"


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


@pytest.mark.bar(30)
async def test_a_click_that_comes_ten_times_is_one_call_to_the_customer(
    pbx: Pbx, queue: Queue, ringbook: House, http: ClientSession, proof
) -> None:
    await ringbook.customer("Zoë", "020 7123 4567")
    headers = {"Authorization": f"Bearer {await ringbook.token('ann', 'dial')}"}
    url, order = f"{ringbook.url}/api/v1/originates", {"key": "a-click-01", "number": NUMBER}

    async def click() -> dict:
        async with http.post(url, json=order, headers=headers) as answer:
            assert answer.status == 202, await answer.text()
            return await answer.json()

    async def fate() -> str:
        async with http.get(f"{url}/a-click-01", headers=headers) as answer:
            return (await answer.json())["fate"]

    live = ringbook.settings.live_url
    async with screen(live, await ringbook.token("ann", "live")) as ann, desks(pbx) as room:
        own, customer = await room.inside(queue.agents[0]), await room.reached(NUMBER)
        await asyncio.gather(*(click() for _ in range(10)))
        ringing = await own.rings()
        assert await fate() == "placed"
        await ringing.answer()
        reached = await customer.rings()
        pop = await ann.until(lambda s: next(iter(s.pops.values()), None))
        assert (pop["direction"], pop["customer"]["name"]) == ("outbound", "Zoë")
        await reached.answer()
        await ann.until(lambda s: s.pops[pop["id"]]["state"] == "answered")
        await click()
        assert await fate() == "goes_on"
        await talk()
        assert own._ringing.empty()
        assert customer._ringing.empty()
        await reached.hang_up()
        await ringing.over()
        await ann.until(lambda s: s.pops[pop["id"]]["state"] == "wrap_up")
        async with asyncio.timeout(20):
            while await fate() != "over":  # noqa: ASYNC110 - nobody tells of it
                await asyncio.sleep(0.1)
    proof.tried(11, of="clicks")


async def test_a_phone_that_is_not_there_is_told(
    pbx: Pbx, queue: Queue, ringbook: House, http: ClientSession
) -> None:
    async with ringbook.database.writing() as session:
        [seat] = [one for one in await storage.agents.seats(session) if one.user.login == "ann"]
        await storage.agents.change(
            session, seat.agent.id, user_id=seat.user.id, pbx_id=ringbook.pbx_id,
            extension="101", interface="PJSIP/nobody", by=None,
        )  # fmt: skip
    headers = {"Authorization": f"Bearer {await ringbook.token('ann', 'dial')}"}
    order = {"key": "a-click-02", "number": NUMBER}
    url = f"{ringbook.url}/api/v1/originates"
    async with http.post(url, json=order, headers=headers) as answer:
        assert answer.status == 202
    async with asyncio.timeout(30):
        while True:
            async with http.get(f"{url}/a-click-02", headers=headers) as answer:
                told = await answer.json()
            if told["fate"] in {"not_placed", "over", "refused"}:
                break
            await asyncio.sleep(0.2)
    assert NUMBER[1:] in told["sentence"].replace(" ", "")
