"""Users and their own account, on the pages."""

import re

import pytest
from sqlalchemy import select

import storage.teams
import storage.users
from storage.database import Database
from storage.tokens import Token
from storage.users import User

NEW = {"login": "Bo", "name": "Bo Li", "role": "supervisor", "language": "en"}


async def user(database: Database, login: str) -> User | None:
    async with database.reading() as session:
        return await storage.users.by_login(session, login)


def secret_of(page: str, name: str) -> str:
    found = re.search(rf'<pre id="{name}"[^>]*>([^<]+)</pre>', page)
    assert found is not None
    return found[1]


async def test_a_new_user_logs_in_with_the_password_shown_once(
    sign_in, stranger, log_in, database
) -> None:
    admin = await sign_in("administrator")
    response = await admin.post("/administration/users", NEW)
    password = secret_of(await response.text(), "password")
    assert (await log_in(stranger, "bo", password)).headers["Location"] == "/password"
    assert password not in await admin.get("/administration/users")
    found = await user(database, "bo")
    assert found is not None
    assert (found.role, found.must_change_password) == ("supervisor", True)
    assert await admin.get(f"/administration/users/{found.id}")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"login": "b o"}, "A login has 2 to 80"),
        ({"login": "root"}, "this login is taken"),
        ({"name": ""}, "Fill this in."),
        ({"name": "x" * 121}, "At most 120 characters."),
        ({"name": "a\x00b"}, "a character here that cannot be used"),
        ({"role": "owner"}, "Choose one of the list."),
        ({"language": "xx"}, "Choose one of the list."),
        ({"teams": "x"}, "Choose one of the list."),
    ],
)
async def test_a_wrong_form_adds_nobody_keeps_what_was_typed_and_says_why(
    sign_in, database, wrong: dict[str, str], sentence: str
) -> None:
    admin = await sign_in("administrator", login="root")
    response = await admin.post("/administration/users", NEW | {"name": "Typed"} | wrong)
    page = await response.text()
    assert response.status == 422
    assert sentence in page
    assert "Typed" in page or "name" in wrong
    assert await user(database, "bo") is None


async def test_a_name_with_markup_is_text(sign_in) -> None:
    admin = await sign_in("administrator")
    evil = "<script>alert(1)</script>{{ 7*7 }}"
    assert (await admin.post("/administration/users", NEW | {"name": evil})).status == 200
    page = await admin.get("/administration/users")
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}" in page


async def test_another_role_is_told_to_the_live_side_and_ends_the_log_in(
    sign_in, database, pops
) -> None:
    admin, agent = await sign_in("administrator"), await sign_in("agent")
    form = {"name": "Agent", "role": "supervisor", "language": "en", "active": "1"}
    path = f"/administration/users/{agent.user.id}"
    assert (await admin.post(path, form)).status == 303
    assert ("access_changed", (agent.user.id,)) in pops.told
    assert ("phones_changed", ()) in pops.told
    response = await agent.client.get("/profile", allow_redirects=False)
    assert response.headers["Location"] == "/login?next=/profile"


async def test_a_user_is_closed_and_found_only_among_the_closed(sign_in, database) -> None:
    admin, agent = await sign_in("administrator"), await sign_in("agent", login="leaver")
    form = {"name": "Leaver", "role": "agent", "language": "en"}
    assert (await admin.post(f"/administration/users/{agent.user.id}", form)).status == 303
    assert "leaver" not in await admin.get("/administration/users")
    assert "leaver" in await admin.get("/administration/users?closed=1")
    assert (await agent.client.get("/profile", allow_redirects=False)).status == 303


async def test_the_last_administrator_cannot_close_the_own_account(sign_in, database) -> None:
    admin = await sign_in("administrator", login="root")
    form = {"name": "Root", "role": "administrator", "language": "en"}
    response = await admin.post(f"/administration/users/{admin.user.id}", form)
    assert response.status == 422
    assert "this is the last administrator" in await response.text()
    await admin.get("/administration")


