"""How passwords are kept: argon2 in a thread, and equal work for a login that does not exist."""

import asyncio
import secrets

import argon2

from storage.rules.passwords import plain

HASHER = argon2.PasswordHasher()  # RFC 9106, low memory: the library's defaults
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # nothing that looks like something else
_nobody = ""


async def hashed(password: str) -> str:
    """Return what is stored of a password."""
    return await asyncio.to_thread(HASHER.hash, plain(password))


async def fits(password_hash: str | None, password: str) -> bool:
    """Whether the password is the one; without a hash the same work is done, and it is not."""
    return await asyncio.to_thread(_fits, password_hash, plain(password))


def _fits(password_hash: str | None, password: str) -> bool:
    try:
        return HASHER.verify(password_hash or _hash_of_nobody(), password) and bool(password_hash)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


def _hash_of_nobody() -> str:
    global _nobody  # noqa: PLW0603 - made once, when first needed
    if not _nobody:
        _nobody = HASHER.hash(secrets.token_urlsafe())
    return _nobody


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than we use now."""
    return HASHER.check_needs_rehash(password_hash)


def one_time() -> str:
    """Return a fresh password to be told once, in groups that can be read over the phone."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(4))
