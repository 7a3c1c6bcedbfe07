"""A call sent on to a queue or to somebody outside lands there, on real Asterisks."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from aiohttp import ClientSession, DummyCookieJar

import storage.calls
from fixtures.agents import Agent, agent
from fixtures.house import House
from lab.layout import Queue
from lab.pbx import Pbx
from lab.softphones import desks
from lab.stories.casts import conversation, talk
from pbx_bridge.call import SegmentKind
from storage.calls import Story

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(180)]
NUMBER = "+442071234567"
OUTSIDE = "+442079460018"


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    async with ClientSession(cookie_jar=DummyCookieJar()) as session:
        yield session


async def sent_on(ann: Agent, **where: str) -> str:
    """Send the call that Ann has on; gives its address."""
    pop = await ann.pop("answered")
    call = f"/desk/calls/{pop['call']}"
    status, said = await ann.post(f"{call}/transfers", **where)
    assert (status, said.get("done")) == (200, "Sent on."), said
    return call


async def ended(house: House, call: UUID) -> Story:
    """The story of a call once it is stored as over."""
    async with asyncio.timeout(20):
        while True:
            async with house.database.reading() as session:
                story = await storage.calls.get(session, call)
            if story.call.ended_at is not None:
                return story
            await asyncio.sleep(0.1)


async def test_a_call_sent_on_to_a_queue_waits_there_and_rings_at_its_agents(
    pbx: Pbx, queue: Queue, ringbook: House, http: ClientSession
) -> None:
    await ringbook.customer("Zoë", "020 7123 4567")
    async with (
        agent(ringbook, http, "ann") as ann, agent(ringbook, http, "ben") as ben, desks(pbx) as room
    ):  # fmt: skip
        first = await conversation(room, NUMBER, queue.agents[0])
        phone = await room.inside(queue.agents[1])
        await sent_on(ann, kind="queue", target=queue.name, note="Wants a refund")
        ringing = await phone.rings()
        pop = await ben.pop("ringing")
        assert (pop["queue"], pop["customer"]["name"]) == (queue.name, "Zoë")
        assert (pop["handed_over"]["by"], pop["handed_over"]["note"]) == ("Ann", "Wants a refund")
        await ringing.answer()
        await ben.pop("answered")
        await talk()
        await first.customer.hang_up()
        await ringing.over()
        await ben.pop("wrap_up")


async def test_a_call_sent_on_outside_is_talked_there_and_stays_one_call(
    pbx: Pbx, queue: Queue, ringbook: House, http: ClientSession
) -> None:
    async with agent(ringbook, http, "ann") as ann, desks(pbx) as room:
        there = await room.reached(OUTSIDE)
        first = await conversation(room, NUMBER, queue.agents[0])
        call = await sent_on(ann, kind="number", target="020 7946 0018")
        reached = await there.rings()
        await reached.answer()
        await first.at_agent.over()
        pop = await ann.pop("wrap_up")
        assert f"/desk/calls/{pop['call']}" == call
        await talk()
        await first.customer.hang_up()
        await reached.over()
        story = await ended(ringbook, UUID(pop["call"]))
        assert story.call.e164 == NUMBER
        talks = [one for one in story.segments if one.segment.kind is SegmentKind.TALK]
        numbers = {party.number for one in talks for party in one.parties}
        assert any(number.endswith(OUTSIDE[3:]) for number in numbers), numbers
