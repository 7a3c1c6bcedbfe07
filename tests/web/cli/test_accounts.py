"""`ringbook user`, `token` and `db`: what they print, store and refuse."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import argon2
import pytest
from click.testing import CliRunner, Result

import storage.passwords
import storage.users
from storage import migrations
from storage.database import Database
from storage.secrets import new_key
from storage.users import User
from web.cli import cli

Ringbook = Callable[..., Result]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path}/ringbook.sqlite3"


@pytest.fixture
def ringbook(url: str, monkeypatch: pytest.MonkeyPatch) -> Ringbook:
    """Run the command with the settings of a fresh installation."""
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(storage.passwords, "HASHER", cheap)
    monkeypatch.setenv("RINGBOOK_SECRET_KEY", new_key())
    monkeypatch.setenv("RINGBOOK_DATABASE_URL", url)

    def run(*arguments: str, typed: str = "") -> Result:
        return CliRunner().invoke(cli, arguments, input=typed)

    return run


def ask(url: str, work: Callable[[Any], Awaitable[Any]]) -> Any:
    """Read from the base beside the command."""

    async def run() -> Any:
        async with Database(url) as database, database.reading() as session:
            return await work(session)

    return asyncio.run(run())


def user(url: str, login: str) -> User:
    found = ask(url, lambda session: storage.users.by_login(session, login))
    assert isinstance(found, User)
    return found


def fits(person: User, password: str) -> bool:
    return asyncio.run(storage.passwords.fits(person.password_hash, password))


def test_a_user_is_added_with_a_one_time_password(ringbook: Ringbook, url: str) -> None:
    done = ringbook("user", "add", "Kim", "--name", "Kim Lee", "--role", "supervisor")
    assert done.exit_code == 0
    told = re.search(r"shown this once: (\S+)", done.output)
    added = user(url, "kim")
    assert told is not None
    assert (added.name, added.role, added.must_change_password) == ("Kim Lee", "supervisor", True)
    assert fits(added, told[1])


def test_a_password_is_read_from_standard_input_and_not_printed(
    ringbook: Ringbook, url: str
) -> None:
    add = ("user", "add", "kim", "--name", "Kim", "--password-stdin")
    done = ringbook(*add, typed="violet train at noon\n")
    assert done.exit_code == 0
    assert "violet" not in done.output
    added = user(url, "kim")
    assert not added.must_change_password
    assert fits(added, "violet train at noon")


@pytest.mark.parametrize(
    ("arguments", "typed", "sentence"),
    [
        (("user", "add", "a b", "--name", "A"), "", "a login has 2 to 80"),
        (("user", "add", "first", "--name", "A"), "", "this login is taken"),
        (("user", "add", "kim", "--name", "K", "--password-stdin"), "short\n", "12 characters"),
        (("user", "add", "kim", "--name", "K", "--password-stdin"), "", "12 characters"),
        (("user", "add", "kim", "--name", "K", "--role", "root"), "", "is not one of"),
        (("user", "close", "nobody"), "", "no user nobody"),
        (("user", "close", "first"), "", "last administrator"),
        (("user", "reset", "nobody"), "", "no user nobody"),
        (("token", "create", "--user", "nobody"), "", "no user nobody"),
        (("token", "create", "--user", "first", "--scope", "root"), "", "is not one of"),
        (("token", "revoke", "x", "--user", "first"), "", "not a valid UUID"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    ringbook: Ringbook, arguments: tuple[str, ...], typed: str, sentence: str
) -> None:
    ringbook("user", "add", "first", "--name", "F", "--role", "administrator")
    done = ringbook(*arguments, typed=typed)
    assert done.exit_code != 0
    assert sentence in done.output
    assert "Traceback" not in done.output


def test_a_user_is_listed_closed_and_given_another_password(ringbook: Ringbook, url: str) -> None:
    ringbook("user", "add", "kim", "--name", "Kim Lee")
    assert re.search(r"kim +agent +active +Kim Lee", ringbook("user", "list").output)
    before = user(url, "kim")
    assert "shown this once" in ringbook("user", "reset", "kim").output
    assert user(url, "kim").password_hash != before.password_hash
    assert ringbook("user", "close", "kim").exit_code == 0
    assert re.search(r"kim +agent +closed +Kim Lee", ringbook("user", "list").output)


def test_a_token_is_printed_once_listed_and_revoked(ringbook: Ringbook) -> None:
    ringbook("user", "add", "kim", "--name", "Kim Lee")
    made = ringbook("token", "create", "--user", "kim", "--scope", "live", "--days", "3")
    assert re.fullmatch(r"rb_\S+\n", made.stdout)  # alone, so that a script can keep it
    listed = ringbook("token", "list", "--user", "kim").output
    key = listed.split()[0]
    assert "live" in listed
    assert made.stdout.strip() not in listed
    assert ringbook("token", "revoke", key, "--user", "kim").exit_code == 0
    assert not ringbook("token", "list", "--user", "kim").output
    assert "no token" in ringbook("token", "revoke", key, "--user", "kim").output


def test_the_tables_are_brought_up_to_date_and_checked(ringbook: Ringbook) -> None:
    assert ringbook("db", "current").output == f"none of {migrations.head()}\n"
    unfit = ringbook("db", "check")
    assert unfit.exit_code == 1
    assert "add_table users" in unfit.output
    assert ringbook("db", "upgrade").output == f"The tables are at step {migrations.head()}.\n"
    assert ringbook("db", "check").output == "The tables are as expected.\n"


def test_a_base_that_is_none_is_one_sentence(ringbook: Ringbook, tmp_path: Path) -> None:
    (tmp_path / "ringbook.sqlite3").write_text("Dear Sir or Madam, " * 100)
    done = ringbook("user", "list")
    assert done.exit_code == 1
    assert "cannot be reached" in done.output
    assert "Traceback" not in done.output
