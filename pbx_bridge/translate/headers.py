"""What an AMI message's headers say, freed of Asterisk's ways of writing it."""

import re
from datetime import datetime
from typing import Protocol

from pbx_bridge.events import LegView

WITHHELD = frozenset(
    {"", "<unknown>", "anonymous", "unknown", "private", "restricted", "withheld", "unavailable"}
)
STATE_RING, STATE_UP = "4", "6"
STATES_CALLED = ("0", "5")  # made to be called, ringing
HOLDING = "holding_bridge"  # where nobody talks
DEVICE_STATES = (  # by the numbers of QueueMemberStatus
    "UNKNOWN",
    "NOT_INUSE",
    "INUSE",
    "BUSY",
    "INVALID",
    "UNAVAILABLE",
    "RINGING",
    "RINGINUSE",
    "ONHOLD",
)
_SNAPSHOT = (  # ast_manager_build_channel_state_string_prefix, Asterisk 13 to 22
    b"Channel",
    b"ChannelState",
    b"ChannelStateDesc",
    b"CallerIDNum",
    b"CallerIDName",
    b"ConnectedLineNum",
    b"ConnectedLineName",
    b"Language",
    b"AccountCode",
    b"Context",
    b"Exten",
    b"Priority",
    b"Uniqueid",
    b"Linkedid",
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_CONTROLS = frozenset("abfnrtv")  # \n and its like: no name holds one
_DIALLED = re.compile(r"(?:^|[/:])(\+?\d[\d*#]*)(?:@|$|/)")


class Message(Protocol):
    """An AMI event as it came over the wire."""

    @property
    def name(self) -> str:
        """The event's name."""

    @property
    def at(self) -> datetime:
        """When it happened, by the PBX's clock."""

    def get(self, header: str, /) -> str:
        """The header's value, "" when absent."""

    def cut(self, pattern: re.Pattern[bytes], /) -> tuple[str, ...] | None:
        """What the pattern's groups hold, None where it is not found."""


class _Snapshots(dict[str, re.Pattern[bytes]]):
    """How Asterisk writes a channel's headers one after the other, by their prefix."""

    def __missing__(self, prefix: str) -> re.Pattern[bytes]:
        p = re.escape(prefix.encode())
        wanted = (b"Channel", b"CallerIDNum", b"CallerIDName", b"Uniqueid", b"Linkedid")
        lines = (
            b"\r\n" + p + name + (rb": ([^\r]*)" if name in wanted else rb": [^\r]*")
            for name in _SNAPSHOT
        )
        pattern = self[prefix] = re.compile(b"".join(lines) + rb"(?=\r\n|\Z)")
        return pattern


_SNAPSHOTS = _Snapshots()


def view(message: Message, prefix: str = "") -> LegView:
    """Return the channel whose headers begin with `prefix` (Dest, LocalOne, Transferee …)."""
    found = message.cut(_SNAPSHOTS[prefix])
    if found is not None:
        channel, number_, name_, uniqueid, linkedid = found
    else:
        get = message.get
        channel = get(prefix + "Channel")
        number_, name_ = get(prefix + "CallerIDNum"), get(prefix + "CallerIDName")
        uniqueid, linkedid = get(prefix + "Uniqueid"), get(prefix + "Linkedid")
    return LegView(uniqueid, linkedid, channel, number(number_), name(name_))


def view_if_any(message: Message, prefix: str) -> LegView | None:
    """Return the channel whose headers begin with `prefix`, or None where there are none."""
    return view(message, prefix) if message.get(prefix + "Uniqueid") else None


def number(text: str) -> str:
    """Return a caller number as the PBX wrote it, "" where it is withheld."""
    return "" if text.lower() in WITHHELD else text


def name(text: str) -> str:
    """Return a caller name as the caller wrote it, "" where it is withheld."""
    if text.lower() in WITHHELD:
        return ""
    return unescaped(text) if "\\" in text else text


def unescaped(text: str) -> str:
    r"""Undo Asterisk's escaping: O\'Brien is O'Brien, and \n is a space."""
    if "\\" not in text:
        return text
    return _ESCAPED.sub(lambda found: " " if found[1] in _CONTROLS else found[1], text)


def dialled_number(dial_string: str) -> str:
    """Return the number in a dial string (+4420…@trunk, trunk/sip:0044…@host), "" if none."""
    found = _DIALLED.search(dial_string)
    return found[1] if found else ""


def whole(text: str) -> int:
    """Return a whole number of 0 or more, 0 where the text is none; a clock reads as seconds."""
    seconds = 0
    for part in text.split(":"):
        if not (part.isascii() and part.isdigit() and len(part) <= len("2147483647")):
            return 0
        seconds = seconds * 60 + int(part)
    return seconds


def device_state(code: str) -> str:
    """Return the name of a device state that is told by number."""
    index = whole(code)
    return DEVICE_STATES[index] if index < len(DEVICE_STATES) else DEVICE_STATES[0]
