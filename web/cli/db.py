"""`ringbook db`: bring the tables up to date, and say how they are."""

import asyncio

import click

from storage import migrations
from storage.database import Database
from storage.errors import StorageError
from storage.migrations import drafts
from web.cli.bases import with_base


@click.group()
def db() -> None:
    """The database: upgrade, current, check."""


@db.command()
def upgrade() -> None:
    """Bring the tables up to date; `serve` and `demo` do this by themselves."""

    async def work(database: Database) -> str | None:
        return await migrations.current(database)

    click.echo(f"The tables are at step {with_base(work)}.")


@db.command()
def current() -> None:
    """Print the step the tables are at, and the newest there is."""

    async def work(database: Database) -> str | None:
        return await migrations.current(database)

    click.echo(f"{with_base(work, migrate=False) or 'none'} of {migrations.head()}")


@db.command()
def check() -> None:
    """Compare the tables with what this Ringbook expects; ends with 1 where they differ."""

    async def work(database: Database) -> list[str]:
        return await migrations.differences(database)

    differences = with_base(work, migrate=False)
    for difference in differences:
        click.echo(difference)
    if differences:
        raise click.ClickException("the tables are not as expected: run `ringbook db upgrade`")
    click.echo("The tables are as expected.")


@db.command()
@click.argument("message")
@click.option("--first", is_flag=True, help="Draft the first step anew, dropping all there are.")
def draft(message: str, first: bool) -> None:
    """For developers: write the next migration from the models; read and format it afterwards."""
    try:
        path = asyncio.run(drafts.write(message, first=first))
    except StorageError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{path}: read it, then run `ruff format {path}`")
