"""Drafting the next step: what the models say beyond the steps there are, for a person to read."""

import tempfile
from pathlib import Path

from alembic import command
from alembic.script import Script

from storage import migrations
from storage.database import Database
from storage.errors import Refused


async def write(message: str, *, first: bool = False) -> Path:
    """Write the next step into versions/; `first` drafts the first anew and drops all there are.

    Raises Refused where the models say nothing new.
    """
    versions = migrations.HERE / "versions"
    if first:
        for step in versions.glob("[0-9]*.py"):
            step.unlink()
    with tempfile.TemporaryDirectory() as folder:
        async with Database(f"sqlite+aiosqlite:///{folder}/draft.sqlite3") as database:
            if migrations.head() is not None:
                await migrations.upgrade(database)
            if not await migrations.differences(database):
                raise Refused("the models say nothing that the steps do not")
            return await _drafted(database, message)


async def _drafted(database: Database, message: str) -> Path:
    number = f"{len(list((migrations.HERE / 'versions').glob('[0-9]*.py'))) + 1:04}"
    async with database.engine.connect() as connection:
        script = await connection.run_sync(
            lambda sync: command.revision(
                migrations.config(sync), message, autogenerate=True, rev_id=number
            )
        )
    assert isinstance(script, Script)  # noqa: S101 - one step was asked for
    return _without_chatter(Path(script.path))


def _without_chatter(path: Path) -> Path:
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "# ### " not in line))
    return path
