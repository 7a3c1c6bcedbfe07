"""`ringbook journal`: what the PBX said of a call; and a period told again."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import click

import storage.audit
import storage.calls
import storage.pbxs
from pbx_bridge.journal import Entry, NotErased
from storage.calls import Matched, Story
from storage.database import Database
from web import config
from web.cli.bases import with_base
from web.journey import accounts, blackbox
from web.journey.accounts import Account
from web.journey.blackbox import Verdict


class Moment(click.ParamType[datetime]):
    """A time as ISO 8601 writes it; without an offset it is UTC."""

    name = "time"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read the time."""
        if isinstance(value, datetime):
            return value
        try:
            at = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value} is no time; write it as 2026-11-22 or 2026-11-22T09:30", param, ctx)
        return at if at.tzinfo else at.replace(tzinfo=UTC)


@click.group()
def journal() -> None:
    """The black box: what the PBXs said, and calls told again from it."""


@journal.command()
@click.argument("call", type=click.UUID)
def show(call: UUID) -> None:
    """Print every message about CALL, with its number in the journal and when it was heard."""
    for entry in _messages(call):
        for line in _lines(entry):
            click.echo(line)


@journal.command()
@click.argument("call", type=click.UUID)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(call: UUID, file: Path) -> None:
    """Write the messages about CALL to FILE, as a PBX would say them: anyone can replay it.

    Names and numbers stand in it as the PBX told them; typed digits and secrets do not.
    """
    raw = b"".join(entry.raw + b"\r\n\r\n" for entry in _messages(call, exports=True))
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise click.ClickException(f"{file} is there already") from None
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}") from None
    with os.fdopen(handle, "wb") as made:
        made.write(raw)
    count = raw.count(b"\r\n\r\n")
    click.echo(f"{file}: {count} messages. They hold the names and numbers of people.", err=True)


@journal.command()
@click.argument("call", type=click.UUID)
def why(call: UUID) -> None:
    """Print why CALL is what it is: which message made each part of it, and who was matched."""
    settings = config.load()

    async def work(database: Database) -> None:
        async with database.reading() as session:
            story = await storage.calls.get(session, call)
            matched = await storage.calls.matched(session, story.call)
            pbx = await storage.pbxs.get(session, story.call.pbx_id)
        account = accounts.account_for(settings, story, pbx.encoding)
        if account.nothing is not None:
            raise click.ClickException(str(account.nothing))
        for line in _account_lines(account, story, matched):
            click.echo(_shown(line))

    with_base(work)


@journal.command()
@click.argument("since", metavar="FROM", type=Moment())
@click.argument("until", metavar="TO", type=Moment())
@click.option("--apply", "applies", is_flag=True, help="Store what differs, as new revisions.")
@click.option("--pbx", "name", help="Only the PBX of this name.")
def replay(since: datetime, until: datetime, applies: bool, name: str | None) -> None:
    """Tell the calls that began from FROM on and before TO again; print what differs."""
    if since >= until:
        raise click.ClickException("FROM must be before TO")
    settings = config.load()

    async def work(database: Database) -> None:
        async with database.reading() as session:
            pbxs = [p for p in await storage.pbxs.listed(session) if name in {None, p.name}]
        if not pbxs:
            raise click.ClickException(f"there is no PBX {name}" if name else "there is no PBX")
        retelling = blackbox.Retellings(database, settings, since, until)
        for pbx in pbxs:
            async for verdict in retelling.of(pbx, applies=applies):
                _tell(pbx.name, verdict)
        for trouble in retelling.troubles:
            click.echo(f"Not read: {trouble}.", err=True)
        click.echo(retelling.summary())

    with_base(work)


@journal.command()
@click.argument("call", type=click.UUID)
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(call: UUID, yes: bool) -> None:
    """Make the messages about CALL unreadable for ever; its record stays as it is.

    Their numbers and times are left. Copies of the journal elsewhere are not touched.
    """
    settings = config.load()
    story = with_base(lambda database: _story(database, call, exports=False))
    if story.call.ended_at is None:
        raise click.ClickException("this call is not over: its journal is still being written")
    if not yes:
        click.confirm("Its messages cannot be brought back. Erase them?", abort=True)
    try:
        count = blackbox.erase_call(settings, story)
    except NotErased as error:
        raise click.ClickException(str(error)) from None
    with_base(lambda database: _note_erasure(database, story.call.id, count))
    click.echo(f"{count} messages were erased.")


def _messages(call: UUID, *, exports: bool = False) -> list[Entry]:
    settings = config.load()
    story = with_base(lambda database: _story(database, call, exports=exports))
    reader = blackbox.reader(settings, story.call.pbx_id)
    ids = {leg.uniqueid for leg in story.legs}
    found = reader.story(ids, blackbox.around(story.call))
    if not found:
        because = f": {'; '.join(reader.troubles)}" if reader.troubles else ""
        raise click.ClickException(f"the journal holds nothing about this call{because}")
    return found


async def _story(database: Database, call: UUID, *, exports: bool) -> Story:
    async with database.writing() as session:
        story = await storage.calls.get(session, call)
        if exports:
            by = storage.audit.SYSTEM
            storage.audit.record(session, "journal.exported", by=by, call=str(story.call.id))
        return story


async def _note_erasure(database: Database, call: UUID, count: int) -> None:
    async with database.writing() as session:
        by = storage.audit.SYSTEM
        storage.audit.record(
            session, "journal.erased", by=by, key=call, call=str(call), messages=count
        )


def _lines(entry: Entry) -> Iterator[str]:
    """One message for a terminal, which obeys nothing that a caller wrote."""
    at = datetime.fromtimestamp(entry.at, UTC).isoformat(timespec="milliseconds")
    yield f"#{entry.n}  {at}"
    for line in entry.raw.split(b"\r\n"):
        yield "    " + _shown(line.decode("utf-8", "replace"))


def _shown(text: str) -> str:
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _account_lines(account: Account, story: Story, matched: Matched) -> Iterator[str]:
    """The messages that made the call, each with what it made."""
    phones = accounts.phone_names(story)
    for step in account.explanation.steps:
        at = step.at.isoformat(timespec="milliseconds")
        cause = accounts.spoken(step.cause, phones, story.queues)
        yield f"#{step.entry.n}  {at}  {step.name or 'noted by Ringbook'}  {cause}"
        for effect in step.effects:
            yield f"    {accounts.spoken(effect.what, phones, story.queues)}"
    yield f"{len(account.explanation.idle)} more messages are about it and changed nothing."
    if matched.why is not None:
        by = f" ({matched.by or 'Ringbook'}, {matched.at:%Y-%m-%d %H:%M} UTC)" if matched.at else ""
        yield f"{story.call.match.value.capitalize()}: {matched.why}{by}"
    for one in account.otherwise:
        yield f"Stored otherwise than told here: {one}"


def _tell(pbx: str, verdict: Verdict) -> None:
    click.echo(f"{pbx}, call {verdict.call} of {verdict.began.isoformat(timespec='seconds')}:")
    for line in verdict.lines:
        click.echo(f"    {line}")
