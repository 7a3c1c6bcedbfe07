"""`ringbook reconcile`: calls of a period held against the PBX's own books."""

import sys
from datetime import datetime

import click

import storage.pbxs
from pbx_bridge.books import Finding
from storage.database import Database
from storage.secrets import SecretBox
from web import config
from web.cli.bases import with_base
from web.cli.journal import Moment
from web.journey.books.ledgers import Ledger
from web.journey.books.reconciling import Account
from web.journey.books.reconciling import reconcile as held_against

COLUMNS = "{at:<20}  {kind:<16}  {linkedid:<24}  {said} | {books}"


@click.command()
@click.argument("since", metavar="FROM", type=Moment())
@click.argument("until", metavar="TO", type=Moment())
@click.option("--pbx", "name", help="Only the PBX of this name.")
@click.option(
    "--apply", "applies", is_flag=True, help="Mend what the books know, and list the rest."
)
def reconcile(since: datetime, until: datetime, name: str | None, applies: bool) -> None:
    """Hold the calls that began from FROM on and before TO against the books; print what differs.

    It ends with 1 where something differs that was not mended.
    """
    if since >= until:
        raise click.ClickException("FROM must be before TO")
    box = SecretBox(config.load().secret_keys)

    async def work(database: Database) -> bool:
        async with database.reading() as session:
            pbxs = [p for p in await storage.pbxs.listed(session) if name in {None, p.name}]
        if not pbxs:
            raise click.ClickException(f"there is no PBX {name}" if name else "there is no PBX")
        differs = False
        for pbx in pbxs:
            async with Ledger(database, box, pbx) as ledger:
                account = await held_against(database, ledger, since, until, applies=applies)
            _tell(pbx.name, account)
            differs = differs or bool(account.left)
        return differs

    if with_base(work):
        sys.exit(1)


def _tell(pbx: str, account: Account) -> None:
    if not account.has_books:
        click.echo(f"{pbx}: nobody said where its books are. Its page in the administration asks.")
        return
    for trouble in account.troubles:
        click.echo(f"{pbx}: {trouble}", err=True)
    for finding in account.left:
        click.echo(_line(finding))
    for finding in account.mended:
        click.echo(f"{_line(finding)}  (mended)")
    click.echo(
        f"{pbx}: {account.calls} calls held against the books, "
        f"{len(account.left) + len(account.mended)} differences, {len(account.mended)} mended."
    )


def _line(finding: Finding) -> str:
    text = COLUMNS.format(
        at=finding.at.isoformat(sep=" ", timespec="seconds").removesuffix("+00:00"),
        kind=finding.kind.value,
        linkedid=finding.linkedid or "-",
        said=f"{finding.call or ''} {finding.said}".strip(),
        books=finding.books,
    )
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)