async def test_a_reset_password_is_shown_once_and_ends_the_log_ins(
    sign_in, stranger, log_in, pops
) -> None:
    admin, agent = await sign_in("administrator"), await sign_in("agent", login="kim")
    response = await admin.post(f"/administration/users/{agent.user.id}/passwords")
    password = secret_of(await response.text(), "password")
    assert (await agent.client.get("/profile", allow_redirects=False)).status == 303
    assert ("access_changed", (agent.user.id,)) in pops.told
    assert (await log_in(stranger, "kim", password)).headers["Location"] == "/password"


@pytest.fixture
async def me(cast, hasher, password, sign_in):
    """A person logged in who has a password."""
    user = await cast("kim", password_hash=hasher.hash(password))
    return await sign_in.as_user(user)


GOOD = "quiet harbour lantern"


async def test_a_changed_password_ends_every_other_log_in_and_keeps_this_browser(
    me, sign_in, stranger, log_in, password
) -> None:
    elsewhere = await sign_in.as_user(me.user)
    form = {"current": password, "password": GOOD, "again": GOOD}
    response = await me.post("/password", form)
    assert response.status == 303
    assert (await elsewhere.client.get("/profile", allow_redirects=False)).status == 303
    await me.get("/profile")
    assert (await log_in(stranger, "kim", password)).status == 422
    assert (await log_in(stranger, "kim", GOOD)).status == 303


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"current": "guess"}, "This is not your password."),
        ({"password": "short", "again": "short"}, "at least 12 characters"),
        ({"password": "password2026!", "again": "password2026!"}, "a stranger would try"),
        ({"again": "something else"}, "not the same password"),
        ({"password": "violet train at noon", "again": "violet train at noon"}, "have now"),
        ({"password": "", "again": ""}, "at least 12 characters"),
    ],
)
async def test_a_password_that_is_refused_changes_nothing(
    me, database, password, form: dict[str, str], sentence: str
) -> None:
    good = {"current": password, "password": GOOD, "again": GOOD}
    response = await me.post("/password", good | form)
    assert response.status == 422
    assert sentence in await response.text()
    after = await user(database, "kim")
    assert after is not None
    assert after.password_hash == me.user.password_hash


async def test_the_password_in_use_cannot_be_guessed_from_an_open_browser(me, password) -> None:
    form = {"password": GOOD, "again": GOOD}
    for n in range(5):
        await me.post("/password", form | {"current": f"guess {n}"})
    response = await me.post("/password", form | {"current": password})
    assert response.status == 422
    assert "Too many wrong passwords" in await response.text()


async def test_a_profile_changes_name_and_language_and_nothing_else(me, database) -> None:
    form = {"name": "Kim Lee", "language": "en", "role": "administrator", "active": ""}
    assert (await me.post("/profile", form)).status == 303
    after = await user(database, "kim")
    assert after is not None
    assert (after.name, after.role, after.active) == ("Kim Lee", "agent", True)
    for wrong in ({"name": "", "language": "xx"}, {}):
        assert (await me.post("/profile", wrong)).status == 422


async def test_a_token_is_shown_once_works_and_is_revoked(me, stranger, database) -> None:
    response = await me.post("/tokens", {"name": "till", "scopes": "read", "days": "30"})
    secret = secret_of(await response.text(), "secret")
    headers = {"Authorization": f"Bearer {secret}"}
    assert (await stranger.client.get("/api/v1/customers", headers=headers)).status == 200
    page = await me.get("/tokens")
    assert "till" in page
    assert secret not in page
    async with database.reading() as session:
        [token] = (await session.scalars(select(Token))).all()
    assert (await me.post(f"/tokens/{token.id}/revocations")).status == 303
    assert (await stranger.client.get("/api/v1/customers", headers=headers)).status == 401


@pytest.mark.parametrize(
    "form",
    [
        {"name": "x", "days": "30"},
        {"name": "x", "scopes": "root", "days": "30"},
        {"name": "", "scopes": "read", "days": "30"},
        {"name": "x", "scopes": "read", "days": "1000000"},
    ],
)
async def test_a_token_needs_a_name_scopes_and_an_end(me, database, form: dict[str, str]) -> None:
    assert (await me.post("/tokens", form)).status == 422
    async with database.reading() as session:
        assert not (await session.scalars(select(Token))).all()
