"""A PBX that says what a test has it say, and the live side that listens to it."""

from collections.abc import AsyncIterator

import pytest
from stage.offices import Stage
from stage.pbxs import FakePbx

from storage.database import Database
from web.config import Settings


@pytest.fixture
async def pbx() -> AsyncIterator[FakePbx]:
    """A PBX that says nothing by itself."""
    pbx = FakePbx()
    await pbx.open()
    yield pbx
    await pbx.close()


@pytest.fixture
async def stage(database: Database, settings: Settings, pbx: FakePbx) -> AsyncIterator[Stage]:
    """An office of five agents; `await stage.start()` opens it."""
    stage = Stage(database, settings.model_copy(update={"live_port": 0}), pbx)
    await stage.set_up()
    yield stage
    await stage.close()
