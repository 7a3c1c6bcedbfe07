"""`ringbook recordings purge`: delete what is due, or say what would go and why."""

import sys
from datetime import UTC, datetime

import click

import storage.retention
from recordings.purges import Purge, Purged
from storage.database import Database
from storage.retention import Due
from storage.rules.retention import Ground
from web import config
from web.cli.bases import with_base
from web.shelves import shelf_of
from web.spool_hosts import folders_of


@click.command()
@click.option("--dry-run", is_flag=True, help="Delete nothing; list what would go, and why.")
def purge(*, dry_run: bool) -> None:
    """Delete the recordings whose time is over, with everything that was made of them.

    Ringbook does this by itself every night. One that was stopped in the middle goes on where it
    was. It ends with 1 where a file could not be removed yet.
    """
    settings = config.load()
    now = datetime.now(UTC)

    async def list_due(database: Database) -> Purged:
        done = Purged()
        async with database.reading() as session:
            async for one in storage.retention.due(session, now=now):
                click.echo(_line(one))
                done.held += one.is_held
                done.deleted += not one.is_held
        return done

    async def delete(database: Database) -> Purged:
        async with folders_of(settings, database) as folders:
            return await Purge(database, shelf_of(settings), folders).go(now=now)

    done = with_base(list_due if dry_run else delete)
    verb = "would be deleted" if dry_run else "deleted"
    click.echo(f"{done.deleted} recordings {verb}, {done.held} are due and held")
    if done.left:
        click.echo(f"{done.left} were deleted, and files of them are still there", err=True)
        sys.exit(1)


def _line(one: Due) -> str:
    why = f"rule “{one.end.policy.name}”" if one.end.policy else "the caller refused"
    if one.end.ground is Ground.POLICY:
        why += f", due since {one.end.at:%Y-%m-%d}"
    kept = "  HELD" if one.is_held else ""
    return f"{one.recording_id}  call of {one.started_at:%Y-%m-%d %H:%M}  {why}{kept}"
