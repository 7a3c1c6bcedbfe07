"""Storage is tested on both engines."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fixtures import bases
from storage.database import Database


@pytest.fixture(
    params=[
        pytest.param("sqlite", id="sqlite"),
        pytest.param("postgres", id="postgres", marks=pytest.mark.postgres),
    ]
)
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty base, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        template = request.getfixturevalue("sqlite_template")
        async with bases.fresh_sqlite(template, tmp_path) as base:
            yield base
        return
    url = request.getfixturevalue("postgres_url")
    template = request.getfixturevalue("postgres_template")
    async with bases.fresh_postgres(url, template) as base:
        yield base
