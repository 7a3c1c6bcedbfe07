"""Calls are led from the desk, on real Asterisks: sent on with a note, parked, taken, ended."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest
from aiohttp import ClientSession, DummyCookieJar

import storage.hand_overs
from fixtures.agents import Agent, agent
from fixtures.house import House
from lab.layout import Queue
from lab.pbx import Pbx
from lab.softphones import Desks, desks
from lab.stories.casts import Conversation, conversation, talk

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(180)]
NUMBER = "+442071234567"
KEY = "0123456789abcdef"


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    async with ClientSession(cookie_jar=DummyCookieJar()) as session:
        yield session


@asynccontextmanager
async def talking(
    pbx: Pbx, queue: Queue, house: House, http: ClientSession
) -> AsyncIterator[tuple[Agent, Agent, Conversation, Desks, str]]:
    """Ann talks with Zoë; Ben looks at his desk."""
    await house.customer("Zoë", "020 7123 4567")
    async with (
        agent(house, http, "ann") as ann, agent(house, http, "ben") as ben, desks(pbx) as room
    ):  # fmt: skip
        first = await conversation(room, NUMBER, queue.agents[0])
        pop = await ann.pop("answered")
        yield ann, ben, first, room, f"/desk/calls/{pop['call']}"


async def test_a_call_sent_on_carries_its_note_to_the_next_card(
    pbx: Pbx, queue: Queue, ringbook: House, http: ClientSession
) -> None:
    async with talking(pbx, queue, ringbook, http) as (ann, ben, first, room, call):
        phone = await room.inside(queue.agents[1])
        status, said = await ann.post(
            f"{call}/transfers", kind="phone", target=queue.agents[1], note="Wants a refund"
        )
        assert (status, said["done"]) == (200, "Sent on.")
        ringing = await phone.rings()
        pop = await ben.pop("ringing")
        assert pop["customer"]["name"] == "Zoë"
        handed = pop["handed_over"]
        assert (handed["by"], handed["note"], handed["how"]) == ("Ann", "Wants a refund", "sent_on")
        await ringing.answer()
        await ben.pop("answered")
        status, said = await ann.post(f"{call}/hang-ups")
        assert (status, said["errors"][""]) == (422, "This call is over for you.")
        story = await _story(ringbook, http, pop["call"])
        assert [one["note"] for one in story] == ["Wants a refund"]
        await first.customer.hang_up()
        await ringing.over()


async def test_a_colleague_is_asked_first_and_sees_whose_call_it_is(
    pbx: Pbx, queue: Queue, ringbook: House, http: ClientSession
) -> None:
    async with talking(pbx, queue, ringbook, http) as (ann, ben, first, room, call):
        phone = await room.inside(queue.agents[1])
        fields = {"kind": "phone", "target": queue.agents[1], "how": "ask_first", "note": "VIP"}
        status, said = await ann.post(f"{call}/transfers", **fields)
        assert status == 200, said
        asked = await phone.rings()
        pop = await ben.pop("ringing")
        assert (pop["customer"]["name"], pop["handed_over"]["by"]) == ("Zoë", "Ann")
        assert pop["handed_over"]["note"] == "VIP"
        assert (await ann.post(f"{call}/returns"))[0] == 200
        await asked.over()
        await ben.screen.until(lambda s: s.closed)
        await talk()
        assert (await ann.post(f"{call}/transfers", **fields))[0] == 200
        asked = await phone.answers()
        await ben.pop("answered")
        assert (await ann.post(f"{call}/hang-ups"))[0] == 200
        await first.at_agent.over()
        await talk()
        await first.customer.hang_up()
        await asked.over()


async def test_a_transfer_on_the_phone_shows_from_whom_without_a_note(
    pbx: Pbx, queue: Queue, ringbook: House, http: ClientSession
) -> None:
    async with talking(pbx, queue, ringbook, http) as (_ann, ben, first, room, _call):
        phone = await room.inside(queue.agents[1])
        await first.at_agent.press(f"#1{queue.agents[1]}")
        ringing = await phone.rings()
        handed = await ben.screen.until(
            lambda s: next(iter(s.pops.values()))["handed_over"] if s.pops else None
        )
        assert (handed["by"], handed["note"]) == ("Ann", None)
        await ringing.answer()
        await talk()
        await first.customer.hang_up()
        await ringing.over()


async def test_a_call_is_parked_and_taken_by_a_colleague(
    pbx: Pbx, queue: Queue, ringbook: House, http: ClientSession
) -> None:
    async with talking(pbx, queue, ringbook, http) as (ann, ben, first, room, call):
        phone = await room.inside(queue.agents[1])
        assert (await ann.post(f"{call}/keys", digits="12#"))[0] == 200
        status, said = await ann.post(f"{call}/parkings")
        assert status == 200, said
        await first.at_agent.over()
        parked = await ben.parked(lambda rows: rows)
        assert (parked[0]["place"], parked[0]["number"]) == ("701", "+44 20 7123 4567")
        path = f"/desk/calls/{parked[0]['call']}/retrievals"
        assert (await ben.post(path, key=KEY))[0] == 200
        assert (await ben.post(path, key=KEY))[0] in {200, 422}  # one order, however often
        lifted = await phone.answers()
        assert await ben.parked(lambda rows: not rows) == []
        assert (await ben.post(path, key="another-click"))[0] == 422
        await talk()
        await first.customer.hang_up()
        await lifted.over()


async def test_a_colleagues_ringing_call_is_picked_up(
    pbx: Pbx, queue: Queue, ringbook: House, http: ClientSession
) -> None:
    await ringbook.customer("Zoë", "020 7123 4567")
    async with (
        agent(ringbook, http, "ann") as ann, agent(ringbook, http, "ben") as ben, desks(pbx) as room
    ):  # fmt: skip
        mine, theirs = [await room.inside(extension) for extension in queue.agents]
        customer = (await room.outside(NUMBER)).calls(queue.agents[0])
        ringing = await mine.rings()
        pop = await ann.pop("ringing")
        [shown] = (await ben.get("/desk/others"))["ringing"]
        assert (shown["call"], shown["place"]) == (pop["call"], "Ann")
        assert (await ben.post(f"/desk/calls/{pop['call']}/pickups", key=KEY))[0] == 200
        lifted = await theirs.answers()
        await customer.answered()
        await ringing.over()
        await ann.screen.until(lambda s: list(s.closed.values()) == ["elsewhere"])
        await talk()
        await customer.hang_up()
        await lifted.over()


async def test_what_is_not_ones_own_cannot_be_ended(
    pbx: Pbx, queue: Queue, ringbook: House, http: ClientSession
) -> None:
    async with talking(pbx, queue, ringbook, http) as (ann, ben, first, _room, call):
        for deed in ("hang-ups", "parkings", "returns", "keys"):
            status, said = await ben.post(f"{call}/{deed}", digits="1")
            assert (status, said["errors"][""]) == (422, "You are not in this call."), deed
        status, said = await ann.post(f"{call}/transfers", kind="number", target="+49 900 1 234567")
        assert status == 422
        assert "premium rate" in said["errors"][""]
        assert (await ann.post(f"{call}/hang-ups"))[0] == 200
        await first.customer.over()
        status, said = await ann.post(f"{call}/hang-ups")
        assert (status, said["errors"][""]) == (422, "This call is over.")


async def _story(house: House, http: ClientSession, call: str) -> list[dict[str, Any]]:
    async with house.database.reading() as session:
        rows = await storage.hand_overs.of_call(session, UUID(call))
    return [{"note": row.note, "by": name} for row, name in rows]
