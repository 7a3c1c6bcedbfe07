"""A real Asterisk with phones and callers, and a whole Ringbook beside it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fixtures.house import House, PbxAt, house
from lab.layout import Kind, Queue
from lab.pbx import Pbx
from storage.database import Database


@pytest.fixture(params=[22, 16], ids=["asterisk 22", "asterisk 16"])
async def pbx(request: pytest.FixtureRequest) -> AsyncIterator[Pbx]:
    """A running Asterisk."""
    async with Pbx(request.param) as pbx:
        yield pbx


@pytest.fixture
def queue(pbx: Pbx) -> Queue:
    """A queue in which every phone rings; ann and ben sit at its two."""
    return pbx.queue(Kind.RINGALL)


@pytest.fixture
async def ringbook(
    pbx: Pbx, queue: Queue, database: Database, tmp_path: Path
) -> AsyncIterator[House]:
    """Ringbook, linked to the PBX."""
    at = PbxAt(
        pbx.port, pbx.username, pbx.secret, pbx.monitor_as_pbx_names_it, pbx.monitor, queue.agents
    )
    async with house(database, tmp_path, at) as made:
        yield made
