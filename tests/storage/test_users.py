"""Accounts: who may be made, changed, closed, and what that ends."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

import storage.access
import storage.sessions
import storage.setups
import storage.tokens
import storage.users
from storage.database import Database
from storage.errors import Conflict, NotFound, Refused
from storage.rules.permissions import RoleName
from storage.users import User

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


async def add(database: Database, login: str, role: RoleName = RoleName.AGENT) -> User:
    async with database.writing() as session:
        return await storage.users.create(
            session,
            login=login,
            name=login.title(),
            role=role,
            password_hash="hash",
            must_change_password=False,
            now=NOW,
            by=None,
        )


async def change(database: Database, user: User, **changes: Any) -> bool:
    fields = {
        "name": user.name,
        "role": RoleName(user.role),
        "language": user.language,
        "active": user.active,
    } | changes
    async with database.writing() as session:
        return await storage.access.change_user(session, user.id, now=NOW, by=None, **fields)


async def log_in(database: Database, user: User) -> str:
    async with database.writing() as session:
        opened = await storage.sessions.open_for(
            session, user.id, now=NOW, hours=1, address="a", browser="b"
        )
    return opened.cookie


async def is_logged_in(database: Database, cookie: str) -> bool:
    async with database.reading() as session:
        return await storage.sessions.find(session, cookie, now=NOW) is not None


async def issue(database: Database, user: User) -> str:
    async with database.writing() as session:
        issued = await storage.tokens.create(
            session, user.id, name="t", scopes=["read"], now=NOW, by=None
        )
    return issued.secret


async def acts(database: Database, secret: str) -> bool:
    async with database.reading() as session:
        return await storage.tokens.find(session, secret, now=NOW) is not None


async def test_a_login_is_one_whatever_its_case(database: Database) -> None:
    user = await add(database, " Kim.Lee ")
    async with database.reading() as session:
        found = await storage.users.by_login(session, "KIM.lee")
    assert found is not None
    assert (found.id, found.login) == (user.id, "kim.lee")
    with pytest.raises(Conflict, match="taken"):
        await add(database, "KIM.LEE")


@pytest.mark.parametrize("login", ["", "a", "a b", "a\nb", "x" * 81, "<b>", "a/b"])
async def test_what_is_no_login_is_refused(database: Database, login: str) -> None:
    with pytest.raises(Refused, match="a login has"):
        await add(database, login)


async def test_a_login_with_a_nul_is_looked_for_and_not_found(database: Database) -> None:
    await add(database, "kim")
    async with database.reading() as session:
        assert await storage.users.by_login(session, "kim\x00") is None


async def test_the_login_of_a_closed_account_stays_taken(database: Database) -> None:
    user = await add(database, "kim")
    await change(database, user, active=False)
    with pytest.raises(Conflict):
        await add(database, "kim")


async def test_a_user_who_is_not_there_is_not_found(database: Database) -> None:
    async with database.reading() as session:
        with pytest.raises(NotFound):
            await storage.users.get(session, UUID(int=7))


@pytest.mark.parametrize(
    ("text", "found"),
    [("", ["anna", "bo_b", "clara"]), ("AN", ["anna"]), ("_", ["bo_b"]), ("%", [])],
)
async def test_a_list_is_searched_by_what_was_typed(
    database: Database, text: str, found: list[str]
) -> None:
    for login in ("clara", "anna", "bo_b"):
        await add(database, login)
    async with database.reading() as session:
        listed = await storage.users.listed(session, text=text)
    assert [user.login for user in listed] == found


async def test_a_closed_account_is_listed_only_when_asked_for(database: Database) -> None:
    user = await add(database, "kim")
    await change(database, user, active=False)
    async with database.reading() as session:
        assert not await storage.users.listed(session)
        assert len(await storage.users.listed(session, closed=True)) == 1


async def test_closing_an_account_ends_its_log_ins_and_tokens(database: Database) -> None:
    user = await add(database, "kim")
    cookie, secret = await log_in(database, user), await issue(database, user)
    assert await change(database, user, active=False)
    assert not await is_logged_in(database, cookie)
    assert not await acts(database, secret)


async def test_an_account_that_is_opened_again_gets_its_old_tokens_not_back(
    database: Database,
) -> None:
    user = await add(database, "kim")
    secret = await issue(database, user)
    await change(database, user, active=False)
    await change(database, user, active=True)
    assert not await acts(database, secret)


async def test_another_role_ends_the_log_ins(database: Database) -> None:
    user = await add(database, "kim")
    cookie = await log_in(database, user)
    assert await change(database, user, role=RoleName.SUPERVISOR)
    assert not await is_logged_in(database, cookie)


async def test_another_name_ends_nothing(database: Database) -> None:
    user = await add(database, "kim")
    cookie = await log_in(database, user)
    assert not await change(database, user, name="Kim Lee")
    assert await is_logged_in(database, cookie)


@pytest.mark.parametrize("loss", [{"active": False}, {"role": RoleName.AGENT}])
async def test_the_last_administrator_stays(database: Database, loss: dict[str, Any]) -> None:
    last = await add(database, "root", RoleName.ADMINISTRATOR)
    closed = await add(database, "gone", RoleName.ADMINISTRATOR)
    await change(database, closed, active=False)
    with pytest.raises(Refused, match="last administrator"):
        await change(database, last, **loss)
    await add(database, "second", RoleName.ADMINISTRATOR)
    await change(database, last, **loss)


async def test_another_password_ends_every_log_in(database: Database) -> None:
    user = await add(database, "kim")
    cookies = [await log_in(database, user) for _ in range(3)]
    async with database.writing() as session:
        await storage.access.set_password(session, user.id, "new", must_change=True, by=None)
    assert not any([await is_logged_in(database, cookie) for cookie in cookies])
    async with database.reading() as session:
        found = await storage.users.get(session, user.id)
    assert (found.password_hash, found.must_change_password) == ("new", True)


async def test_a_rehash_does_not_undo_a_password_that_changed_meanwhile(
    database: Database,
) -> None:
    user = await add(database, "kim")
    async with database.writing() as session:
        await storage.access.set_password(session, user.id, "new", must_change=False, by=None)
        await storage.access.rehash(session, user.id, old="hash", new="hash with other cost")
    async with database.reading() as session:
        assert (await storage.users.get(session, user.id)).password_hash == "new"


async def first(database: Database, token: str, login: str = "root") -> User:
    async with database.writing() as session:
        return await storage.setups.create_first(
            session, token, login=login, name="Root", password_hash="hash", now=NOW
        )


async def offer(database: Database) -> str | None:
    async with database.writing() as session:
        return await storage.setups.ensure_setup_token(session)


async def test_the_set_up_token_makes_one_administrator_and_is_gone(database: Database) -> None:
    token = await offer(database)
    assert token is not None
    assert (await first(database, token)).role == "administrator"
    with pytest.raises(Refused):
        await first(database, token, "second")
    assert await offer(database) is None


async def test_each_start_gives_another_set_up_token_and_ends_the_last(database: Database) -> None:
    old, new = await offer(database), await offer(database)
    assert old is not None
    assert new is not None
    with pytest.raises(Refused):
        await first(database, old)
    assert (await first(database, new)).login == "root"


async def test_without_a_token_offered_none_is_accepted(database: Database) -> None:
    for guess in ("", "None", "x" * 32):
        with pytest.raises(Refused):
            await first(database, guess)


async def test_a_set_up_token_is_worth_nothing_once_there_is_a_user(database: Database) -> None:
    token = await offer(database)
    assert token is not None
    await add(database, "made.by.command.line")
    with pytest.raises(Refused):
        await first(database, token)
