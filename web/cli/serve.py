"""`ringbook serve`: everything in one process."""

import asyncio
import sys
from collections.abc import Coroutine
from typing import TYPE_CHECKING

import click

from storage.errors import StorageError
from web import config, logs
from web.config import Settings

if TYPE_CHECKING:
    from web.serving import Serving


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
    from web.live.metrics import Metrics
    from web.serving import serving, stop_signal

    stopped, metrics = stop_signal(), Metrics()
    while not stopped.is_set():  # a node that was replaced knows nothing that still counts
        async with serving(settings, metrics=metrics, aside=True) as running:
            _say(settings, running)
            await _first(stopped, running.leader.lost)


def _say(settings: Settings, running: "Serving") -> None:
    if not running.leader.won.is_set():
        click.echo("Another node leads. This one takes over when that one falls.", err=True)
        return
    click.echo(f"Ringbook serves {settings.public_url}", err=True)
    if running.setup_token:
        click.echo(
            "There is no account yet. Make the first administrator at "
            f"{settings.public_url}/setup with this token, which works once: "
            f"{running.setup_token}",
            err=True,
        )


async def _first(*events: asyncio.Event) -> None:
    """Wait until one of them is set."""
    waiting = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
