"""On a real PBX, who comes late knows at once who talks, holds, waits, is parked and rings."""

import asyncio
from contextlib import suppress
from uuid import UUID

import pytest
from pydantic import SecretStr

from lab.layout import Kind
from lab.pbx import Pbx
from lab.softphones import desks
from lab.stories.casts import conversation, news, talk
from pbx_bridge import events
from pbx_bridge.ami import Link, LinkDown, LinkUp, Message
from pbx_bridge.call import Call, SegmentKind
from pbx_bridge.config import AmiConfig
from pbx_bridge.tracker import Tracker
from pbx_bridge.translate import INTERESTS, translate
from web.journey import snapshots

pytestmark = pytest.mark.asterisk

PARKED, SECOND, TALKS, HOLDS, WAITS = (f"+4420712309{n}" for n in range(11, 16))


class Ear:
    """A link of its own with a tracker, which a test makes deaf."""

    def __init__(self, pbx: Pbx, phones: tuple[str, ...]) -> None:
        self.config = AmiConfig(
            port=pbx.port, username=pbx.username, secret=SecretStr(pbx.secret), retry_first=0.1
        )
        self.tracker = Tracker(UUID(int=7), {f"PJSIP/{phone}": phone for phone in phones})
        self.is_deaf = False

    async def listen(self, seconds: float) -> None:
        """Log in, ask what is up, and hear all of it."""
        async with Link(self.config, interests=INTERESTS) as link:
            await asyncio.wait_for(link.connected(), 10)
            asking = asyncio.create_task(snapshots.ask(link, "lab"))
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    async for heard in link.listen():
                        self._hear(heard)
            await asking
            self.tracker.feed(events.LinkLost(at=link.state.since))

    def _hear(self, heard: Message | LinkUp | LinkDown) -> None:
        event = translate(heard) if isinstance(heard, Message) else None
        if event is not None:
            self.tracker.feed(event)

    def now(self) -> dict[str, list[str]]:
        """What goes on in each call, by the number of its customer."""
        return {call.number: _going_on(call) for call in self.tracker.calls.values()}


def _going_on(call: Call) -> list[str]:
    found = [
        f"{segment.kind} {segment.queue or ''}".strip()
        for segment in call.segments
        if segment.ended_at is None and segment.kind is not SegmentKind.RING
    ]
    return sorted(found + [f"rings {o.extension}" for o in call.offers if o.end is None])


async def test_everything_that_goes_on_is_told_after_a_login(pbx: Pbx) -> None:
    agents = tuple(pbx.agent() for _ in range(4))
    queue = pbx.queue(Kind.RINGALL)
    was_deaf, comes_late = ears = [Ear(pbx, (*agents, *queue.agents)) for _ in range(2)]
    async with desks(pbx) as room:
        parked = await conversation(room, PARKED, agents[0])
        second = await conversation(room, SECOND, agents[1])
        await was_deaf.listen(1)
        assert was_deaf.now() == {PARKED: ["talk"], SECOND: ["talk"]}
        for one, number in ((parked, PARKED), (second, SECOND)):
            await one.at_agent.press("#1700")
            await news(pbx, "ParkedCall", ParkeeCallerIDNum=number)
            await one.at_agent.over()
        talks = await conversation(room, TALKS, agents[2])
        holds = await conversation(room, HOLDS, agents[3])
        await holds.at_agent.hold()
        phones = [await room.inside(agent) for agent in queue.agents]
        outside = await room.outside(WAITS)
        waits = outside.calls(queue.number)
        ringing = [await phone.rings() for phone in phones]
        await talk()
        await asyncio.gather(*(ear.listen(2) for ear in ears))
        assert comes_late.now() == {
            PARKED: ["parked"],
            SECOND: ["parked"],
            TALKS: ["talk"],
            HOLDS: ["talk"],  # no list tells of a hold
            WAITS: [f"queue {queue.name}", *(f"rings {agent}" for agent in queue.agents)],
        }
        assert was_deaf.now() == comes_late.now()
        for dialog in (parked.customer, second.customer, waits, talks.customer, holds.customer):
            await dialog.hang_up()
        assert len(ringing) == 2
        await pbx.idle()
        await was_deaf.listen(1)
        assert was_deaf.now() == {}
