"""`ringbook verify`: whether what must not be changed was changed."""

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import click

import storage.custody
from recordings import custody
from recordings.custody import Check
from storage.database import Database
from storage.rules.custody import Break, Broken, Entry, from_line, to_line
from web import config
from web.cli.bases import with_base
from web.shelves import shelf_of

SAYS = {
    Break.MISSING: "it is not there",
    Break.CHANGED: "it says something else than when it was written",
    Break.DETACHED: "it does not follow the entry before it",
    Break.CUT_OFF: "the chain ends before it, and it was there when its end was noted",
    Break.REPLACED: "it is another one than the one whose hash was noted",
    Break.STRANGE: "it speaks of a file that was deleted before, or never stored as it says",
    Break.FILE_LOST: "the file that it stored is not on the shelf",
    Break.FILE_CHANGED: "the file that it stored is another one now, or cannot be opened",
    Break.ROW_CHANGED: "the base names another file for this recording",
    Break.ROW_LOST: "the base does not know the recording that it stored",
    Break.UNKNOWN: "the base names a file for a recording that no entry stored",
}


@click.group()
def verify() -> None:
    """Hold what must not be changed against its hashes."""


@verify.command()
@click.option("--anchor", "anchors", multiple=True, help="An end that was noted: number:hash.")
@click.option("--file", "exported", type=click.File("r"), help="An exported chain, not the base.")
@click.option("--no-files", is_flag=True, help="Follow the chain only; read no recording.")
@click.option("--export", "out", type=click.Path(path_type=Path), help="Write the chain there.")
def recordings(
    anchors: tuple[str, ...], exported: TextIO | None, out: Path | None, *, no_files: bool
) -> None:
    """Verify the chain of custody of all recordings, and every file on the shelf.

    It names the first entry that is broken and ends with 1. The last line of a chain that holds is
    its anchor: keep it where who can change the base cannot, and give it with --anchor.
    """
    try:
        noted = dict(custody.read_anchor(text) for text in anchors)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    if exported is not None:
        _tell(asyncio.run(_of_file(exported, noted)))
        return
    settings = config.load()
    noted = custody.anchors_in(settings.data_dir) | noted
    shelf = None if no_files else shelf_of(settings)

    async def work(database: Database) -> Check:
        if out is not None:
            await _export(database, out)
        found = await custody.check(database, shelf, anchors=noted, now=datetime.now(UTC))
        custody.note_anchor(settings.data_dir, found, now=datetime.now(UTC))
        return found

    _tell(with_base(work))


async def _export(database: Database, out: Path) -> None:
    with out.open("w", encoding="ascii") as file:
        async with database.reading() as session:
            async for entry in storage.custody.entries(session):
                file.write(to_line(entry) + "\n")


async def _of_file(file: TextIO, noted: dict[int, str]) -> Check:
    async def entries() -> AsyncIterator[Entry]:
        for line in file:
            yield from_line(line)

    try:
        walk = await custody.follow(entries(), noted)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    return Check(entries=walk.number, hash=walk.hash, files=None, broken=walk.broken)


def _tell(found: Check) -> None:
    if found.broken is not None:
        click.echo(_sentence(found.broken), err=True)
        sys.exit(1)
    files = "no file read" if found.files is None else f"{found.files} files as they were stored"
    click.echo(f"{found.entries} entries in an unbroken chain, {files}")
    click.echo(f"anchor {found.anchor}")


def _sentence(broken: Broken) -> str:
    where = f"entry {broken.number}" if broken.number else "no entry"
    whose = f" (recording {broken.recording_id})" if broken.recording_id else ""
    return f"broken at {where}{whose}: {SAYS[broken.what]}"
