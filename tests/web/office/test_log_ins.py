"""Logging in and out, as a person and as someone who should not get in."""

import asyncio

import argon2
import pytest
from sqlalchemy import func, select, update

import storage.access
import storage.passwords
from storage.database import Database
from storage.sessions import LoginSession
from storage.users import User
from web import app as application
from web.auth import COOKIE

pytestmark = pytest.mark.bar(56)


async def log_ins(database: Database) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(LoginSession)) or 0


async def test_the_right_password_opens_the_page_that_was_asked_for(stranger, kim, log_in) -> None:
    response = await log_in(stranger, data={"next": "/profile?a=1"})
    assert (response.status, response.headers["Location"]) == (303, "/profile?a=1")
    page = await stranger.get("/profile")
    assert "Kim" in page


async def test_the_cookie_is_for_our_pages_alone(stranger, kim, log_in) -> None:
    cookie = (await log_in(stranger)).headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert "Max-Age" not in cookie


async def test_over_https_the_cookie_is_secure_and_bound_to_the_host(
    settings, database, pops, kim, aiohttp_over
) -> None:
    secure = settings.model_copy(update={"public_url": "https://crm.example"})
    client = await aiohttp_over(application.build(secure, database, pops))
    response = await client.post(
        "/login",
        data={"login": "kim", "password": "violet train at noon"},
        headers={"Origin": "https://crm.example"},
        allow_redirects=False,
    )
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith(f"__Host-{COOKIE}=")
    assert "; Secure" in cookie


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("kim", "violet train at one"),
        ("kim", ""),
        ("nobody", "violet train at noon"),
        ("", ""),
        ("kim\x00", "violet train at noon"),
        ("kim", "violet train at noon\x00"),
        ("kim' OR '1'='1", "x"),
        ("k" * 100_000, "p" * 100_000),
    ],
)
@pytest.mark.usefixtures("kim")
async def test_a_wrong_login_says_one_sentence_and_opens_nothing(
    stranger, log_in, database, login: str, password: str
) -> None:
    response = await log_in(stranger, login, password)
    assert response.status == 422
    assert "Login or password is wrong." in await response.text()
    assert "Set-Cookie" not in response.headers
    assert await log_ins(database) == 0


async def test_a_closed_account_and_one_without_a_password_cannot_log_in(
    stranger, kim, log_in, database
) -> None:
    async with database.writing() as session:
        await session.execute(update(User).values(active=False))
    assert (await log_in(stranger)).status == 422
    async with database.writing() as session:
        await session.execute(update(User).values(active=True, password_hash=None))
    assert (await log_in(stranger)).status == 422
    assert (await log_in(stranger, password="")).status == 422


@pytest.mark.parametrize("case", ["known", "unknown", "closed", "no password"])
@pytest.mark.usefixtures("kim")
async def test_an_unknown_login_costs_as_much_as_a_known_one(
    stranger, log_in, database, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    if case in {"closed", "no password"}:
        values = {"active": False} if case == "closed" else {"password_hash": None}
        async with database.writing() as session:
            await session.execute(update(User).values(**values))
    await storage.passwords.fits(None, "warm up")
    cost = argon2.extract_parameters(await storage.passwords.hashed("any"))
    looked: list[object] = []

    class Counting(argon2.PasswordHasher):
        def verify(self, hash, password):  # noqa: A002 - the library's name
            looked.append(argon2.extract_parameters(hash))  # a verification of the full cost
            return super().verify(hash, password)

        def hash(self, password, *, salt=None):
            looked.append("hash")
            return super().hash(password, salt=salt)

    monkeypatch.setattr(storage.passwords, "HASHER", Counting(1, 8, 1))
    login = "nobody" if case == "unknown" else "kim"
    await log_in(stranger, login, "a wrong password")
    assert looked == [cost]


async def test_the_answer_does_not_tell_which_logins_there_are(stranger, kim, log_in) -> None:
    known = await (await log_in(stranger, "kim", "wrong")).text()
    unknown = await (await log_in(stranger, "nobody", "wrong")).text()
    assert known.replace("kim", "…") == unknown.replace("nobody", "…")


async def test_a_cookie_set_before_is_not_the_one_after(
    stranger, kim, log_in, database, server
) -> None:
    planted = "planted-by-someone-who-waits"
    stranger.client.session.cookie_jar.update_cookies({COOKIE: planted}, server.make_url("/"))
    response = await log_in(stranger)
    given = response.cookies[COOKIE].value
    assert given != planted
    page = await stranger.client.get("/profile", cookies={COOKIE: planted}, allow_redirects=False)
    assert page.status == 303


async def test_logging_in_again_ends_the_log_in_before(stranger, kim, log_in, database) -> None:
    first = (await log_in(stranger)).cookies[COOKIE].value
    second = (await log_in(stranger)).cookies[COOKIE].value
    assert first != second
    assert await log_ins(database) == 1


async def test_a_cookie_is_worth_nothing_after_logging_out(
    sign_in, database, server, stranger, pops
) -> None:
    browser = await sign_in("agent")
    response = await browser.post("/logout")
    assert (response.status, response.headers["Location"]) == (303, "/login")
    assert response.cookies[COOKIE]["max-age"] == "0"
    stranger.client.session.cookie_jar.update_cookies(
        {COOKIE: browser.cookie}, server.make_url("/")
    )
    replayed = await stranger.client.get("/profile", allow_redirects=False)
    assert replayed.status == 303
    assert pops.told == [("access_changed", (browser.user.id,))]
    assert await log_ins(database) == 0


async def test_a_guesser_is_put_off_and_told_for_how_long(stranger, kim, log_in) -> None:
    statuses = [(await log_in(stranger, password=f"guess {n}")).status for n in range(30)]
    assert statuses == [422] * 5 + [429] * 25
    response = await log_in(stranger)  # the right password, too early
    assert response.status == 429
    assert 1 <= int(response.headers["Retry-After"]) <= 5
    assert "Try again in" in await response.text()


async def test_guesses_at_once_are_not_more_than_guesses_in_a_row(stranger, kim, log_in) -> None:
    answers = await asyncio.gather(*(log_in(stranger, password=f"guess {n}") for n in range(20)))
    assert sorted(answer.status for answer in answers) == [422] * 5 + [429] * 15


@pytest.mark.usefixtures("kim")
async def test_the_owner_gets_in_while_someone_elsewhere_guesses(
    settings, database, pops, aiohttp_over
) -> None:
    behind = settings.model_copy(update={"trusted_proxies": ("127.0.0.1",)})
    client = await aiohttp_over(application.build(behind, database, pops))

    async def attempt(address: str, password: str) -> int:
        response = await client.post(
            "/login",
            data={"login": "kim", "password": password},
            headers={"Origin": settings.public_origin, "X-Forwarded-For": address},
            allow_redirects=False,
        )
        return response.status

    guesses = [await attempt("198.51.100.66", f"guess {n}") for n in range(12)]
    assert guesses[-1] == 429
    assert await attempt("192.0.2.1", "violet train at noon") == 303


async def test_a_forged_host_ends_up_nowhere(stranger, kim, log_in) -> None:
    response = await log_in(stranger, headers={"Host": "evil.example"})
    assert response.headers["Location"] == "/"
    for path in ("/login", "/profile"):
        response = await stranger.client.get(path, headers={"Host": "evil.example"})
        assert "evil.example" not in await response.text() + str(response.headers)
