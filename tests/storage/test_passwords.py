"""Passwords as they are kept: hashed, verified, and no shorter way for an unknown login."""

import argon2
import pytest

import storage.passwords
from storage.passwords import fits, hashed, is_outdated, one_time
from storage.rules.passwords import weakness


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> argon2.PasswordHasher:
    hasher = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(storage.passwords, "HASHER", hasher)
    return hasher


def test_what_we_use_costs_what_rfc_9106_asks_for() -> None:
    real = argon2.PasswordHasher()
    assert real.type is argon2.Type.ID
    assert real.memory_cost >= 64 * 1024  # KiB
    assert real.time_cost >= 3


async def test_a_password_fits_its_hash_alone() -> None:
    kept = await hashed("violet train at noon")
    assert "violet" not in kept
    assert await fits(kept, "violet train at noon")
    assert not await fits(kept, "violet train at one")
    assert kept != await hashed("violet train at noon")


async def test_two_spellings_of_a_letter_are_one_password() -> None:
    assert await fits(await hashed("cafe\u0301 noir noir"), "caf\u00e9 noir noir")


@pytest.mark.parametrize("kept", [None, ""])
async def test_without_a_hash_nothing_fits_not_even_what_is_verified_instead(
    monkeypatch: pytest.MonkeyPatch, cheap: argon2.PasswordHasher, kept: str | None
) -> None:
    monkeypatch.setattr(storage.passwords, "_nobody", cheap.hash("known"))
    assert not await fits(kept, "known")


async def test_a_hash_that_is_none_fits_nothing() -> None:
    assert not await fits("plain text", "plain text")


async def test_a_hash_of_another_cost_is_outdated(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = await hashed("violet train at noon")
    assert not is_outdated(kept)
    monkeypatch.setattr(storage.passwords, "HASHER", argon2.PasswordHasher(time_cost=2))
    assert is_outdated(kept)


def test_a_one_time_password_is_one_that_we_would_accept() -> None:
    made = {one_time() for _ in range(100)}
    assert len(made) == 100
    assert not any(weakness(password, login="kim", name="Kim Lee") for password in made)
