"""`ringbook user`: add, list, close and reset accounts from the command line."""

import sys
from datetime import UTC, datetime

import click

import storage.access
import storage.passwords
import storage.users
from storage.audit import SYSTEM
from storage.database import Database, Session
from storage.errors import NotFound
from storage.rules.passwords import LONGEST, SHORTEST, weakness
from storage.rules.permissions import RoleName
from storage.users import User
from web.cli.bases import with_base

ROLES = click.Choice([str(role) for role in RoleName])
REASONS = {
    "short": f"use at least {SHORTEST} characters; a few words in a row are fine",
    "long": f"use at most {LONGEST} characters",
    "personal": "do not use the login or the name",
    "common": "it is one of the first a stranger would try",
}
FROM_STDIN = "Read the password from standard input instead of making a one-time password."


@click.group()
def user() -> None:
    """Accounts: add, list, close, reset the password."""


@user.command()
@click.argument("login")
@click.option("--name", required=True, help="As colleagues see it.")
@click.option("--role", type=ROLES, default="agent", show_default=True)
@click.option("--password-stdin", is_flag=True, help=FROM_STDIN)
def add(login: str, name: str, role: str, password_stdin: bool) -> None:
    """Add an account; prints a one-time password, which the first log-in asks to change."""
    password = _password(login, name, from_stdin=password_stdin)

    async def work(database: Database) -> None:
        password_hash = await storage.passwords.hashed(password)
        async with database.writing() as session:
            await storage.users.create(
                session,
                login=login,
                name=name,
                role=RoleName(role),
                password_hash=password_hash,
                must_change_password=not password_stdin,
                now=datetime.now(UTC),
                by=SYSTEM,
            )

    with_base(work)
    _tell(f"{login} can log in.", password, told=not password_stdin)


@user.command("list")
def list_users() -> None:
    """List every account: login, role, state, name."""

    async def work(database: Database) -> None:
        async with database.reading() as session:
            for person in await storage.users.listed(session, closed=True):
                state = "active" if person.active else "closed"
                click.echo(f"{person.login:24} {person.role:14} {state:7} {person.name}")

    with_base(work)


@user.command()
@click.argument("login")
def close(login: str) -> None:
    """Take away an account's access; its log-ins and tokens end at once."""

    async def work(database: Database) -> None:
        async with database.writing() as session:
            person = await named(session, login)
            await storage.access.close_user(session, person.id, now=datetime.now(UTC), by=SYSTEM)

    with_base(work)
    click.echo(f"{login} can no longer log in.")


@user.command()
@click.argument("login")
@click.option("--password-stdin", is_flag=True, help=FROM_STDIN)
def reset(login: str, password_stdin: bool) -> None:
    """Give an account another password; prints a one-time password and ends its log-ins."""
    password = _password(login, "", from_stdin=password_stdin)

    async def work(database: Database) -> None:
        password_hash = await storage.passwords.hashed(password)
        async with database.writing() as session:
            person = await named(session, login)
            await storage.access.set_password(
                session, person.id, password_hash, must_change=not password_stdin, by=SYSTEM
            )

    with_base(work)
    _tell(f"{login} has another password.", password, told=not password_stdin)


async def named(session: Session, login: str) -> User:
    """The account; raises NotFound with the login as it was typed."""
    person = await storage.users.by_login(session, login)
    if person is None:
        raise NotFound("user", login)
    return person


def _password(login: str, name: str, *, from_stdin: bool) -> str:
    if not from_stdin:
        return storage.passwords.one_time()
    password = sys.stdin.readline().rstrip("\n")
    word = weakness(password, login=login, name=name)
    if word is not None:
        raise click.ClickException(f"this password is refused: {REASONS[word]}")
    return password


def _tell(sentence: str, password: str, *, told: bool) -> None:
    click.echo(sentence)
    if told:
        click.echo(f"One-time password, shown this once: {password}")
