"""A pause outlives a restart of ours, a question and a ring, and ends once a colleague talks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest
from aiohttp import ClientSession, DummyCookieJar
from prometheus_client import CollectorRegistry

from chaos.rigs import until
from fixtures.agents import Agent, agent
from fixtures.house import House, PbxAt, furnished, settings_of
from fixtures.pausing import listed, recording
from lab.layout import Queue
from lab.pbx import Pbx
from lab.softphones import desks
from pbx_bridge import recorders
from storage.database import Database
from web.live.metrics import Metrics
from web.serving import serving

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(240)]
FOLDER = Pbx.monitor_as_pbx_names_it
NUMBER = "+442071234567"


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    async with ClientSession(cookie_jar=DummyCookieJar()) as session:
        yield session


@pytest.mark.parametrize("pbx", [22], indirect=True, ids=["asterisk 22"])
async def test_a_pause_outlives_a_restart_of_ours_and_ends_with_the_transfer(
    pbx: Pbx, queue: Queue, database: Database, tmp_path: Path, http: ClientSession
) -> None:
    settings = settings_of(database, tmp_path)
    at = PbxAt(pbx.port, pbx.username, pbx.secret, FOLDER, pbx.monitor, queue.agents)
    made = await furnished(database, settings, at)
    async with desks(pbx) as room:
        phone, other = [await room.inside(extension) for extension in queue.agents]
        outside = await room.outside(NUMBER)
        async with _served(made, http) as ann:
            customer = outside.calls(queue.number)
            await phone.answers()
            await other.rings()  # as the queue's other member; Ann was first
            await customer.answered()
            pop = await ann.pop("answered")
            call = f"/desk/calls/{pop['call']}"
            await recording(ann, lambda r: r and r["state"] == "on")
            assert (await ann.post(f"{call}/recording-pauses"))[0] == 200
            before = await recording(ann, lambda r: r["state"] == "paused")
        async with _served(made, http) as ann:
            after = await recording(ann, lambda r: r and r["by"] and r["until"])
            assert after == before
            status, said = await ann.post(
                f"{call}/transfers", kind="phone", target=queue.agents[1], note="Paid"
            )
            assert status == 200, said
            ringing = await other.rings()
            latest = made.running.bridge.lines.latest
            key = UUID(pop["call"])
            assert recorders.recorder(latest(key)) is recorders.Recorder.PAUSED  # while it rings
            await ringing.answer()
            await until(lambda: recorders.recorder(latest(key)) is recorders.Recorder.ON)
            await customer.hang_up()
            await ringing.over()
            told = await listed(
                http, f"{made.url}/api/v1/calls/{key}/recording-pauses",
                {"Authorization": f"Bearer {await made.token('ann', 'read')}"},
            )  # fmt: skip
    [window] = told["pauses"]
    assert (window["cause"], window["by"]) == ("hand", "Ann")
    assert (window["end_cause"], window["end_by"]) == ("transfer", "")


@asynccontextmanager
async def _served(made: House, http: ClientSession) -> AsyncIterator[Agent]:
    """Ringbook runs, and Ann looks at her desk."""
    metrics = Metrics(CollectorRegistry())
    async with serving(made.settings, database=made.database, metrics=metrics) as running:
        made.running = running
        async with agent(made, http, "ann") as ann:
            yield ann
