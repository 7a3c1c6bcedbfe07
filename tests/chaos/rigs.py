"""A real Asterisk, the proxy and a whole Ringbook behind it, and what the PBX's books say."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sqlalchemy import func, select
from websockets.asyncio.client import connect

from chaos.proxy import Proxy
from fixtures import bases
from fixtures.house import House, PbxAt, house
from fixtures.screens import Screen, screen
from lab import books, oracle
from lab.pbx import Pbx
from pbx_bridge.books import BookFolder
from pbx_bridge.call import Call
from storage.calls import CallRecord
from web.journey import stored
from web.keys import PbxLink

S = TypeVar("S", bound=Screen)
SECONDS = 60.0  # a deadline, never a measure
ZOMBIE_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Rig:
    """What a test of the whole has at hand; Ringbook reaches the PBX through the proxy alone."""

    pbx: Pbx
    proxy: Proxy
    ringbook: House

    def link(self) -> PbxLink:
        """Return how Ringbook says that its link is."""
        assert self.ringbook.running is not None
        [link] = self.ringbook.running.bridge.links()
        return link

    async def linked(self) -> None:
        """Wait until Ringbook is linked to the PBX."""
        await until(lambda: self.link().status == "connected")

    def open(self) -> list[Call]:
        """Return the calls that are up as Ringbook sees it now, if it runs in this process."""
        if self.ringbook.running is None:
            return []
        lines = self.ringbook.running.bridge.lines._open.values()
        return [call for line in lines for call in line.journey.tracker.calls.values()]

    @asynccontextmanager
    async def screen(self, login: str = "ann") -> AsyncIterator[Screen]:
        """Open the live socket as this user."""
        token = await self.ringbook.token(login, "live")
        async with screen(self.ringbook.settings.live_url, token) as opened:
            yield opened

    async def calls(self) -> list[Call]:
        """Return every stored call."""
        async with self.ringbook.database.reading() as session:
            keys = list(await session.scalars(select(CallRecord.id)))
        return await stored.calls(self.ringbook.database, keys)

    async def settled(self, seconds: float = ZOMBIE_SECONDS) -> tuple[float, list[Call]]:
        """Wait until the PBX is idle, then until no call is open here.

        Gives for how many seconds calls were open that the PBX had no channel of, and the calls.
        """
        await self.pbx.idle(SECONDS)
        loop = asyncio.get_running_loop()
        begun = loop.time()
        async with asyncio.timeout(seconds + SECONDS):
            while self.open() or await self._stored_open():  # noqa: ASYNC110  # a base is asked
                await asyncio.sleep(0.1)
        return loop.time() - begun, await self.calls()

    async def told(self, seconds: float = 90.0) -> tuple[float, list[Call], dict[str, int]]:
        """Wait until each conversation of the PBX has one record, or too long.

        Gives how long that took, the calls, and what is wrong with them still.
        """
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while wrong := misrecorded(calls := await self.calls(), self.books()):
            if loop.time() - begun > seconds:
                break
            await asyncio.sleep(0.5)
        return loop.time() - begun, calls, wrong

    async def _stored_open(self) -> int:
        query = select(func.count()).select_from(CallRecord).where(CallRecord.ended_at.is_(None))
        async with self.ringbook.database.reading() as session:
            return int(await session.scalar(query) or 0)

    def books(self) -> oracle.Books:
        """Return what the PBX wrote down."""
        return oracle.Books(
            cel=books.cel_rows(self.pbx.cel_csv),
            cdr=books.cdr_rows(self.pbx.cdr_csv),
            queue_log=books.queue_log_rows(self.pbx.queue_log),
        )


@asynccontextmanager
async def rig(
    pbx: Pbx,
    folder: Path,
    template: Path,
    *,
    phones: tuple[str, ...] = ("101", "102"),
    seed: int | None = None,
) -> AsyncIterator[Rig]:
    """Run Ringbook behind a proxy before `pbx`, on a fresh base, with ann and ben at the phones."""
    async with (
        bases.fresh_sqlite(template, folder) as base,
        Proxy(pbx.port, seed=seed) as proxy,
        house(base, folder, behind(proxy, pbx, phones)) as ringbook,
    ):
        made = Rig(pbx, proxy, ringbook)
        await made.linked()
        yield made


def behind(proxy: Proxy, pbx: Pbx, phones: tuple[str, ...]) -> PbxAt:
    """Return how Ringbook reaches the PBX through the proxy, and its books beside it."""
    kept = BookFolder(cdr=pbx.cdr_csv, cel=pbx.cel_csv, queue_log=pbx.queue_log)
    there = pbx.monitor_as_pbx_names_it
    return PbxAt(proxy.port, pbx.username, pbx.secret, there, pbx.monitor, phones, kept)


def conversations(written: oracle.Books) -> dict[str, set[str]]:
    """Return the channels of each conversation that CEL knows, by its last linkedid."""
    ends = [row for row in written.cel if row["eventtype"] == "CHAN_END"]
    found: dict[str, set[str]] = {}
    for row in ends:
        found.setdefault(row["linkedid"], set()).add(row["uniqueid"])
    return found


def misrecorded(calls: list[Call], written: oracle.Books) -> dict[str, int]:
    """Return the conversations that have not exactly one record, and how many they have."""
    told = [{leg.uniqueid for leg in call.legs} for call in calls]
    counted = Counter(
        {key: sum(bool(legs & has) for has in told) for key, legs in conversations(written).items()}
    )
    return {key: count for key, count in counted.items() if count != 1}


@asynccontextmanager
async def watching(address: str, token: str, kind: type[S]) -> AsyncIterator[S]:
    """Open the live socket of any process as a screen of this kind, which a freeze does not end."""
    headers = {"Authorization": f"Bearer {token}"}
    async with connect(
        address, additional_headers=headers, compression=None, proxy=None, ping_interval=None
    ) as socket:
        made = kind(socket)
        following = asyncio.create_task(made.follow())
        await made.until(lambda s: s.messages)
        yield made
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def until(is_so: Callable[[], object], seconds: float = SECONDS) -> float:
    """Wait until it is so; gives how long that took."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    async with asyncio.timeout(seconds):
        while not is_so():  # noqa: ASYNC110  # the condition is anybody's
            await asyncio.sleep(0.02)
    return loop.time() - begun
