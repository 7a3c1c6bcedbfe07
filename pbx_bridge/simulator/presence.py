"""Which channels are up, as their events told: what the simulated PBX lists when it is asked."""

from dataclasses import dataclass

from pbx_bridge.simulator.channels import Headers

SHOWN = {"Newchannel", "Newstate", "BridgeEnter", "BridgeLeave"}


@dataclass(slots=True)
class _Up:
    """A channel as it stood in its last event."""

    since: float
    headers: Headers
    bridge: str = ""


class Presence:
    """Follows the events of one PBX."""

    def __init__(self) -> None:
        self._up: dict[str, _Up] = {}

    def follow(self, event: Headers, at: float) -> None:
        """Take an event that is told now."""
        told = dict(event)
        name, key = told["Event"], told.get("Uniqueid", "")
        if name == "Hangup":
            self._up.pop(key, None)
        elif name in SHOWN:
            up = self._up.setdefault(key, _Up(at, ()))
            up.headers = tuple((k, v) for k, v in event[2:] if not k.startswith("Bridge"))
            if name == "BridgeEnter":
                up.bridge = told["BridgeUniqueid"]
            elif name == "BridgeLeave":
                up.bridge = ""

    def listed(self, now: float) -> list[Headers]:
        """Return one CoreShowChannel for each channel."""
        return [
            (
                ("Event", "CoreShowChannel"),
                *up.headers,
                ("BridgeId", up.bridge),
                ("Duration", _duration(now - up.since)),
            )
            for up in self._up.values()
        ]


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest:02}"
