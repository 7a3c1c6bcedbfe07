"""What each phone of ours does now: its legs say it, and its device where it has none."""

from collections.abc import Mapping
from datetime import datetime

from pbx_bridge.changes import PhoneChanged, PhoneState
from pbx_bridge.tracker.stories import LiveLeg

OF_DEVICE = {
    "NOT_INUSE": PhoneState.IDLE,
    "UNKNOWN": PhoneState.IDLE,
    "INUSE": PhoneState.TALKING,
    "BUSY": PhoneState.TALKING,
    "RINGINUSE": PhoneState.TALKING,
    "RINGING": PhoneState.RINGING,
    "ONHOLD": PhoneState.TALKING,  # the other side holds; a hold of ours is seen on the leg
    "UNAVAILABLE": PhoneState.UNAVAILABLE,
    "INVALID": PhoneState.UNAVAILABLE,
}
BUSIEST = (PhoneState.TALKING, PhoneState.RINGING, PhoneState.IDLE, PhoneState.UNAVAILABLE)


class Phones:
    """Our phones, their live legs and their states."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self.know(known)
        self._legs: dict[str, dict[str, LiveLeg]] = {}
        self._devices: dict[str, dict[str, PhoneState]] = {}
        self._told: dict[str, PhoneState] = {}
        self._touched: dict[str, None] = {}

    def know(self, known: Mapping[str, str]) -> None:
        """Take what is known of our phones (interface → extension) for legs to come."""
        self._known = dict(known)
        self.extensions = frozenset(known.values())

    def extension_of(self, interface: str) -> str | None:
        """Return the extension of a phone of ours, or None."""
        return self._known.get(interface)

    def add(self, live: LiveLeg) -> None:
        """Count a new leg of a phone."""
        if live.extension is not None:
            self._legs.setdefault(live.extension, {})[live.uniqueid] = live

    def legs_of(self, extension: str | None) -> list[LiveLeg]:
        """Return the legs of a phone that are alive."""
        return list(self._legs.get(extension, {}).values()) if extension else []

    def remove(self, live: LiveLeg) -> None:
        """A leg of a phone is gone."""
        if live.extension is not None:
            self._legs.get(live.extension, {}).pop(live.uniqueid, None)
            self.touch(live)

    def touch(self, live: LiveLeg) -> None:
        """A leg of a phone does something else now."""
        if live.extension is not None:
            self._touched[live.extension] = None

    def hear(self, extension: str | None, device: str, state: str) -> None:
        """A device of a phone told its state; those that are none of ours are passed over."""
        known = OF_DEVICE.get(state)
        if known is None or extension is None or extension not in self.extensions:
            return
        self._devices.setdefault(extension, {})[device] = known
        self._touched[extension] = None

    def forget_devices(self) -> None:
        """What the devices told is no longer known to be true."""
        self._touched |= dict.fromkeys(self._devices)
        self._devices.clear()

    def changes(self, at: datetime) -> list[PhoneChanged]:
        """Return the phones whose state is not what was last told."""
        if not self._touched:
            return []
        changes = []
        for extension in self._touched:
            state = self.state_of(extension)
            if state is not self._told.get(extension):
                self._told[extension] = state
                changes.append(PhoneChanged(extension, state, at))
        self._touched.clear()
        return changes

    def state_of(self, extension: str) -> PhoneState:
        """Return what a phone does now; one that we heard nothing of is idle."""
        legs = [live for live in self._legs.get(extension, {}).values() if _does_something(live)]
        if not legs:
            devices = self._devices.get(extension, {}).values()
            return min(devices, key=BUSIEST.index, default=PhoneState.IDLE)
        if any(live.bridge and not live.hold for live in legs):
            return PhoneState.TALKING
        if any(live.hold for live in legs):
            return PhoneState.ON_HOLD
        if all(live.was_dialled and not live.is_up for live in legs):
            return PhoneState.RINGING
        return PhoneState.TALKING


def _does_something(live: LiveLeg) -> bool:
    """A channel that was only made is not yet called."""
    return live.is_calling or live.was_dialled or live.is_up or live.bridge is not None
