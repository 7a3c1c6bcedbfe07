"""What every command that works on the base shares: settings read, base opened, errors told."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from storage import startup
from storage.database import Database
from storage.errors import StorageError
from web import config

T = TypeVar("T")


def with_base(work: Callable[[Database], Awaitable[T]], *, migrate: bool = True) -> T:
    """Do `work` on the base of the settings; what storage refuses ends the command, told plainly.

    It works beside a `ringbook serve` on the same base: the lock is only for those who serve.
    """

    async def run() -> T:
        url = config.load().database_url
        async with startup.opened(url, migrate=migrate) as database:
            return await work(database)

    try:
        return asyncio.run(run())
    except StorageError as error:
        raise click.ClickException(str(error)) from None
