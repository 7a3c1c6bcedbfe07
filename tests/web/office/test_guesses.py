"""Ten thousand guesses of a password: none gets in, the owner does, and nobody learns of logins."""

import asyncio
import os
import statistics
import time
from collections import Counter
from itertools import chain

import pytest

import storage.passwords
from web import app as application

PROVING = "RINGBOOK_PROVE" in os.environ
GUESSES, ADDRESSES, SINGLE = (10_000, 50, 400) if PROVING else (400, 10, 20)
AT_ONCE = 40
MOST_CHECKED = 10  # passwords that one address may have checked for one login, however it asks
OFTEN = ("password", "123456", "admin", "ringbook", "letmein", "violet", "violet train at noo")

pytestmark = [pytest.mark.bar(56), pytest.mark.timeout(600)]


@pytest.fixture
async def guesser(settings, database, pops, aiohttp_over):
    """Tries a password from any address; gives the status and how long that took."""
    behind = settings.model_copy(update={"trusted_proxies": ("127.0.0.1",)})
    client = await aiohttp_over(application.build(behind, database, pops))

    async def attempt(address: str, login: str, password: str) -> tuple[int, float]:
        begun = time.perf_counter()
        response = await client.post(
            "/login",
            data={"login": login, "password": password},
            headers={"Origin": settings.public_origin, "X-Forwarded-For": address},
            allow_redirects=False,
        )
        await response.read()
        return response.status, time.perf_counter() - begun

    return attempt


async def test_no_guess_gets_in_and_the_owner_is_not_locked_out(
    guesser, kim, password: str, proof, monkeypatch
) -> None:
    checked = Counter()
    real = storage.passwords.fits

    async def counted(known: str | None, given: str) -> bool:
        checked["passwords"] += 1
        return await real(known, given)

    monkeypatch.setattr(storage.passwords, "fits", counted)

    async def guess(first: int) -> list[int]:
        found = []
        for n in range(first, GUESSES, AT_ONCE):
            word = OFTEN[n % len(OFTEN)] if n % 3 else f"guess {n}"
            login = ("kim", "kim", "KIM", "admin")[n % 4]
            found.append((await guesser(f"198.51.100.{n % ADDRESSES}", login, word))[0])
        return found

    statuses = Counter(chain.from_iterable(await asyncio.gather(*map(guess, range(AT_ONCE)))))
    assert set(statuses) <= {422, 429}
    assert checked["passwords"] <= ADDRESSES * MOST_CHECKED * 2  # of kim and of admin
    assert statuses[422] == checked["passwords"]
    assert (await guesser("192.0.2.1", "kim", password))[0] == 303
    proof.tried(GUESSES, statuses[303], of="guesses of a password")


async def test_the_time_of_an_answer_does_not_tell_which_logins_there_are(
    guesser, kim, proof
) -> None:
    took: dict[str, list[float]] = {"kim": [], "nobody": []}
    for n in range(SINGLE):
        for login, times in took.items():
            address = f"2001:db8:{n:x}:{len(login)}::1"
            status, seconds = await guesser(address, login, "no")
            assert status == 422
            times.append(seconds)
    known, unknown = (statistics.median(times) * 1000 for times in took.values())
    proof.measured("a known login beside an unknown one, p50", abs(known - unknown), "ms")
    proof.tried(2 * SINGLE, of="answers whose time was taken")
