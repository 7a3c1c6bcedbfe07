"""What an agent is for the queues: available, paused, wrapping up, on a call, ringing, offline."""

from pbx_bridge.presences.fold import Presences
from pbx_bridge.presences.words import (
    AUTO_PAUSE,
    WRAP_UP,
    AgentState,
    Holder,
    Kind,
    Presence,
    Source,
    Standing,
    Wish,
    WrapUp,
    state_of,
)

__all__ = [
    "AUTO_PAUSE",
    "WRAP_UP",
    "AgentState",
    "Holder",
    "Kind",
    "Presence",
    "Presences",
    "Source",
    "Standing",
    "Wish",
    "WrapUp",
    "state_of",
]
