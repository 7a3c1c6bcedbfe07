"""A listener without pages."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from stage.sockets import Stage

from storage.database import Database
from web.config import Settings
from web.keys import DATABASE, SETTINGS


@pytest.fixture
def bare(database: Database, settings: Settings) -> web.Application:
    """As much of the application as the socket needs: no pages."""
    app = web.Application()
    app[DATABASE], app[SETTINGS] = database, settings
    return app


@pytest.fixture
async def stage(
    bare: web.Application, database: Database, settings: Settings
) -> AsyncIterator[Stage]:
    stage = Stage(bare, database, settings)
    async with stage.sockets:
        yield stage
