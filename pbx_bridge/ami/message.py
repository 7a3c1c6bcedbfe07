"""One AMI message: headers are cut out of the bytes only when somebody asks for one."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

EVENT = b"Event: "
RESPONSE = b"Response: "
EOL = b"\r\n"
FALLBACK = "cp1252"
GOOD = frozenset({"Success", "Follows", "Goodbye", "Pong"})
_YEAR_9999 = 253_402_300_800
_END_COMMAND = "--END COMMAND--"
_OPENERS = frozenset({"event", "response"})
_MAX_NEEDLES = 1024
_NOWHERE = EOL + EOL  # a message never contains its own end


class Message:
    """An event or a response, as Asterisk sent it; `raw` lacks the empty line at its end.

    `arrived_at` is in seconds since the epoch, `fallback` the encoding of what is not UTF-8, `name`
    what the first line names: the event, or Success, Error, Goodbye. `n` is its number in the
    journal, 0 where it is in none.
    """

    __slots__ = ("arrived_at", "fallback", "n", "name", "raw")

    def __init__(
        self,
        raw: bytes,
        arrived_at: float,
        fallback: str = FALLBACK,
        name: str | None = None,
        n: int = 0,
    ) -> None:
        self.raw = raw
        self.arrived_at = arrived_at
        self.fallback = fallback
        self.name = name or _named(raw, fallback)
        self.n = n

    def __repr__(self) -> str:
        kind = "event" if self.is_event else "response"
        return f"<Message {kind} {self.name} of {len(self.raw)} bytes>"

    @property
    def is_event(self) -> bool:
        """Whether it opens with an Event header; any other message is an answer."""
        return self.raw.startswith(EVENT) or self.raw[:6].lower() == b"event:"

    @property
    def success(self) -> bool:
        """Whether it is an answer that says yes."""
        return not self.is_event and self.name in GOOD

    @property
    def at(self) -> datetime:
        """When it happened: Asterisk's Timestamp, else the time it arrived here."""
        try:
            stamp = float(self.get("Timestamp") or self.arrived_at)
        except ValueError:
            stamp = self.arrived_at
        if not 0 <= stamp < _YEAR_9999:  # nor what is no number
            stamp = self.arrived_at
        return datetime.fromtimestamp(stamp, UTC)

    def get(self, key: str, default: str = "") -> str:
        """The value of the first header named `key`, in whatever case it is written."""
        rest = self.raw.partition(_NEEDLES[key])[2]  # much faster than find() and slices
        if not rest:
            value = self._slow(key)
            return default if value is None else value
        cut = rest.partition(EOL)[0]
        try:
            return cut.decode()
        except UnicodeDecodeError:
            return cut.decode(self.fallback, "replace")

    def cut(self, pattern: re.Pattern[bytes]) -> tuple[str, ...] | None:
        """What the pattern's groups hold, None where it is not found; many headers at one go."""
        found = pattern.search(self.raw)
        if found is None:
            return None
        try:
            return tuple([value.decode() for value in found.groups()])
        except UnicodeDecodeError:
            return tuple(decoded(value, self.fallback) for value in found.groups())

    def has(self, key: str) -> bool:
        """Whether there is such a header, also an empty one."""
        return any(name.lower() == key.lower() for name, _ in self._cut())

    def get_all(self, key: str) -> list[str]:
        """The values of every header named `key`, in their order."""
        wanted = key.lower()
        return [value for name, value in self._cut() if name.lower() == wanted]

    def headers(self) -> list[tuple[str, str]]:
        """Every header with its value, repeated and empty ones too, as they stand."""
        return list(self._cut())

    def output(self) -> list[str]:
        """The lines that a Command printed, in the new form (Output headers) or the old one."""
        if lines := self.get_all("Output"):
            return lines
        if self.name != "Follows":
            return []
        body = [line for line in self.raw.split(EOL)[1:] if not _is_answer_header(line)]
        text = decoded(EOL.join(body), self.fallback).replace(_END_COMMAND, "")
        return text.strip("\r\n").splitlines()

    def _slow(self, key: str) -> str | None:
        """The same for a header in another case, without a space, or in the first line."""
        raw = self.raw
        lowered = EOL + key.lower().encode() + b":"
        if raw[: len(lowered) - len(EOL)].lower() == lowered[len(EOL) :]:
            start = len(lowered) - len(EOL)
        else:
            head, found, _ = raw.lower().partition(lowered)
            if not found:
                return None
            start = len(head) + len(lowered)
        return decoded(raw[start:].partition(EOL)[0].removeprefix(b" "), self.fallback)

    def _cut(self) -> Iterator[tuple[str, str]]:
        for line in self.raw.split(EOL):
            name, colon, value = line.partition(b":")
            if colon:
                yield decoded(name, self.fallback), decoded(value.removeprefix(b" "), self.fallback)


def decoded(value: bytes, fallback: str) -> str:
    """The text of bytes: UTF-8 if they are that, else `fallback`, with U+FFFD for what it lacks."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode(fallback, "replace")


def _named(raw: bytes, fallback: str) -> str:
    first = raw.partition(EOL)[0]
    return decoded(first.partition(b":")[2].strip(), fallback)


class _Needles(dict[str, bytes]):
    """What to look for, by key; filled as keys are asked for."""

    def __missing__(self, key: str) -> bytes:
        needle = EOL + key.encode() + b": "
        if key.lower() in _OPENERS:  # a UserEvent may repeat it, and only the first line counts
            needle = _NOWHERE
        if len(self) < _MAX_NEEDLES:
            self[key] = needle
        return needle


_NEEDLES = _Needles()


def _is_answer_header(line: bytes) -> bool:
    return line.startswith((b"Privilege: ", b"ActionID: ", b"Message: "))
