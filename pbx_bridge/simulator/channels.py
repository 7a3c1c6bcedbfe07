"""Channels and the AMI events they raise, with the headers that Asterisk 22 gives them."""

import re
from dataclasses import dataclass, field

Headers = tuple[tuple[str, str], ...]

RING, RINGING, UP = "4", "5", "6"
_QUOTED = re.compile(r"[\\'\"?]")
STATES = {"0": "Down", RING: "Ring", RINGING: "Ringing", UP: "Up"}


@dataclass(slots=True, kw_only=True)
class Channel:
    """One simulated channel; its state is what the next event shows."""

    name: str  # PJSIP/101-00000002
    uniqueid: str
    linkedid: str
    number: str
    caller_name: str
    exten: str = ""
    context: str = "from-trunk"
    state: str = "0"

    def headers(self, prefix: str = "") -> Headers:
        """The channel snapshot as it stands in every event about it."""
        return (
            (f"{prefix}Channel", self.name),
            (f"{prefix}ChannelState", self.state),
            (f"{prefix}ChannelStateDesc", STATES[self.state]),
            (f"{prefix}CallerIDNum", self.number or "<unknown>"),
            (f"{prefix}CallerIDName", escaped(self.caller_name) or "<unknown>"),
            (f"{prefix}ConnectedLineNum", "<unknown>"),
            (f"{prefix}ConnectedLineName", "<unknown>"),
            (f"{prefix}Language", "en"),
            (f"{prefix}AccountCode", ""),
            (f"{prefix}Context", self.context),
            (f"{prefix}Exten", self.exten),
            (f"{prefix}Priority", "1"),
            (f"{prefix}Uniqueid", self.uniqueid),
            (f"{prefix}Linkedid", self.linkedid),
        )


def escaped(text: str) -> str:
    r"""Write a name as Asterisk does (ast_escape_c): O'Brien is O\'Brien, and a\b is a\\b."""
    return _QUOTED.sub(lambda found: "\\" + found[0], text)


def event(name: str, privilege: str, *parts: Headers) -> Headers:
    """Compose an event; the server adds its Timestamp."""
    head = (("Event", name), ("Privilege", f"{privilege},all"))
    return head + tuple(header for part in parts for header in part)


def new_channel(channel: Channel) -> Headers:
    """Newchannel."""
    return event("Newchannel", "call", channel.headers())


def new_state(channel: Channel, state: str) -> Headers:
    """Put the channel into `state`: Newstate."""
    channel.state = state
    return event("Newstate", "call", channel.headers())


def new_exten(channel: Channel, application: str, data: str = "") -> Headers:
    """The dialplan runs an application: Newexten."""
    step = (("Extension", channel.exten), ("Application", application), ("AppData", data))
    return event("Newexten", "dialplan", channel.headers(), step)


def var_set(channel: Channel, variable: str, value: str) -> Headers:
    """A channel variable was set: VarSet."""
    pair = (("Variable", variable), ("Value", value))
    return event("VarSet", "dialplan", channel.headers(), pair)


def provoked(variable: str, value: str) -> Headers:
    """A global variable was set by AMI: VarSet of no channel."""
    nobody = (("Channel", "none"), ("Uniqueid", "none"), ("Linkedid", "none"))
    return event("VarSet", "dialplan", nobody, (("Variable", variable), ("Value", value)))


def dial(name: str, source: Channel, target: Channel, *more: tuple[str, str]) -> Headers:
    """DialBegin, DialState or DialEnd between two channels."""
    return event(name, "call", source.headers(), target.headers("Dest"), more)


def queue_event(name: str, queue: str, caller: Channel, *more: tuple[str, str]) -> Headers:
    """QueueCallerJoin, QueueCallerLeave or QueueCallerAbandon."""
    return event(name, "agent", caller.headers(), (("Queue", queue),), more)


def agent_event(
    name: str, queue: str, caller: Channel, phone: Channel, *more: tuple[str, str]
) -> Headers:
    """AgentCalled, AgentConnect, AgentRingNoAnswer or AgentComplete."""
    interface = phone.name.rpartition("-")[0]
    member = (("Queue", queue), ("Interface", interface), ("MemberName", phone.caller_name))
    return event(name, "agent", caller.headers(), phone.headers("Dest"), member, more)


def hangup(channel: Channel, cause: int = 16, text: str = "Normal Clearing") -> Headers:
    """Hangup with its Q.850 cause."""
    return event("Hangup", "call", channel.headers(), (("Cause", str(cause)), ("Cause-txt", text)))


def recording(name: str, channel: Channel) -> Headers:
    """MixMonitorStart or MixMonitorStop."""
    return event(name, "call", channel.headers())


@dataclass(slots=True)
class Bridge:
    """A simulated two-party bridge."""

    uniqueid: str
    inside: list[Channel] = field(default_factory=list)

    def _headers(self) -> Headers:
        return (
            ("BridgeUniqueid", self.uniqueid),
            ("BridgeType", "basic"),
            ("BridgeTechnology", "simple_bridge"),
            ("BridgeCreator", "<unknown>"),
            ("BridgeName", "<unknown>"),
            ("BridgeNumChannels", str(len(self.inside))),
            ("BridgeVideoSourceMode", "none"),
        )

    def create(self) -> Headers:
        """BridgeCreate."""
        return event("BridgeCreate", "call", self._headers())

    def enter(self, channel: Channel) -> Headers:
        """BridgeEnter."""
        self.inside.append(channel)
        return event("BridgeEnter", "call", self._headers(), channel.headers())

    def leave(self, channel: Channel) -> Headers:
        """BridgeLeave."""
        self.inside.remove(channel)
        return event("BridgeLeave", "call", self._headers(), channel.headers())

    def destroy(self) -> Headers:
        """BridgeDestroy."""
        return event("BridgeDestroy", "call", self._headers())
