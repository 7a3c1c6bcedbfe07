"""A customer calls a queue on a real Asterisk: pops, one record, and its recording."""

import asyncio

import pytest
from aiohttp import ClientSession

from fixtures.house import House
from fixtures.screens import screen
from lab import sipp
from lab.layout import Queue
from lab.pbx import Pbx

pytestmark = pytest.mark.asterisk


async def _story_of(ringbook: House, http: ClientSession, call: str) -> dict:
    """Read the call through the API until its recording is decided."""
    headers = {"Authorization": f"Bearer {await ringbook.token('sue', 'read')}"}
    async with asyncio.timeout(30):
        while True:
            response = await http.get(f"{ringbook.url}/api/v1/calls/{call}", headers=headers)
            if response.status == 200:
                story = await response.json()
                states = [recording["state"] for recording in story["recordings"]]
                if story["state"] == "ended" and states and "pending" not in states:
                    return story
            await asyncio.sleep(0.2)


async def test_a_queue_call_from_ring_to_recording(
    pbx: Pbx, queue: Queue, ringbook: House, http: ClientSession
) -> None:
    await ringbook.customer("Zoë O'Brien", "020 7123 4567", promise="Send the price list")
    live = ringbook.settings.live_url
    ann, ben = await ringbook.token("ann", "live"), await ringbook.token("ben", "live")
    first, second = queue.agents
    async with screen(live, ann) as at_ann, screen(live, ben) as at_ben:
        async with (
            sipp.phone(pbx, first, answers_after=2, hangs_up_after=3),
            sipp.phone(pbx, second),
            asyncio.TaskGroup() as group,
        ):
            group.create_task(
                sipp.caller(pbx, number="+442071234567", name="Zoe", dial=queue.number)
            )
            [pop] = await at_ann.until(lambda s: list(s.pops.values()))
            await at_ben.until(lambda s: s.pops)
            assert pop["state"] == "ringing"
            assert pop["customer"]["name"] == "Zoë O'Brien"
            assert pop["match"]["level"] == "known"
            assert [p["text"] for p in pop["promises"]] == ["Send the price list"]
            await at_ben.until(lambda s: s.closed)
            assert list(at_ben.closed.values()) == ["elsewhere"]
            await at_ann.until(lambda s: s.pops[pop["id"]]["state"] == "answered")
        await at_ann.until(lambda s: s.pops[pop["id"]]["state"] == "wrap_up")
        assert len(at_ann.pops) == 1
        assert at_ben.pops == {}
    story = await _story_of(ringbook, http, pop["call"])
    assert (story["direction"], story["result"]) == ("inbound", "answered")
    assert story["user_id"] == str(ringbook.users["ann"].id)
    assert {offer["end"] for offer in story["offers"]} == {"answered", "elsewhere"}
    assert story["talk_seconds"] == pytest.approx(3, abs=1)
    [recording] = story["recordings"]
    assert recording["state"] == "ready", recording
    assert recording["seconds"] == pytest.approx(5, abs=2)
    async with screen(live, ann) as again:
        await again.until(lambda s: s.pops[pop["id"]]["state"] == "wrap_up")
