"""What a link is, as a value, and the markers that tell a listener about gaps."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pbx_bridge.ami.message import Message

Status = Literal["connecting", "connected", "down", "refused"]


@dataclass(frozen=True, slots=True)
class LinkState:
    """How it stands with the link to one PBX.

    `since` is when it came up, or when it went down (tries in between do not change it);
    `why` is a sentence for the administrator, `cause` its stable name. `asterisk` and `startup` are
    what the PBX last told: its version and its start by its own wall clock, good for comparing.
    """

    status: Status
    since: datetime
    why: str | None = None
    asterisk: str | None = None
    startup: datetime | None = None
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class LinkUp:
    """From here on we hear everything; what was before must be asked for."""

    at: datetime
    asterisk: str | None
    startup: datetime | None


@dataclass(frozen=True, slots=True)
class LinkDown:
    """From here on we are deaf, until the next LinkUp."""

    at: datetime
    why: str
    cause: str


Heard = Message | LinkUp | LinkDown


@dataclass(slots=True)
class LinkCounts:
    """What a link has seen since the program started, for metrics."""

    received_bytes: int = 0
    received_messages: int = 0
    strange_messages: int = 0  # neither event nor answer
    faults: int = 0  # exceptions of ours that cost at most one message
    logins: int = 0
    troubles: Counter[str] = field(default_factory=Counter)  # by cause
    ping_seconds: float | None = None  # of the last answered ping
