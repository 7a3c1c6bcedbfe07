"""What happens around a log-in: where it leads, its list, its end, the first start."""

from datetime import UTC, datetime

import argon2
import pytest
from sqlalchemy import func, select

import storage.passwords
import storage.sessions
import storage.setups
from storage.audit import AuditEntry
from storage.database import Database
from storage.sessions import LoginSession
from storage.users import User
from web.office.sessions import local_path

pytestmark = pytest.mark.bar(56)


@pytest.mark.parametrize(
    ("address", "goal"),
    [
        ("/customers?q=a&b=%20c#x", "/customers?q=a&b=%20c#x"),
        ("", "/"),
        ("customers", "/"),
        ("//evil.example", "/"),
        ("///evil.example", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("/x\r\nSet-Cookie: a=b", "/"),
        ("http://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        (" /x", "/"),
    ],
)
def test_after_a_log_in_nobody_is_led_to_another_site(address: str, goal: str) -> None:
    assert local_path(address) == goal


async def test_a_person_who_is_logged_in_is_not_asked_again(sign_in) -> None:
    browser = await sign_in("agent")
    response = await browser.client.get("/login?next=/profile", allow_redirects=False)
    assert (response.status, response.headers["Location"]) == (303, "/profile")


async def test_a_one_time_password_leads_to_choosing_another(
    stranger, hasher, log_in, cast, password
) -> None:
    await cast("kim", password_hash=hasher.hash(password), must_change_password=True)
    response = await log_in(stranger, data={"next": "/profile"})
    assert response.headers["Location"] == "/password"


async def test_a_hash_of_older_cost_is_renewed_at_the_next_log_in(
    stranger, database, log_in, cast, password
) -> None:
    old = argon2.PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(password)
    user = await cast("kim", password_hash=old)
    assert (await log_in(stranger)).status == 303
    async with database.reading() as session:
        after = (await session.get_one(User, user.id)).password_hash
    assert after != old
    assert not storage.passwords.is_outdated(after)
    assert (await log_in(stranger)).status == 303


async def test_the_last_log_in_is_remembered(stranger, kim, log_in, database) -> None:
    await log_in(stranger)
    async with database.reading() as session:
        assert (await session.get_one(User, kim.id)).last_login_at is not None


async def test_the_list_names_this_log_in_and_ends_the_others(sign_in, database, pops) -> None:
    here = await sign_in("agent")
    await sign_in.as_user(here.user)
    page = await here.get("/sessions")
    assert page.count("End this one") == 1
    assert page.count("This one") == 1
    assert (await here.post("/sessions/ends")).status == 303
    page = await here.get("/sessions")
    assert "End this one" not in page
    assert ("access_changed", (here.user.id,)) in pops.told


async def test_one_log_in_elsewhere_is_ended(sign_in, database) -> None:
    here = await sign_in("agent")
    there = await sign_in.as_user(here.user)
    async with database.reading() as session:
        query = select(LoginSession.id).where(
            LoginSession.token_hash == storage.sessions.hashed(there.cookie)
        )
        key = (await session.scalars(query)).one()
    assert (await here.post(f"/sessions/{key}/ends")).status == 303
    assert (await there.client.get("/profile", allow_redirects=False)).status == 303
    await here.get("/profile")


@pytest.mark.parametrize("key", ["x", "0", "00000000-0000-0000-0000-000000000007", "%00"])
async def test_a_log_in_that_does_not_exist_is_not_found(sign_in, key: str) -> None:
    browser = await sign_in("agent")
    assert (await browser.post(f"/sessions/{key}/ends")).status == 404


async def offered(database: Database) -> str:
    async with database.writing() as session:
        token = await storage.setups.ensure_setup_token(session)
    assert token is not None
    return token


FIRST = {
    "name": "Ada King",
    "login": "Ada",
    "password": "violet train at noon",
    "again": "violet train at noon",
}


async def test_a_fresh_installation_has_no_account_at_all(stranger, database, log_in) -> None:
    for login, password in (("admin", "admin"), ("admin", ""), ("ringbook", "ringbook")):
        assert (await log_in(stranger, login, password)).status == 422
    async with database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(User)) == 0
    assert "/setup" in await stranger.get("/login")


async def test_the_printed_token_makes_the_first_administrator_once(stranger, database) -> None:
    token = await offered(database)
    assert "Set up Ringbook" in await stranger.get(f"/setup?token={token}")
    response = await stranger.post("/setup", FIRST | {"token": token})
    assert (response.status, response.headers["Location"]) == (303, "/administration")
    assert "Connect a PBX" in await stranger.get("/administration")
    assert (await stranger.post("/setup", FIRST | {"token": token})).status == 422
    assert (await stranger.client.get(f"/setup?token={token}")).status == 404
    async with database.reading() as session:
        [user] = (await session.scalars(select(User))).all()
    assert (user.login, user.role) == ("ada", "administrator")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"token": "guess"}, "not valid"),
        ({"token": ""}, "not valid"),
        ({"login": "a b"}, "A login has 2 to 80"),
        ({"name": " "}, "Fill this in."),
        ({"password": "short"}, "at least 12 characters"),
        ({"password": "ada king ada king"}, "your login or your name"),
        ({"again": "other"}, "not the same password"),
    ],
)
async def test_a_wrong_set_up_makes_nobody_and_says_why(
    stranger, database, wrong: dict[str, str], sentence: str
) -> None:
    token = await offered(database)
    response = await stranger.post("/setup", FIRST | {"token": token} | wrong)
    assert response.status == 422
    assert sentence in await response.text()
    async with database.reading() as session:
        assert not (await session.scalars(select(User))).all()
    assert (await stranger.post("/setup", FIRST | {"token": token})).status == 303


async def test_entering_and_leaving_stand_in_the_audit(stranger, kim, log_in, database) -> None:
    await log_in(stranger)
    async with database.reading() as session:
        rows = (await session.scalars(select(AuditEntry))).all()
    assert [(row.action, row.user_id) for row in rows] == [("session.opened", kim.id)]
    assert rows[0].at <= datetime.now(UTC)
