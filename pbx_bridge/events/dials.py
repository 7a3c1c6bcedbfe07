"""Phones are called, directly or by a queue."""

from dataclasses import dataclass

from pbx_bridge.events.views import Event, LegEvent, LegView


@dataclass(frozen=True, slots=True, kw_only=True)
class DialBegan(LegEvent):
    """`leg` is being called, for `dialler` where a leg dialled."""

    dialler: LegView | None = None
    dialled: str = ""  # the number that was sent out, "" where the dial string holds none


@dataclass(frozen=True, slots=True, kw_only=True)
class DialEnded(LegEvent):
    """`leg` is no longer being called."""

    dialler: LegView | None = None
    status: str  # ANSWER, NOANSWER, BUSY, CANCEL, CONGESTION, CHANUNAVAIL …


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueJoined(LegEvent):
    """A caller waits in a queue from now on."""

    queue: str
    position: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuesListed(Event):
    """The list of callers is complete: those of ours that were not in it wait no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueListed(LegEvent):
    """A caller waits in a queue, from a list that we asked for."""

    queue: str
    position: int = 0
    seconds: int = 0  # how long it has waited


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLeft(LegEvent):
    """A caller waits no longer; why is said elsewhere."""

    queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueAbandoned(LegEvent):
    """A caller left without an agent: hung up, timed out, or the queue emptied."""

    queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentEvent(LegEvent):
    """Something between a queue's caller and `leg`, the leg of a member."""

    caller: LegView
    queue: str
    interface: str  # of the member, Local/101@from-queue/n as well as PJSIP/101
    member: str  # its name


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentOffered(AgentEvent):
    """A queue calls a member."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentConnected(AgentEvent):
    """A queue connects its caller with a member."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRefused(AgentEvent):
    """A member did not take the call in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentCompleted(AgentEvent):
    """The queue stopped following the conversation; the call may go on."""

    reason: str  # agent, caller, transfer
