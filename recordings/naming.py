"""Names of recordings: what the PBX calls a file, and what we call it on our shelf."""

import re
from datetime import UTC, datetime
from pathlib import PurePosixPath
from uuid import UUID

from pbx_bridge.matching import msgid

SEALED = ".sealed"
KEY = re.compile(
    r"\d{4}/\d\d/\d\d/[0-9a-f]{32}-[0-9a-f]{32}"
    r"(?:\.wav|(?:\.[0-9a-f]{16}\.(?:opus|waveform|words))?\.sealed)"  # wav: of old, plain
)
LONGEST_PART = 255  # bytes: what a file system takes

OUTSIDE = msgid("The PBX named a file outside its recordings folder.")


class BadName(ValueError):
    """A path of the PBX's, or a key, that must not be followed; the message says why."""


def relative_name(path: str, folder: str) -> PurePosixPath:
    """Return the place of the PBX's `path` beneath its recordings `folder`.

    A relative path is meant beneath the folder. Raises BadName for any other place.
    """
    if "\0" in path or not path:
        raise BadName(OUTSIDE)
    root = PurePosixPath(folder)
    name = PurePosixPath(path)
    if name.is_absolute():
        if not name.is_relative_to(root):
            raise BadName(OUTSIDE)
        name = name.relative_to(root)
    if not name.parts or any(_is_odd(part) for part in name.parts):
        raise BadName(OUTSIDE)
    return name


def _is_odd(part: str) -> bool:
    return part == ".." or len(part.encode("utf-8", "surrogateescape")) > LONGEST_PART


def shelf_key(call_id: UUID, recording_id: UUID) -> str:
    """Return the key under which a recording is kept: by the day that the call's id carries."""
    began = datetime.fromtimestamp((call_id.int >> 80) / 1000, UTC)
    return f"{began:%Y/%m/%d}/{call_id.hex}-{recording_id.hex}{SEALED}"


def rendition_keys(original: str, name: str) -> tuple[str, str]:
    """Return the keys of Opus and waveform beside an original; `name` is 16 hex digits."""
    stem = original.removesuffix(SEALED).removesuffix(".wav")
    stem = stem.partition(".")[0]  # where the original is itself a rendition
    return f"{stem}.{name}.opus{SEALED}", f"{stem}.{name}.waveform{SEALED}"


def words_key(original: str, name: str) -> str:
    """Return the key of what was said, beside an original; `name` is 16 hex digits."""
    stem = original.removesuffix(SEALED).removesuffix(".wav")
    return f"{stem.partition('.')[0]}.{name}.words{SEALED}"


def is_shelf_key(key: str) -> bool:
    """Whether `key` is one that `shelf_key` can have made."""
    return KEY.fullmatch(key) is not None


def is_sealed(key: str) -> bool:
    """Whether what lies under `key` is encrypted; what an older Ringbook shelved is not."""
    return key.endswith(SEALED)
