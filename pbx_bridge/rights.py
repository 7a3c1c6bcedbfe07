"""Which rights our account on a PBX lacks, told only where it is sure; pure.

A right is written as `read:dialplan` or `write:originate`. No answer of a PBX names the read
classes, so their events tell: one that came proves its class, and one that should have come, since
a list shows what it would have told, accuses it.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from pbx_bridge.ami.message import Message
from pbx_bridge.asterisk import APPLICATIONS

READ = {  # what shows that an account reads the class; nothing that a list brings as well
    "call": (
        *("Newchannel", "Newstate", "NewCallerid", "Hangup", "DialBegin", "DialEnd"),
        *("BridgeEnter", "BridgeLeave", "LocalBridge", "Hold", "Unhold", "MixMonitorStart"),
    ),
    "agent": (
        *("QueueCallerJoin", "QueueCallerLeave", "QueueCallerAbandon", "QueueMemberStatus"),
        *("QueueMemberPause", "QueueMemberAdded", "QueueMemberRemoved"),
        *("AgentCalled", "AgentConnect", "AgentComplete", "AgentRingNoAnswer"),
    ),
    "dialplan": ("VarSet", "Newexten"),
}
WRITE = {  # an action of each class that every Asterisk has, or every one with queues
    "originate": "Originate",
    "call": "Redirect",
    "agent": "QueuePause",
    "reporting": "CoreShowChannels",
}
_CLASS_OF = {name: group for group, names in READ.items() for name in names}
_QUEUES = "QueueStatus"  # which anybody may ask who has queues
_SHOWN = frozenset({"PJSIP", "SIP", "IAX2", "DAHDI", "Local"})  # others may be the PBX's own
_APPLICATIONS = frozenset(APPLICATIONS)

Facts = frozenset[tuple[str, ...]]


class Witness:
    """Which classes have shown themselves since a login; `unheard` maps events to the others."""

    def __init__(self) -> None:
        self.unheard: Mapping[str, str] = _CLASS_OF

    def begin(self) -> None:
        """A new login: nothing is shown yet."""
        self.unheard = _CLASS_OF

    def hear(self, name: str) -> str | None:
        """Take an event's name; return its class where it is the first of it."""
        group = self.unheard.get(name)
        if group is not None:
            self.unheard = {key: each for key, each in self.unheard.items() if each != group}
        return group

    def lacks(self, group: str) -> bool:
        """Whether no event of the class has come."""
        return READ[group][0] in self.unheard


class Listing(NamedTuple):
    """What lists show, by the read class whose events would have told it."""

    call: Facts = frozenset()
    agent: Facts = frozenset()
    dialplan: Facts = frozenset()


def listing(channels: Iterable[Message], queues: Iterable[Message]) -> Listing:
    """Read the answers to Status and QueueSummary."""
    calls, runs = set(), set()
    for channel in channels:
        name, key = channel.get("Channel"), channel.get("Uniqueid")
        if channel.name != "Status" or name.partition("/")[0] not in _SHOWN:
            continue
        calls.add((key,))
        if (application := channel.get("Application")) in _APPLICATIONS:
            runs.add((key, application))
    waiting = {
        (queue.get("Queue"), callers)
        for queue in queues
        if queue.name == "QueueSummary" and (callers := queue.get("Callers")) not in {"", "0"}
    }
    return Listing(frozenset(calls), frozenset(waiting), frozenset(runs))


def unheard_of(first: Listing, before: Listing, now: Listing) -> frozenset[str]:
    """Return the classes whose events are due: what came after the first list, and stands."""
    return frozenset(
        group for group in READ if (_of(before, group) & _of(now, group)) - _of(first, group)
    )


def lacking_write(commands: Collection[str]) -> frozenset[str]:
    """Return the write classes that are missing, by the actions that ListCommands names."""
    return frozenset(
        group
        for group, action in WRITE.items()
        if commands and action not in commands and (group != "agent" or _QUEUES in commands)
    )


def said(lacks: Collection[str]) -> str:
    """Say for logs and health checks what the account lacks: `may not read dialplan`."""
    parts = []
    for way, verb in (("read", "read"), ("write", "use")):
        groups = sorted(name for each, _, name in (r.partition(":") for r in lacks) if each == way)
        if groups:
            parts.append(f"{verb} {', '.join(groups)}")
    return f"may not {' nor '.join(parts)}" if parts else ""


def _of(listed: Listing, group: str) -> Facts:
    facts: Facts = getattr(listed, group)
    return facts
