"""`ringbook doctor`: what is wrong, in a sentence each, and what to do about it."""

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pbx_bridge import asterisk, books, checkup
from pbx_bridge.checkup import Finding, Mark
from recordings.sftp.addresses import is_address
from storage.errors import StorageError
from web import config
from web.config import Settings

if TYPE_CHECKING:
    from storage.database import Database
    from storage.pbxs import Pbx
    from storage.secrets import SecretBox

PERMIT = "127.0.0.1/255.255.255.255"
COLOURS = {Mark.GOOD: "green", Mark.UNPROVEN: "cyan", Mark.WARNING: "yellow", Mark.BAD: "red"}


@click.command()
@click.option("--print", "printing", is_flag=True, help="print what to paste into the PBX")
@click.option("--version", "version", default=22, show_default=True, help="Asterisk's, for --print")
@click.option("--permit", default=PERMIT, help="from where Ringbook connects, for --print")
def doctor(*, printing: bool, version: int, permit: str) -> None:
    """Check the base, the PBXs and the recordings folders; exit 1 where something is bad."""
    if printing:
        click.echo(paste(version, permit))
        return
    findings = asyncio.run(_examine(config.load()))
    if any(finding.mark is Mark.BAD for finding in findings):
        sys.exit(1)


def paste(version: int, permit: str) -> str:
    """Return the lines for the PBX's files, each under the file's name."""
    files = {
        "manager.conf (at the end; put a long random secret)": asterisk.manager_conf(
            version=version, username="ringbook", secret="CHANGE-ME", permit=permit  # noqa: S106 - a placeholder
        ),
        "extensions_ringbook.conf": asterisk.dialplan(),
        "cdr.conf": asterisk.cdr_conf(),
        "cel.conf": asterisk.cel_conf(),
        "cel_custom.conf": asterisk.cel_custom_conf(),
        "http.conf (for softphones in the page alone: docs/softphone.md)": asterisk.http_conf(),
        "pjsip.conf (for softphones alone; an account for each)": asterisk.pjsip_conf(
            {"101": "CHANGE-ME"}
        ),
    }  # fmt: skip
    return "\n".join(f";;;;; {name}\n\n{text}" for name, text in files.items())


async def _examine(settings: Settings) -> list[Finding]:
    from storage import pbxs, startup
    from storage.secrets import SecretBox

    found: list[Finding] = []
    try:
        async with startup.opened(settings.database_url, migrate=False) as database:
            found += _say("Base", await _base(database))
            secrets = SecretBox(settings.secret_keys)
            async with database.writing() as session:
                now = datetime.now(UTC)
                await pbxs.sync_from_file(session, settings.pbxs, secrets, now=now)
                rows = await pbxs.listed(session, enabled=True)
            if not rows:
                advice = "Add one on the page Administration, PBXs, or in the settings file."
                found += _say("PBX", [Finding(Mark.WARNING, "There is no PBX yet.", advice)])
            for pbx in rows:
                own = [*await _step(database, pbx), *await _spool(settings, database, pbx, secrets)]
                found += _say(f"PBX {pbx.name}", await _pbx(pbx, secrets, own))
                found += await _softphones(database, pbx, secrets)
    except StorageError as error:
        found += _say("Base", [Finding(Mark.BAD, f"{error}.", "See docs/settings.md.")])
    return found


async def _base(database: "Database") -> list[Finding]:
    from storage import migrations

    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    if await migrations.current(database) != migrations.head():
        advice = "Start `ringbook serve`, or run `ringbook db upgrade`."
        return [
            Finding(Mark.WARNING, f"{kind} answers; its tables are of an older Ringbook.", advice)
        ]
    return [Finding(Mark.GOOD, f"{kind} answers, its tables are up to date.")]


async def _step(database: "Database", pbx: "Pbx") -> list[Finding]:
    """Say when the PBX's clock went back last, if the base has tables for that."""
    from storage import clock_steps, migrations

    if await migrations.current(database) != migrations.head():
        return []
    async with database.reading() as session:
        step = await clock_steps.of(session, pbx.id)
    known = (step.seconds, step.noticed_at) if step else (None, None)
    return [checkup.of_last_step(*known)]


async def _softphones(database: "Database", pbx: "Pbx", secrets: "SecretBox") -> list[Finding]:
    """Look at the PBX as softphones meet it, where it has an address for them."""
    from storage import agents, migrations, softphones
    from storage.pbxs import ami_config
    from web.cli.softphones import of_address, of_devices

    if not pbx.softphone_url or await migrations.current(database) != migrations.head():
        return []
    async with database.reading() as session:
        accounts = await softphones.accounts(session)
        seats = await agents.seats(session)
    devices = [s.agent.interface for s in seats if s.agent.id in accounts and s.pbx.id == pbx.id]
    found = [await of_address(pbx.softphone_url)]
    if devices:
        found.append(await of_devices(ami_config(pbx, secrets), devices))
    return _say(f"Softphones of {pbx.name}", found)


async def _spool(
    settings: Settings, database: "Database", pbx: "Pbx", secrets: "SecretBox"
) -> list[Finding]:
    """Look at the folder of its recordings: here, or on its host."""
    from storage import migrations
    from web.cli.spool_hosts import of_host

    if is_address(pbx.recordings_here):
        if await migrations.current(database) != migrations.head():
            return []
        return await of_host(database, pbx, secrets, clears=settings.spool_clear)
    here = Path(pbx.recordings_here) if pbx.recordings_here else None
    return [await asyncio.to_thread(folder, here)]


async def _pbx(pbx: "Pbx", secrets: "SecretBox", own: list[Finding]) -> list[Finding]:
    from storage.books import folder as book_folder
    from storage.pbxs import ami_config

    found = [*await checkup.examine(ami_config(pbx, secrets)), *own]
    samples = await asyncio.to_thread(books.sample, book_folder(pbx))
    in_sql = frozenset({"CEL", "CDR"} if pbx.books_sql else ())
    return [*found, *checkup.of_books(samples, in_sql=in_sql)]


def folder(here: Path | None) -> Finding:
    """Judge the folder of recordings as seen from this machine."""
    if here is None:
        return Finding(
            Mark.WARNING,
            "No recordings folder is named, so calls have no recordings here.",
            "Name it on the PBX's page: as the PBX calls it, and as it is called on this machine.",
        )
    if not here.is_dir():
        return Finding(
            Mark.BAD, f"The recordings folder {here} is not there.", "Mount it, or mend its name."
        )
    if not os.access(here, os.R_OK | os.X_OK):
        return Finding(
            Mark.BAD,
            f"The recordings folder {here} cannot be read.",
            "Let the user that runs Ringbook read it, for example by its group.",
        )
    return Finding(Mark.GOOD, f"The recordings folder {here} can be read.")


def _say(where: str, findings: list[Finding]) -> list[Finding]:
    click.secho(where, bold=True)
    for finding in findings:
        mark = click.style(f"{finding.mark:<8}", fg=COLOURS[finding.mark])
        click.echo(f"  {mark} {finding.what}")
        if finding.advice:
            click.echo(f"           → {finding.advice}")
    return findings
