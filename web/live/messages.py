"""The words of the live protocol, version 1; docs/live-protocol.md explains each."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any

import orjson

VERSION = 1
Data = Mapping[str, Any]


class Kind(StrEnum):
    """What a message to a screen says."""

    SNAPSHOT = "snapshot"
    RESUMED = "resumed"
    BEAT = "beat"
    BYE = "bye"
    POP_OPENED = "pop.opened"
    POP_CHANGED = "pop.changed"
    POP_CLOSED = "pop.closed"
    PHONE_CHANGED = "phone.changed"
    PRESENCE_CHANGED = "presence.changed"
    PRESENCE_REMOVED = "presence.removed"
    LINK_CHANGED = "link.changed"
    LINK_REMOVED = "link.removed"
    STORAGE_CHANGED = "storage.changed"
    CALLS_CHANGED = "calls.changed"
    DAY_CHANGED = "day.changed"
    SCRIPT_CHANGED = "script.changed"


class Close(IntEnum):
    """Why the server closed a socket; only ACCESS_ENDED asks the client to stay away."""

    SERVER_STOPS = 1012
    BAD_MESSAGE = 4400
    ACCESS_ENDED = 4401
    HELLO_LATE = 4408
    ACCESS_CHANGED = 4409
    TOO_MANY = 4429
    TOO_SLOW = 4508


WHY = {
    Close.SERVER_STOPS: "the server stops; connect again",
    Close.BAD_MESSAGE: "the message is not one of the protocol",
    Close.ACCESS_ENDED: "the log-in or the token ended",
    Close.HELLO_LATE: "no hello came in time",
    Close.ACCESS_CHANGED: "the rights changed; connect again",
    Close.TOO_MANY: "too many screens or messages",
    Close.TOO_SLOW: "the screen did not take what was sent; connect again",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """The last message a screen has seen."""

    epoch: str
    n: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A screen has painted a pop, `seconds` after the frame came."""

    pop: str
    seconds: float


class NotUnderstood(Exception):
    """The client said something that is not of the protocol."""


def encoded(epoch: str, n: int, kind: str, data: Data) -> bytes:
    """Return the message as it crosses the wire: JSON in UTF-8."""
    return orjson.dumps({"v": VERSION, "epoch": epoch, "n": n, "type": kind, "data": data})


def read_hello(text: str | bytes) -> Seen | None:
    """Return what the hello names as seen last, None for a screen that is new.

    Raises NotUnderstood.
    """
    message = _read(text)
    if message.get("type") != "hello" or message.get("v") != VERSION:
        raise NotUnderstood
    epoch, n = message.get("epoch"), message.get("n")
    if not isinstance(epoch, str) or type(n) is not int:
        return None
    return Seen(epoch, n)


def read_report(text: str | bytes) -> Shown | None:
    """Return the client's report, None for one that this version does not know.

    Raises NotUnderstood.
    """
    message = _read(text)
    data = message.get("data")
    if message.get("type") != "shown" or not isinstance(data, dict):
        return None
    pop, seconds = data.get("pop"), data.get("seconds")
    if not isinstance(pop, str) or not isinstance(seconds, int | float):
        raise NotUnderstood
    return Shown(pop, min(max(float(seconds), 0.0), 60.0))


def _read(text: str | bytes) -> dict[str, Any]:
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise NotUnderstood from None
    if not isinstance(message, dict):
        raise NotUnderstood
    return message
