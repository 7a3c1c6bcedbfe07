"""Phones and queue members change; the edge tells what it knows of phones and link."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pbx_bridge.events.views import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceChanged(Event):
    """A device is in another state."""

    interface: str  # PJSIP/101
    state: str  # as Asterisk names it: NOT_INUSE, INUSE, RINGING, ONHOLD, UNAVAILABLE …


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionChanged(Event):
    """An extension with a hint is in another state."""

    extension: str
    state: str  # as DeviceChanged


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberChanged(Event):
    """A member of a queue as it is now."""

    queue: str
    interface: str
    name: str
    device: str  # what its state is read from: PJSIP/101, hint:101@ext-local
    state: str  # as DeviceChanged
    paused: bool = False
    reason: str = ""  # why it is paused
    calls_taken: int = 0
    membership: str = ""  # static (in the PBX's file), dynamic (logged in) or realtime
    paused_at: datetime | None = None  # when it was paused last
    last_call_at: datetime | None = None  # when its last call of this queue was over
    wrap_up_seconds: int = 0  # how long the PBX spares it after a call, where that is its own


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRemoved(Event):
    """A member left a queue."""

    queue: str
    interface: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PhonesKnown(Event):
    """Which interfaces are our phones, and their extensions; holds for legs that begin later."""

    phones: Mapping[str, str] = field(default_factory=dict)  # PJSIP/101 → 101


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkLost(Event):
    """We hear nothing of the PBX from now on; its calls go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PbxRestarted(Event):
    """The PBX began anew: nothing of before is alive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PbxKnown(Event):
    """The version of Asterisk that we hear."""

    asterisk: str  # 22.10.1; empty where it is not told
