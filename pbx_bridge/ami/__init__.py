"""The link to Asterisk's manager interface: `async for heard in link.listen()`."""

from pbx_bridge.ami.actions import Value
from pbx_bridge.ami.errors import (
    ActionRefused,
    AmiError,
    BadAction,
    LinkTrouble,
    NotConnected,
    OutcomeUnknown,
)
from pbx_bridge.ami.link import Clock, Link
from pbx_bridge.ami.message import Message
from pbx_bridge.ami.probes import ProbeResult, probe
from pbx_bridge.ami.retries import Retries
from pbx_bridge.ami.states import Heard, LinkCounts, LinkDown, LinkState, LinkUp
from pbx_bridge.ami.troubles import Trouble

__all__ = [
    "ActionRefused",
    "AmiError",
    "BadAction",
    "Clock",
    "Heard",
    "Link",
    "LinkCounts",
    "LinkDown",
    "LinkState",
    "LinkTrouble",
    "LinkUp",
    "Message",
    "NotConnected",
    "OutcomeUnknown",
    "ProbeResult",
    "Retries",
    "Trouble",
    "Value",
    "probe",
]
