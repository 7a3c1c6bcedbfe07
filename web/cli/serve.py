"""`ringbook serve`: everything in one process."""

import asyncio
import sys
from collections.abc import Coroutine

import click

from storage.errors import StorageError
from web import config, logs
from web.config import Settings


@click.command()
def serve() -> None:
    """Serve the pages and the live socket, and listen to the PBXs."""
    settings = config.load()
    logs.set_up(settings.log_level, settings.log_format)
    try:
        run(_serve(settings))
    except StorageError as error:
        click.echo(f"ringbook: {error}", err=True)
        sys.exit(1)


def run(work: Coroutine[None, None, None]) -> None:
    """Run on the fast loop where it is installed."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(work)
        return
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


async def _serve(settings: Settings) -> None:
    from web.serving import serving, until_stopped

    async with serving(settings) as running:
        click.echo(f"Ringbook serves {settings.public_url}", err=True)
        if running.setup_token:
            click.echo(
                "There is no account yet. Make the first administrator at "
                f"{settings.public_url}/setup with this token, which works once: "
                f"{running.setup_token}",
                err=True,
            )
        await until_stopped()
