"""Of many screens some never read: the others hear as soon as before, and memory stays bounded."""

import asyncio
import os
import resource
import socket
import statistics
import time
from pathlib import Path

import pytest
from stage.sockets import Stage, deaf, eventually, hear
from websockets.exceptions import ConnectionClosed

from storage.users import User
from web.live.streams import Limits

PROVING = "RINGBOOK_PROVE" in os.environ
SCREENS, DEAF, SECONDS = (200, 20, 60.0) if PROVING else (20, 4, 3.0)
A_SECOND = 200  # frames to all screens together
CARD = "x" * 2_000  # about the size of a card
CARDS = 50  # of a user at once; the same are told again and again
FLOOD = 6_000  # frames to each deaf screen, so that what the kernel holds is full as well
MOST = 4.0  # times what it took before; and so many seconds that a busy machine may add:
NOISE = 0.05


class Reader:
    """A screen that reads, and how long each frame took to it."""

    def __init__(self, stage: Stage, user: User, screen) -> None:
        self._stage, self.user, self._screen = stage, user, screen
        self.took: list[float] = []
        self.heard = 0
        self.sent: dict[str, float] = {}

    async def run(self) -> None:
        try:
            while True:
                message = await hear(self._screen)
                if message["type"] == "pop.opened":
                    self.heard += 1
                    self.took.append(time.perf_counter() - self.sent[message["data"]["id"]])
        except ConnectionClosed:
            pass

    def tell(self, key: str) -> None:
        self.sent[key] = time.perf_counter()
        self._stage.tell(self.user, key, CARD)


def resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / (1 << 20)


async def told(readers: list[Reader], seconds: float) -> float:
    """Tell all of them in turn for so long; gives the p99 of what came."""
    loop, n = asyncio.get_running_loop(), 0
    for reader in readers:
        reader.took.clear()
    begun = loop.time()
    while loop.time() - begun < seconds:
        readers[n % len(readers)].tell(str(n % CARDS))
        n += 1
        await asyncio.sleep(max(0.0, begun + n / A_SECOND - loop.time()))
    await eventually(lambda: sum(len(reader.took) for reader in readers) >= n)
    return statistics.quantiles([s for one in readers for s in one.took], n=100)[98]


@pytest.mark.bar(26)
@pytest.mark.timeout(600)
async def test_screens_that_never_read_delay_nobody_and_hold_no_memory(stage: Stage, proof) -> None:
    stage.hub.limits = Limits()  # those of the product
    people = [await stage.person(f"agent{n}") for n in range(SCREENS)]
    cookies = [await stage.cookie(one) for one in people]
    readers = []
    for user, cookie in zip(people[DEAF:], cookies[DEAF:], strict=True):
        screen = await stage.screen(cookie)
        await hear(screen)
        readers.append(Reader(stage, user, screen))
    tasks = [asyncio.create_task(reader.run()) for reader in readers]
    alone = await told(readers, SECONDS)
    before = resident()
    raws: list[socket.socket] = [await deaf(stage, cookie) for cookie in cookies[:DEAF]]
    await eventually(lambda: len(stage.hub.screens()) == SCREENS)
    waits: list[int] = []

    async def flood() -> None:
        """Tell the deaf until each of them is dropped."""
        for n in range(FLOOD):
            for user in people[:DEAF]:
                stage.tell(user, n % CARDS, CARD)
            waits.append(max([screen.size for screen in stage.hub.screens()], default=0))
            await asyncio.sleep(SECONDS / FLOOD)
            if len(stage.hub.screens()) == len(readers):
                return

    flooding = asyncio.create_task(flood())
    beside = await told(readers, SECONDS)
    await flooding
    await eventually(lambda: len(stage.hub.screens()) == len(readers))
    for task, raw in zip(tasks, [*raws, *[None] * len(tasks)], strict=False):
        task.cancel()
        if raw is not None:
            raw.close()
    grown = resident() - before
    proof.measured("p99 of a frame before", alone * 1000, "ms")
    proof.measured("p99 of a frame beside them", beside * 1000, "ms",
                   at_most=(alone * MOST + NOISE) * 1000)  # fmt: skip
    proof.measured("most that waits for one screen", max(waits) / (1 << 20), "MiB",
                   at_most=Limits().outbox_bytes / (1 << 20))  # fmt: skip
    proof.measured("growth of memory, with what is kept for all who come back", grown, "MiB")
    assert stage.hub.counts.dropped == DEAF
    proof.tried(sum(one.heard for one in readers), of="frames to those who read")
