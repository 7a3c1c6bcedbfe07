"""What a running bridge stores is what its journal tells, also over a cut link and a restart."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry

import storage.calls
from fixtures import calls
from pbx_bridge.call import Call
from pbx_bridge.ids import uuid7
from pbx_bridge.journal import Kind, Retelling, Retold, differences, retell
from pbx_bridge.simulator import Caller, Phone, Simulator, stories
from storage.agents import Agent
from storage.calls import CallFilters
from storage.database import Database
from storage.pbxs import Pbx
from storage.secrets import SecretBox
from web.config import Settings
from web.journey import Bridge, blackbox
from web.journey.stored import call_of
from web.keys import DATABASE, SETTINGS
from web.live.metrics import Metrics

ANN, BEN = Phone("101", "Ann"), Phone("102", "Ben")
ZOE = Caller("+442071234567", "Zoe")
SECONDS = 20


class Office:
    """A bridge with a black box that hears a simulated PBX."""

    def __init__(self, database: Database, settings: Settings, pbx: UUID, simulator: Any) -> None:
        self.database = database
        self.settings = settings
        self.pbx = pbx
        self.simulator = simulator
        self.bridge: Bridge | None = None

    async def start(self) -> None:
        box = SecretBox(self.settings.secret_keys)
        metrics = Metrics(CollectorRegistry())
        self.bridge = Bridge(
            settings=self.settings, database=self.database, secrets=box, metrics=metrics
        )
        app = web.Application()
        app[DATABASE], app[SETTINGS] = self.database, self.settings
        await self.bridge.start(app)
        await self.until(lambda: self.simulator._listeners)

    async def stop(self) -> None:
        bridge, self.bridge = self.bridge, None
        if bridge is not None:
            await bridge.stop()

    async def until(self, is_so: Callable[[], object]) -> None:
        async with asyncio.timeout(SECONDS):
            while True:
                if is_so():
                    return
                await asyncio.sleep(0.01)

    async def play(self, exten: str = "4000") -> None:
        story = stories.answered_in_queue(
            self.simulator.exchange, ZOE, "sales", (ANN, BEN), dialled=exten, winner=1, ring=1,
            talk=1,
        )  # fmt: skip
        await self.simulator.play(story, speed=20)

    async def stored(self, count: int) -> list[Call]:
        """The stored calls, when so many have ended."""
        async with asyncio.timeout(SECONDS):
            while True:
                async with self.database.reading() as session:
                    page = await storage.calls.listed(session, CallFilters(), reach=None)
                    found = [await storage.calls.get(session, x.call.id) for x in page.lines]
                if len(found) == count and all(story.call.ended_at for story in found):
                    return [call_of(story) for story in found]
                await asyncio.sleep(0.02)

    def retold(self) -> dict[UUID, Retold]:
        entries = blackbox.reader(self.settings, self.pbx).entries()
        return {one.call.id: one for one in retell(entries, Retelling(self.pbx))}

    async def listed(self, times: int) -> None:
        """Wait until the lists that follow a login are complete: the simulator's are empty."""
        last = b"Event: DeviceStateListComplete"

        def count() -> int:
            entries = blackbox.reader(self.settings, self.pbx).entries()
            return sum(entry.raw.startswith(last) for entry in entries)

        await self.until(lambda: count() == times)

    def kinds(self) -> list[Kind]:
        entries = blackbox.reader(self.settings, self.pbx).entries()
        return [entry.kind for entry in entries if entry.kind is not Kind.MESSAGE]


@pytest.fixture
async def office(database: Database, settings: Settings, tmp_path: Path) -> Any:
    settings = settings.model_copy(update={"live_port": 0})
    stage = await calls.set_stage(database)
    (tmp_path / "monitor").mkdir()
    simulator = Simulator("ringbook", "secret", tmp_path / "monitor")
    async with simulator.serving():
        async with database.writing() as session:
            row = await session.get(Pbx, stage.pbx)
            row.port = simulator.port
            row.secret = SecretBox(settings.secret_keys).close("secret")
            session.add_all(
                Agent(
                    id=uuid7(calls.NOW), user_id=user, pbx_id=stage.pbx, extension=extension,
                    interface=f"PJSIP/{extension}", created_at=calls.NOW,
                )
                for (_, extension), user in stage.seats.items()
            )  # fmt: skip
        office = Office(database, settings, stage.pbx, simulator)
        await office.start()
        yield office
        await office.stop()


async def test_what_was_stored_live_is_what_the_journal_tells(office: Office) -> None:
    await office.listed(1)
    await asyncio.gather(*(office.play() for _ in range(3)))
    stored = await office.stored(3)
    await office.stop()
    told = office.retold()
    assert set(told) == {call.id for call in stored}
    for call in stored:
        assert differences(call, told[call.id].call) == []
        assert told[call.id].is_whole
        assert told[call.id].call.offers
    assert office.kinds() == [Kind.BEGAN, Kind.PHONES, Kind.UP, Kind.DOWN, Kind.CLOSED]


async def test_a_restart_of_ours_is_told_and_calls_after_it_too(office: Office) -> None:
    await office.listed(1)
    await office.play()
    await office.stored(1)
    await office.stop()
    await office.start()
    await office.listed(2)
    await office.play()
    stored = await office.stored(2)
    await office.stop()
    told = office.retold()
    assert {call.id: differences(call, told[call.id].call) for call in stored} == {
        call.id: [] for call in stored
    }
    assert office.kinds().count(Kind.BEGAN) == 2
    assert office.kinds().count(Kind.CLOSED) == 2


async def test_a_cut_link_is_told_with_its_moments(office: Office) -> None:
    await office.listed(1)
    before = datetime.now(UTC)
    for writer in list(office.simulator._listeners):
        writer.transport.abort()
    await office.listed(2)
    await office.play()
    (call,) = await office.stored(1)
    await office.stop()
    assert differences(call, office.retold()[call.id].call) == []
    entries = blackbox.reader(office.settings, office.pbx).entries()
    (down, _) = [entry for entry in entries if entry.kind is Kind.DOWN]
    assert before <= datetime.fromisoformat(down.facts["at"]) <= datetime.now(UTC)


async def test_a_call_goes_its_way_where_no_journal_can_be_written(
    database: Database, settings: Settings, office: Office, tmp_path: Path
) -> None:
    await office.stop()
    (tmp_path / "file").write_text("no folder")
    office.settings = office.settings.model_copy(update={"journal_dir": tmp_path / "file"})
    await office.start()
    await office.play()
    assert len(await office.stored(1)) == 1
    assert not list(tmp_path.glob("file/*"))
