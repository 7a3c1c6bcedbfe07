"""What every event has: a time, and mostly a leg."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


class LegView(NamedTuple):
    """A channel as an event shows it: enough to begin a leg that we never saw begin."""

    uniqueid: str
    linkedid: str = ""  # a hint of the call, never its key
    channel: str = ""
    number: str = ""  # "" where withheld
    name: str = ""  # a stranger's text


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened at `at`, by the PBX's clock (aware)."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LegEvent(Event):
    """Something that happened to a leg."""

    leg: LegView
