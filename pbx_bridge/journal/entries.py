"""What the journal holds: numbered entries, and which channels each is about; pure."""

import json
import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

TURN = b"*"  # a block's index names it where the block holds what concerns every call
_LISTED = (b"Event: CoreShowChannelsComplete\r\n", b"Event: QueueStatusComplete\r\n")
_ROOM, _HOLDS = b"Event: BridgeListItem\r\n", b"\r\nBridgeTechnology: holding_bridge"
_BRIDGES = re.compile(rb"\r\nBridgeUniqueid: ([^\r\n]+)")
_IDS = re.compile(rb"nique(?:id|ID|Id): ([^\r\n]+)")


class Kind(IntEnum):
    """What an entry is."""

    MESSAGE = 0  # of the PBX, masked
    BEGAN = 1  # we began to listen: what came before may have been cut off
    CLOSED = 2  # we stopped in good order
    LOST = 3  # `count` messages did not fit while the disk stood still; its number is the first's
    UP = 4  # logged in, with the PBX's `startup`
    DOWN = 5  # the link was lost
    PHONES = 6  # which interfaces are our phones
    ERASED = 7  # a message that was erased: only its number and time are left


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; `n` counts per PBX and never goes back, `at` is when we heard it (epoch)."""

    n: int
    at: float
    kind: Kind
    raw: bytes

    @property
    def facts(self) -> dict[str, Any]:
        """What an entry of ours says."""
        found: dict[str, Any] = json.loads(self.raw) if self.raw else {}
        return found


def facts_bytes(facts: dict[str, Any]) -> bytes:
    """Return the facts of an entry of ours as it is stored."""
    return json.dumps(facts, sort_keys=True, ensure_ascii=False).encode() if facts else b""


def ids_of(raw: bytes) -> set[bytes]:
    """Return the unique ids of the channels and bridges that a message is about.

    Not linkedids: two calls may share one.
    """
    return set(_IDS.findall(raw))


def marks_of(entry: Entry) -> set[bytes]:
    """Return by what an entry is found again: whom it is about, TURN where that is every call."""
    ids = ids_of(entry.raw) if entry.kind is Kind.MESSAGE else set[bytes]()
    return ids | {TURN} if is_turn(entry) else ids


def is_turn(entry: Entry) -> bool:
    """Whether it concerns every call: our own notes, and what lists say of all together."""
    if entry.kind is not Kind.MESSAGE:
        return entry.kind is not Kind.ERASED
    return entry.raw.startswith(_LISTED) or (entry.raw.startswith(_ROOM) and _HOLDS in entry.raw)


def bridges_of(raw: bytes) -> set[bytes]:
    """Return the unique ids of the bridges that a message is about."""
    return set(_BRIDGES.findall(raw))
