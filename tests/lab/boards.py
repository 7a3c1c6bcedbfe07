"""What a PBX would list at a moment of a captured stream; it shares no code with the tracker."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lab.ami import headers

END = b"\r\n\r\n"
OWNERS = ("Uniqueid", "ParkeeUniqueid", "SpyerUniqueid")  # whom an event is about


@dataclass
class Channel:
    """A channel that is up."""

    said: dict[str, str]  # as the last message about it told its snapshot
    application: str = ""
    bridge: str = ""
    queue: str = ""
    is_parked: bool = False

    def hear(self, kind: str, said: dict[str, str]) -> None:
        """Take what was told of this channel."""
        if kind == "BridgeEnter":
            self.bridge = said["BridgeUniqueid"]
        elif kind == "BridgeLeave" and self.bridge == said["BridgeUniqueid"]:
            self.bridge = ""
        elif kind in {"Newexten", "ChanSpyStart"}:
            self.application = said.get("Application", "ChanSpy")
        elif kind in {"QueueCallerJoin", "QueueCallerLeave"}:
            self.queue = said["Queue"] if kind == "QueueCallerJoin" else ""
        elif kind in {"ParkedCall", "UnParkedCall", "ParkedCallTimeOut", "ParkedCallGiveUp"}:
            self.is_parked = kind == "ParkedCall"


@dataclass
class Board:
    """Follows a stream, and lists what is up."""

    channels: dict[str, Channel] = field(default_factory=dict)
    technologies: dict[str, str] = field(default_factory=dict)

    def hear(self, raw: bytes) -> None:
        said = headers(raw)
        kind, key = said["Event"], said.get("Uniqueid", "")
        if kind == "Newchannel":
            self.channels[key] = Channel(said)
        elif kind == "Hangup":
            self.channels.pop(key, None)
        elif kind == "BridgeDestroy":
            self.technologies.pop(said["BridgeUniqueid"], None)
        elif "BridgeTechnology" in said:
            self.technologies[said["BridgeUniqueid"]] = said["BridgeTechnology"]
        owner = next((said[name] for name in OWNERS if said.get(name) in self.channels), None)
        if owner is not None:
            self.channels[owner].hear(kind, said)
        if key in self.channels and "ChannelState" in said:
            self.channels[key].said = said

    def lists(self) -> Iterator[bytes]:
        """The answers to what is asked after a login, as they come over the wire."""
        for bridge, technology in self.technologies.items():
            yield _event("BridgeListItem", BridgeUniqueid=bridge, BridgeTechnology=technology)
        yield _event("BridgeListComplete")
        for key, channel in self.channels.items():
            said = channel.said
            names = ("Channel", "ChannelState", "CallerIDNum", "CallerIDName", "Exten", "Linkedid")
            yield _event(
                "CoreShowChannel", Uniqueid=key, Application=channel.application,
                BridgeId=channel.bridge, Duration="00:00:01",
                **{name: said.get(name, "") for name in names},
            )  # fmt: skip
        yield _event("CoreShowChannelsComplete")
        for key, channel in self.channels.items():
            if channel.queue:
                yield _event("QueueEntry", Queue=channel.queue, Uniqueid=key, Wait="1",
                             Channel=channel.said["Channel"])  # fmt: skip
        yield _event("QueueStatusComplete")
        for key, channel in self.channels.items():
            if channel.is_parked:
                said = {f"Parkee{name}": value for name, value in channel.said.items()}
                yield _event("ParkedCall", **said | {"ParkeeUniqueid": key})
        yield _event("ParkedCallsComplete")
        yield _event("DeviceStateListComplete")


def _event(name: str, **fields: str) -> bytes:
    lines = [f"Event: {name}", "ActionID: 1", *(f"{key}: {fields[key]}" for key in fields)]
    return "\r\n".join(lines).encode()
