"""AMI's device and extension events."""

import re

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


_ASKED = re.compile(rb"\r\nActionID: ([^\r\n]*)")  # a line of a list that we asked for


def device_state_change(message: Message) -> events.DeviceChanged:
    """A device is in another state."""
    return events.DeviceChanged(
        at=message.at,
        interface=message.get("Device"),
        state=message.get("State"),
        listed=message.cut(_ASKED) is not None,
    )


def extension_status(message: Message) -> events.ExtensionChanged:
    """An extension with a hint is in another state."""
    return events.ExtensionChanged(
        at=message.at,
        extension=message.get("Exten"),
        state=EXTENSION_STATES.get(message.get("Status"), "UNKNOWN"),
    )
