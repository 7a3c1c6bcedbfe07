"""Time-ordered keys (UUIDv7, RFC 9562): random for what people make, derived for PBX facts."""

import hashlib
import secrets
from datetime import datetime
from uuid import UUID

_RANDOM_BITS = 74
_RANDOM_MASK = (1 << _RANDOM_BITS) - 1


def uuid7(at: datetime) -> UUID:
    """Return a new key that sorts by `at` (milliseconds)."""
    return _compose(at, secrets.randbits(_RANDOM_BITS))


def derived_uuid7(at: datetime, *parts: object) -> UUID:
    """Return the one key that belongs to `at` and `parts`: the same facts always give the same key.

    This is why a call that is told again from the journal, or by a second bridge, is the same call.
    """
    text = "\x1f".join([part if isinstance(part, str) else str(part) for part in parts])
    digest = hashlib.sha256(text.encode()).digest()
    return _compose(at, int.from_bytes(digest[:10], "big") & _RANDOM_MASK)


def call_id(pbx: UUID, uniqueid: str, at: datetime) -> UUID:
    """Return the id of a call of which this leg, which began then, was heard first."""
    return derived_uuid7(at, pbx, "call", uniqueid, at)


def _compose(at: datetime, random: int) -> UUID:
    milliseconds = int(at.timestamp() * 1000) & ((1 << 48) - 1)
    high = random >> 62
    low = random & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)
