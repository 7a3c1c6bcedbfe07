"""A supervisor listens in, whispers and barges in, on real Asterisks: by tones and stamps."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from aiohttp import ClientSession, DummyCookieJar

import storage.agents
import storage.calls
import storage.supervisions
import storage.teams
from fixtures.agents import Agent, agent
from fixtures.house import House
from lab.dialogs import Dialog
from lab.layout import Queue
from lab.pbx import Pbx
from lab.softphones import Desks, desks
from lab.voices import Voice
from pbx_bridge.call import CallState
from storage.calls import CallFilters
from storage.rules.supervisions import Disclosure, Mode
from storage.supervisions import Line
from web.keys import CONTROLS

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(180)]
NUMBER = "+442071234567"
CUSTOMER, AGENT, BOSS = 600, 900, 1300  # Hz: what each says


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    async with ClientSession(cookie_jar=DummyCookieJar()) as session:
        yield session


@dataclass
class Scene:
    """Ann talks with a customer; Sue is to listen. Each says a tone and keeps what is heard."""

    ann: Agent
    sue: Agent
    voices: dict[int, Voice]
    customer: Dialog
    at_ann: Dialog
    desk: Any  # Sue's phone
    call: str
    house: House
    room: Desks
    clicks: int = 0

    async def supervise(self, mode: str) -> tuple[int, dict[str, Any]]:
        supervising = self.house.running.app[CONTROLS].supervising
        [one] = [
            one for one in supervising.audible(self.house.pbx_id) if str(one.call) == self.call
        ]
        self.clicks += 1
        return await self.sue.post(
            f"/calls/{self.call}/supervisions",
            mode=mode,
            leg=one.leg,
            key=f"click-{self.clicks:03}",
        )

    async def by_program(self, mode: str) -> int:
        """The same through the API, with a token of Sue's."""
        headers = {"Authorization": f"Bearer {await self.house.token('sue', 'supervise')}"}
        address = f"{self.house.url}/api/v1/calls/{self.call}/supervisions"
        body = {"mode": mode, "key": "program-0001"}
        async with self.sue.http.post(address, json=body, headers=headers) as answer:
            return answer.status

    async def told(self, *modes: str) -> None:
        """Wait until Ann's card tells that Sue is there in these modes."""

        def is_so(screen: Any) -> bool:
            return any(
                [one["mode"] for one in pop["supervised"]] == list(modes)
                and all(one["by"] == "Sue" for one in pop["supervised"])
                for pop in screen.pops.values()
            )

        await self.ann.screen.until(is_so, 20)

    async def started(self) -> list[Line]:
        """What is stored by now."""
        async with self.house.database.reading() as session:
            return list(await storage.supervisions.of_call(session, UUID(self.call)))

    async def stored(self, count: int) -> None:
        """Wait until so many are stored."""
        async with asyncio.timeout(20):
            while len(await self.started()) < count:  # noqa: ASYNC110 - nobody tells a test
                await asyncio.sleep(0.1)

    async def lines(self, count: int) -> list[Line]:
        """Wait until so many are stored and over."""
        async with asyncio.timeout(20):
            while True:
                found = await self.started()
                if len(found) == count and all(line.row.ended_at for line in found):
                    return found
                await asyncio.sleep(0.1)


@asynccontextmanager
async def talking(
    pbx: Pbx, queue: Queue, house: House, http: ClientSession
) -> AsyncIterator[Scene]:
    extension = pbx.agent()
    async with house.database.writing() as session:
        await storage.agents.create(
            session, user_id=house.users["sue"].id, pbx_id=house.pbx_id, extension=extension,
            now=datetime.now(UTC), by=None,
        )  # fmt: skip
    await house.running.bridge.phones_changed()
    async with (
        agent(house, http, "ann") as ann, agent(house, http, "sue") as sue, desks(pbx) as room
    ):  # fmt: skip
        yield await _scene(room, queue, house, extension, ann, sue)


async def _scene(
    room: Desks, queue: Queue, house: House, extension: str, ann: Agent, sue: Agent
) -> Scene:
    phone, outside = await room.inside(queue.agents[0]), await room.outside(NUMBER)
    desk = await room.inside(extension)
    voices = {
        hertz: await Voice(hertz).plug_in(each)
        for hertz, each in ((CUSTOMER, outside), (AGENT, phone), (BOSS, desk))
    }
    customer = outside.calls(queue.number)
    at_ann = await phone.answers()
    await customer.answered()
    voices[AGENT].speak_to(at_ann.described)
    voices[CUSTOMER].speak_to(customer.described)
    pop = await ann.pop("answered")
    await voices[CUSTOMER].hears(AGENT)
    return Scene(ann, sue, voices, customer, at_ann, desk, pop["call"], house, room)


