"""AMI's device and extension events."""

from pbx_bridge import events
from pbx_bridge.translate.headers import Message

EXTENSION_STATES = {  # by the bits of ExtensionStatus
    "-1": "INVALID",
    "0": "NOT_INUSE",
    "1": "INUSE",
    "2": "BUSY",
    "4": "UNAVAILABLE",
    "8": "RINGING",
    "9": "RINGINUSE",
    "16": "ONHOLD",
    "17": "ONHOLD",
}


def device_state_change(message: Message) -> events.DeviceChanged:
    """A device is in another state."""
    return events.DeviceChanged(
        at=message.at,
        interface=message.get("Device"),
        state=message.get("State"),
    )


def extension_status(message: Message) -> events.ExtensionChanged:
    """An extension with a hint is in another state."""
    return events.ExtensionChanged(
        at=message.at,
        extension=message.get("Exten"),
        state=EXTENSION_STATES.get(message.get("Status"), "UNKNOWN"),
    )
