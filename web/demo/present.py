"""The simulated PBX of the demo keeps calling: whoever is free rings."""

import asyncio
from pathlib import Path
from random import Random

from pbx_bridge.simulator import Caller, Phone, Simulator, stories
from pbx_bridge.simulator.stories import Story
from web.demo import cast
from web.demo.past import somebody

PAUSE = (4.0, 9.0)  # seconds between two calls
AT_ONCE = 3


class Conductor:
    """Begins call after call, never two at one phone."""

    def __init__(self, simulator: Simulator, random: Random, *, speed: float = 1.0) -> None:
        self._simulator = simulator
        self._random = random
        self._speed = speed
        self._busy: set[Phone] = set()

    async def run(self) -> None:
        """Keep calling until cancelled."""
        async with asyncio.TaskGroup() as calls:
            while True:
                free = [phone for phone in cast.PHONES if phone not in self._busy]
                if free and len(cast.PHONES) - len(free) < AT_ONCE:
                    calls.create_task(self._call(free))
                await asyncio.sleep(self._random.uniform(*PAUSE) / self._speed)

    async def _call(self, free: list[Phone]) -> None:
        story, used = self._story(free, somebody(self._random))
        self._busy |= used
        try:
            await self._simulator.play(story, self._speed)
        finally:
            self._busy -= used

    def _story(self, free: list[Phone], caller: Caller) -> tuple[Story, set[Phone]]:
        exchange, random = self._simulator.exchange, self._random
        members = self._simulator.members
        phone = random.choice(free)
        ready = [each for each in free if members.takes_calls(cast.QUEUE, each)]
        match random.randrange(8) if ready else 1:
            case 0:
                story = stories.abandoned_in_queue(
                    exchange, caller, cast.QUEUE, ready, dialled=cast.QUEUE_NUMBER,
                    patience=random.uniform(8, 14),
                )  # fmt: skip
                return story, set(ready)
            case 1:
                talk = random.choice((0.0, random.uniform(10, 25)))
                return stories.to_extension(exchange, caller, phone, ring=8, talk=talk), {phone}
            case 2:
                number = caller.number or cast.STRANGERS[0]
                story = stories.outgoing(
                    exchange, phone, number, ring=5, talk=random.uniform(10, 25)
                )
                return story, {phone}
        phone = random.choice(ready)
        story = stories.answered_in_queue(
            exchange, caller, cast.QUEUE, ready, dialled=cast.QUEUE_NUMBER,
            winner=ready.index(phone), ring=random.uniform(5, 9), talk=random.uniform(12, 30),
        )  # fmt: skip
        return story, {phone}


def simulator(folder: Path, secret: str) -> Simulator:
    """A simulated PBX that writes its recordings to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    queues = {cast.QUEUE: cast.PHONES, cast.OTHER_QUEUE: cast.PHONES[2:]}
    return Simulator("ringbook", secret, folder, queues)
