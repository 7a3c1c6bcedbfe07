"""The key of each day of one PBX: derived from the installation's key and a salt on the disk.

Without its salts a day can never be read again, whoever has the installation's key.
"""

import base64
import hmac
import os
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from pbx_bridge.journal.errors import DayClosed, JournalError

_SALT = 32
_CHECK = 16


class DayKeys:
    """Makes salts for days to be written, and finds the keys of days that were.

    `secrets` are the installation's keys, url-safe base64: the first encrypts, all decrypt.
    """

    def __init__(self, folder: Path, pbx: UUID, secrets: Sequence[str]) -> None:
        self._folder = folder
        self._pbx = pbx
        self._secrets = [base64.urlsafe_b64decode(secret) for secret in secrets]
        self._known: dict[tuple[str, int], AESGCM] = {}

    def to_write(self, day: str) -> tuple[int, AESGCM]:
        """Return the number and the key of the salt to write `day` with, made where needed."""
        numbers = _numbers(self._folder, day)
        if numbers:
            key = self._fitting(day, numbers[-1], self._secrets[:1])
            if key is not None:
                return numbers[-1], key
        number = numbers[-1] + 1 if numbers else 1
        return number, self._make(day, number)

    def to_read(self, day: str, number: int) -> AESGCM:
        """Return the key of a day that was written; raises DayClosed."""
        if (known := self._known.get((day, number))) is not None:
            return known
        if not _path(self._folder, day, number).exists():
            raise DayClosed(f"the journal of {day} was erased")
        key = self._fitting(day, number, self._secrets)
        if key is None:
            raise DayClosed(f"the journal of {day} was encrypted with another RINGBOOK_SECRET_KEY")
        self._known[day, number] = key
        return key

    def _make(self, day: str, number: int) -> AESGCM:
        salt = os.urandom(_SALT)
        secret = self._secrets[0]
        path = _path(self._folder, day, number)
        whole = path.with_suffix(".new")
        with whole.open("wb") as file:
            file.write(salt + self._derived(secret, salt, day, b"check")[:_CHECK])
            file.flush()
            os.fsync(file.fileno())
        whole.rename(path)
        sync_folder(self._folder)
        return AESGCM(self._derived(secret, salt, day, b"key"))

    def _fitting(self, day: str, number: int, secrets: Sequence[bytes]) -> AESGCM | None:
        stored = _path(self._folder, day, number).read_bytes()
        salt, check = stored[:_SALT], stored[_SALT:]
        for secret in secrets:
            if hmac.compare_digest(self._derived(secret, salt, day, b"check")[:_CHECK], check):
                return AESGCM(self._derived(secret, salt, day, b"key"))
        return None

    def _derived(self, secret: bytes, salt: bytes, day: str, purpose: bytes) -> bytes:
        info = b"|".join((b"ringbook journal 1", purpose, self._pbx.bytes, day.encode()))
        return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(secret)


def erase_day(folder: Path, day: str, *, today: str) -> int:
    """Make a day unreadable for ever: overwrite and remove its salts; return how many there were.

    Days are written as 2026-11-22. Raises JournalError for a day that is not over.
    """
    if day >= today:
        raise JournalError(f"{day} is not over: its journal is still being written")
    numbers = _numbers(folder, day)
    for number in numbers:
        path = _path(folder, day, number)
        with path.open("r+b") as file:
            file.write(os.urandom(_SALT + _CHECK))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    sync_folder(folder)
    return len(numbers)


def sync_folder(folder: Path) -> None:
    """Have the disk keep the names in the folder."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _path(folder: Path, day: str, number: int) -> Path:
    return folder / f"{day}.{number}.salt"


def _numbers(folder: Path, day: str) -> list[int]:
    return sorted(int(path.name.split(".")[1]) for path in folder.glob(f"{day}.*.salt"))
