"""What an agent can be for the queues, and what can be asked of the PBX for one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pbx_bridge.changes import PhoneState

AUTO_PAUSE = "Auto-Pause"  # what Asterisk gives as the reason when a phone let it ring
WRAP_UP = "Wrap-up"  # the reason that we give, and by which a wrap-up is known after a restart


class AgentState(StrEnum):
    """What an agent is, in all."""

    AVAILABLE = "available"
    PAUSED = "paused"
    WRAP_UP = "wrap_up"
    ON_CALL = "on_call"
    RINGING = "ringing"
    OFFLINE = "offline"  # the phone is not registered, or is in no queue
    UNKNOWN = "unknown"  # the PBX is not heard


_OF_PHONE = {
    PhoneState.TALKING: (AgentState.ON_CALL, ""),
    PhoneState.ON_HOLD: (AgentState.ON_CALL, ""),
    PhoneState.RINGING: (AgentState.RINGING, ""),
    PhoneState.UNAVAILABLE: (AgentState.OFFLINE, "no_phone"),
}


class Source(StrEnum):
    """Who brought a change about."""

    DESK = "desk"
    PHONE = "phone"  # the phone itself, or another program
    PBX = "pbx"  # it paused a phone that let it ring


class Holder(StrEnum):
    """Who keeps calls away during a wrap-up."""

    RINGBOOK = "ringbook"  # by a pause
    PBX = "pbx"  # by its own wrapuptime
    NOBODY = "nobody"  # it is shown, and calls may come


class Kind(StrEnum):
    """What can be asked of the PBX."""

    PAUSE = "pause"
    RESUME = "resume"
    JOIN = "join"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was asked of the PBX for one phone; `queue` None means all that it is in."""

    kind: Kind
    queue: str | None = None
    reason: str = ""
    at: datetime
    trouble: str | None = None  # a sentence: it was refused, or not confirmed

    def covers(self, queue: str) -> bool:
        """Whether the queue is meant."""
        return self.queue is None or self.queue == queue

    def is_true(self, standings: Sequence["Standing"]) -> bool:
        """Whether the PBX tells what was asked for."""
        meant = [each for each in standings if self.covers(each.queue)]
        match self.kind:
            case Kind.PAUSE:
                return bool(meant) and all(s.paused and s.reason == self.reason for s in meant)
            case Kind.RESUME:
                return not any(each.paused for each in meant)
            case Kind.JOIN:
                return bool(meant)
            case Kind.LEAVE:
                return not meant


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one phone stands in one queue."""

    queue: str
    interface: str
    paused: bool
    reason: str
    since: datetime | None  # of the pause
    by: Source | None  # who paused or resumed it, None where we did not hear it
    is_static: bool  # it stands in the PBX's own files, and nobody logs it out from outside
    wrap_up_seconds: int = 0  # the PBX's own


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapUp:
    """The time after a queue's call."""

    queue: str
    since: datetime
    until: datetime
    holder: Holder
    call: UUID | None = None  # that it follows, where that is known


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """One phone for the queues, as of the last news."""

    state: AgentState
    why: str = ""  # the reason of a pause; no_phone or no_queue where offline
    since: datetime | None = None
    by: Source | None = None
    standings: tuple[Standing, ...] = ()
    wrap_up: WrapUp | None = None
    wish: Wish | None = None


def state_of(
    standings: Sequence[Standing], phone: PhoneState, wrap_up: WrapUp | None = None
) -> tuple[AgentState, str]:
    """Return what a phone is in all, and why: the call first, then the phone, then the queues."""
    if phone in _OF_PHONE:
        return _OF_PHONE[phone]
    if not standings:
        return AgentState.OFFLINE, "no_queue"
    free = {each.queue for each in standings if not each.paused}
    if not free:
        reasons = list(dict.fromkeys(each.reason for each in standings if each.reason))
        is_after = WRAP_UP in reasons
        return (AgentState.WRAP_UP, "") if is_after else (AgentState.PAUSED, ", ".join(reasons))
    is_spared = wrap_up is not None and wrap_up.holder is Holder.PBX and free == {wrap_up.queue}
    return (AgentState.WRAP_UP if is_spared else AgentState.AVAILABLE), ""
