"""`ringbook token`: API tokens from the command line."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import click

import storage.tokens
from storage.audit import SYSTEM
from storage.database import Database
from storage.tokens import SCOPES
from web.cli.bases import with_base
from web.cli.users import named


@click.group()
def token() -> None:
    """API tokens: make, list, revoke."""


@token.command()
@click.option("--user", "login", required=True, help="The account that the program acts as.")
@click.option("--name", default="command line", show_default=True, help="What the token is for.")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(SCOPES),
    multiple=True,
    default=("read",),
    show_default=True,
    help="What it may do; can be given more than once.",
)
@click.option("--days", type=click.IntRange(1, 3650), help="Ends after so many days.")
def create(login: str, name: str, scopes: tuple[str, ...], days: int | None) -> None:
    """Make a token and print it; it is shown this once."""

    async def work(database: Database) -> storage.tokens.Issued:
        now = datetime.now(UTC)
        async with database.writing() as session:
            person = await named(session, login)
            return await storage.tokens.create(
                session,
                person.id,
                name=name,
                scopes=scopes,
                now=now,
                by=SYSTEM,
                expires_at=now + timedelta(days=days) if days else None,
            )

    issued = with_base(work)
    click.echo(
        f"Token {issued.token.id} acts as {login}: {', '.join(issued.token.scopes)}", err=True
    )
    click.echo(issued.secret)


@token.command("list")
@click.option("--user", "login", required=True)
def list_tokens(login: str) -> None:
    """List an account's tokens: id, scopes, last use, name."""

    async def work(database: Database) -> None:
        async with database.reading() as session:
            person = await named(session, login)
            for row in await storage.tokens.of_user(session, person.id):
                used = f"{row.last_used_at:%Y-%m-%d %H:%M}" if row.last_used_at else "never used"
                click.echo(f"{row.id}  {','.join(row.scopes):28} {used:16} {row.name}")

    with_base(work)


@token.command()
@click.argument("key", metavar="ID", type=click.UUID)
@click.option("--user", "login", required=True)
def revoke(key: UUID, login: str) -> None:
    """End a token at once."""

    async def work(database: Database) -> None:
        async with database.writing() as session:
            person = await named(session, login)
            now = datetime.now(UTC)
            await storage.tokens.revoke(session, key, user_id=person.id, now=now, by=SYSTEM)

    with_base(work)
    click.echo("The token is revoked.")
