"""`ringbook recordings`: look through the PBXs' folders, encrypt what is plain, change the key."""

import asyncio
import sys
from datetime import UTC, datetime

import click

import storage.pbxs
import storage.renditions
import storage.shelved
from recordings.moves import encrypt as encrypted
from recordings.moves import rewrap
from recordings.scans import scan as scanned
from recordings.spools import Folders
from storage.database import Database
from storage.pbxs import Pbx
from web import config
from web.cli.bases import with_base
from web.cli.purges import purge
from web.renditions import renditions_of
from web.shelves import shelf_of
from web.spool_hosts import folders_of


@click.group()
def recordings() -> None:
    """Work on the recordings beside a running Ringbook."""


@recordings.command()
@click.option("--pbx", "name", help="Only the PBX of this name.")
def scan(name: str | None) -> None:
    """Hold every file of the PBXs' recordings folders against the calls; list those of none.

    It ends with 1 where a folder cannot be read.
    """

    async def work(database: Database) -> bool:
        async with database.reading() as session:
            pbxs = [p for p in await storage.pbxs.listed(session) if name in {None, p.name}]
        if not pbxs:
            raise click.ClickException(f"there is no PBX {name}" if name else "there is no PBX")
        async with folders_of(config.load(), database) as folders:
            return all([await _scan(database, pbx, folders) for pbx in pbxs])

    if not with_base(work):
        sys.exit(1)


async def _scan(database: Database, pbx: Pbx, folders: Folders) -> bool:
    """Scan one PBX's folder and say what was found; gives whether it could be read."""
    if pbx.id not in folders:
        click.echo(f"{pbx.name}: nobody said where its recordings are")
        return True
    there, here = folders[pbx.id]
    try:
        found = await scanned(database, pbx.id, there, here, now=datetime.now(UTC))
    except OSError as error:
        why = error.strerror or str(error)
        click.echo(f"{pbx.name}: {pbx.recordings_here} cannot be read: {why}", err=True)
        return False
    click.echo(
        f"{pbx.name}: {found.files} files, {found.mapped} of recordings, "
        f"{found.young} too young to say, {found.orphans} of no call "
        f"({found.fresh} of them new), {found.again} came late"
    )
    return True


@recordings.command()
def encrypt() -> None:
    """Encrypt recordings that an older Ringbook kept in the open; it may be stopped at any time."""
    shelf = shelf_of(config.load())

    async def work(database: Database) -> bool:
        moved, failed = 0, 0
        async for key, problem in encrypted(database, shelf):
            moved, failed = moved + (not problem), failed + bool(problem)
            if problem:
                click.echo(f"{key}: {problem}", err=True)
        click.echo(f"{moved} recordings encrypted, {failed} could not be")
        return not failed

    if not with_base(work):
        sys.exit(1)


@recordings.command()
@click.option("--again", is_flag=True, help="Try also those that could not be decoded before.")
def render(*, again: bool) -> None:
    """Make what is played, with its waveform, of recordings that have none yet.

    It may be stopped at any time, and runs beside `serve`, which makes that of new recordings.
    """
    settings = config.load()

    async def work(database: Database) -> bool:
        if again:
            async with database.writing() as session:
                await storage.renditions.forget_failed(session)
        renditions = renditions_of(settings, database, shelf_of(settings))
        counts = await renditions.make_missing()
        click.echo(
            f"{counts.made} recordings can be played, {counts.no_sound} cannot be decoded, "
            f"{counts.failed} could not be read or stored now"
        )
        return not counts.failed

    if not with_base(work):
        sys.exit(1)


@recordings.command("change-key")
def change_key() -> None:
    """Wrap the keys of all recordings with the first key of RINGBOOK_SECRET_KEY.

    Their sound is not touched. Afterwards the older keys are needed for recordings no more.
    """
    shelf = shelf_of(config.load())

    async def work(database: Database) -> bool:
        changed, failed = 0, 0
        async with database.reading() as session:
            keys = await storage.shelved.keys(session)
        for key in keys:
            problem = await asyncio.to_thread(rewrap, shelf, key)
            if problem is None:
                continue
            changed, failed = changed + (not problem), failed + bool(problem)
            if problem:
                click.echo(f"{key}: {problem}", err=True)
                continue
            async with database.writing() as session:
                await storage.shelved.rewrapped(session, key)
        click.echo(f"{changed} of {len(keys)} recordings have the new key, {failed} failed")
        return not failed

    if not with_base(work):
        sys.exit(1)


recordings.add_command(purge)
