"""Legs share sound, are moved, parked, held and recorded."""

from dataclasses import dataclass

from pbx_bridge.events.views import Event, LegEvent, LegView

BOTH_WAYS = frozenset({"read", "write"})  # of a recording: what its leg says, and what it hears


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeEntered(LegEvent):
    """A leg shares sound with the others of a bridge."""

    bridge: str
    holding: bool = False  # a bridge where nobody talks: parking, music
    swap: str = ""  # the uniqueid whose place it takes


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeLeft(LegEvent):
    """A leg left a bridge."""

    bridge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeMerged(Event):
    """The legs of one bridge move to another."""

    source: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalBridged(Event):
    """The two halves of a Local channel."""

    one: LegView
    two: LegView


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalOptimising(Event):
    """The PBX begins to take a Local pair out of a conversation that goes on."""

    one: LegView
    two: LegView


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalOptimised(Event):
    """The PBX has taken a Local pair out of a conversation that goes on."""

    one: LegView
    two: LegView


@dataclass(frozen=True, slots=True, kw_only=True)
class Held(LegEvent):
    """`leg` put the others on hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unheld(LegEvent):
    """`leg` talks again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegsTied(Event):
    """Legs of one call whatever their linkedids say: after a transfer, for example."""

    legs: tuple[LegView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver(LegEvent):
    """`leg` transferred `given` to someone else, who may not have answered yet."""

    given: LegView | None = None  # nobody where more than two talked
    others: tuple[LegView, ...] = ()  # further legs of the same call


@dataclass(frozen=True, slots=True, kw_only=True)
class Listened(LegEvent):
    """`leg` listens to another from now on, and is no party of its conversation."""

    to: LegView | None = None  # the books do not say


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlistened(LegEvent):
    """`leg` listens no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PickedUp(LegEvent):
    """`leg` took a call that rang at `target`."""

    target: LegView


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked(LegEvent):
    """`leg` waits in a parking space."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unparked(LegEvent):
    """`leg` waits in a parking space no longer."""

    retriever: LegView | None = None
    why: str  # retrieved, timeout, abandoned


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingNamed(LegEvent):
    """The file that a leg will be recorded to."""

    path: str  # on the PBX


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingStarted(LegEvent):
    """The recording of a leg began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingStopped(LegEvent):
    """The recording of a leg stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingMuted(LegEvent):
    """What is recorded of a leg becomes silence, or sound again; that of recordings that run."""

    ways: frozenset[str]  # of read (what the leg says) and write (what it hears)
    muted: bool
