"""Channels come, change and go."""

from dataclasses import dataclass

from pbx_bridge.events.views import Event, LegEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class LegBegan(LegEvent):
    """A channel was made."""

    exten: str = ""  # what it dialled, where that is known already
    calls: bool = False  # it calls the PBX; one that the PBX will call does not
    up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LegChanged(LegEvent):
    """A channel has another state or another caller number."""

    up: bool = False  # answered; False says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class LegEnded(LegEvent):
    """A channel is gone."""

    cause: int | None = None  # Q.850


@dataclass(frozen=True, slots=True, kw_only=True)
class LegSeen(LegEvent):
    """A channel that is up now, from a list that we asked for after (re)connecting."""

    seconds: int = 0  # how long it has been there
    exten: str = ""
    up: bool = False
    ringing: bool = False  # it is being called
    bridge: str = ""
    application: str = ""  # of the dialplan
    parks: bool = False  # it waits in a parking space, as far as the application tells


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomSeen(Event):
    """A bridge that is there now; in one that is `holding`, legs only wait."""

    bridge: str
    holding: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LegsListed(Event):
    """The list of channels is complete: legs of ours that were not in it are gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DialplanReached(LegEvent):
    """A leg runs an application of the dialplan."""

    exten: str
    application: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableSet(LegEvent):
    """A channel variable that the tracker needs was set."""

    variable: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentTold(LegEvent):
    """The dialplan tells what the caller said to being recorded."""

    word: str  # announced, refused, unknown