async def test_a_supervisor_listens_whispers_and_barges_in_and_is_no_party(
    pbx: Pbx, queue: Queue, ringbook: House, http: ClientSession
) -> None:
    async with talking(pbx, queue, ringbook, http) as scene:
        status, said = await scene.supervise("listen")
        assert (status, said) == (200, {"done": "Your phone rings: lift it."})
        ringing = await scene.desk.rings()
        assert (await scene.supervise("whisper"))[0] == 422  # not before it is lifted
        await ringing.answer()
        boss, ann, zoe = (scene.voices[each] for each in (BOSS, AGENT, CUSTOMER))
        boss.speak_to(ringing.described)
        await boss.hears(CUSTOMER, AGENT)
        await scene.told("listen")
        await ann.hears(CUSTOMER, but=(BOSS,))
        await zoe.hears(AGENT, but=(BOSS,))

        assert (await scene.supervise("whisper"))[1] == {"done": "Changed."}
        await scene.told("whisper")
        await ann.hears(CUSTOMER, BOSS)
        await zoe.hears(AGENT, but=(BOSS,))

        assert (await scene.supervise("barge"))[0] == 200
        await scene.told("barge")
        await zoe.hears(AGENT, BOSS)
        await ann.hears(CUSTOMER, BOSS)
        await boss.hears(CUSTOMER, AGENT)

        assert (await scene.sue.post("/calls/in-progress/supervision-ends"))[0] == 200
        await ringing.over()
        await scene.told()
        lines = await scene.lines(3)
        await scene.customer.hang_up()
        await scene.at_ann.over()
    assert [(line.by, line.agent, line.row.mode, line.row.shown) for line in lines] == [
        ("Sue", "Ann", mode, True) for mode in (Mode.LISTEN, Mode.WHISPER, Mode.BARGE)
    ]
    assert all(one.row.ended_at <= two.row.started_at for one, two in pairwise(lines))
    story = await ended(ringbook, scene.call)
    assert {leg.extension for leg in story.legs if leg.answered_at} <= {queue.agents[0], None}
    parties = {party.extension for each in story.segments for party in each.parties}
    assert parties <= {None, *queue.agents}
    async with ringbook.database.reading() as session:
        page = await storage.calls.listed(session, CallFilters(), reach=None)
    assert [str(line.call.id) for line in page.lines] == [scene.call]


async def ended(house: House, call: str) -> Any:
    """The call's story, once it is over."""
    async with asyncio.timeout(20):
        while True:
            async with house.database.reading() as session:
                story = await storage.calls.get(session, UUID(call), reach=None)
            if story.call.state is CallState.ENDED:
                return story
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("pbx", [22], indirect=True, ids=["asterisk 22"])
async def test_one_click_rings_once_the_team_decides_who_is_told_and_it_ends_with_the_talk(
    pbx: Pbx, queue: Queue, ringbook: House, http: ClientSession
) -> None:
    async with talking(pbx, queue, ringbook, http) as scene:
        async with ringbook.database.writing() as session:
            [team] = await storage.teams.listed(session)
            await storage.teams.change(
                session, team.id, name=team.name, supervision=Disclosure.SPEAKING, by=None,
                user_ids=[ringbook.users[name].id for name in ("ann", "ben", "sue")],
            )  # fmt: skip
        assert (await scene.supervise("listen"))[0] == 200
        ringing = await scene.desk.rings()
        scene.clicks -= 1  # the same click is sent again
        assert (await scene.supervise("listen"))[0] == 200
        await ringing.answer()
        boss = scene.voices[BOSS]
        boss.speak_to(ringing.described)
        await boss.hears(CUSTOMER, AGENT)
        assert await scene.by_program("whisper") == 202
        await scene.told("whisper")
        assert scene.desk._ringing.empty()
        scene.clicks = 0  # the first click comes once more, late
        assert (await scene.supervise("listen"))[0] == 200
        await scene.voices[AGENT].hears(CUSTOMER, BOSS)
        phone = await scene.room.inside(queue.agents[1])
        fields = {"kind": "phone", "target": queue.agents[1], "note": ""}
        assert (await scene.ann.post(f"/desk/calls/{scene.call}/transfers", **fields))[0] == 200
        async with asyncio.timeout(20):
            await ringing.over()  # the agent's part is over, though the call goes on
        at_ben = await phone.answers()
        lines = await scene.lines(2)
        assert [line.row.shown for line in lines] == [False, True]

        listening = scene.desk.calls(f"*22{queue.agents[1]}")  # by keys of the phone
        await listening.answered()
        await scene.stored(3)
        await scene.customer.hang_up()
        await at_ben.over()
        await listening.over()
        lines = await scene.lines(3)
        assert [(line.by, line.agent, line.row.mode) for line in lines] == [
            ("Sue", "Ann", Mode.LISTEN), ("Sue", "Ann", Mode.WHISPER), ("Sue", "Ben", None),
        ]  # fmt: skip
