"""AMI's channel and dialplan events."""

from pbx_bridge import events
from pbx_bridge.translate.headers import (
    HOLDING,
    STATE_RING,
    STATE_UP,
    STATES_CALLED,
    Message,
    unescaped,
    view,
    whole,
)

QUEUE_STATUS = "QUEUESTATUS"
RECORDING = "MIXMONITOR_FILENAME"
CONSENT = "RINGBOOK_CONSENT"  # set by whoever writes the dialplan
CONSENTS = {"announced", "refused", "unknown"}
PARKING = frozenset({"Park", "ParkAndAnnounce", "ParkedCall"})  # in a bridge where nobody talks


def newchannel(message: Message) -> events.LegBegan:
    """A channel was made."""
    return events.LegBegan(
        at=message.at,
        leg=view(message),
        exten=message.get("Exten"),
        calls=message.get("ChannelState") == STATE_RING,
        up=message.get("ChannelState") == STATE_UP,
    )


def newstate(message: Message) -> events.LegChanged:
    """A channel rings, or is answered."""
    return events.LegChanged(
        at=message.at, leg=view(message), up=message.get("ChannelState") == STATE_UP
    )


def newcallerid(message: Message) -> events.LegChanged:
    """A channel has another caller number; a prohibited one is withheld from us too."""
    leg = view(message)
    if "Prohibited" in message.get("CID-CallingPres"):
        leg = events.LegView(uniqueid=leg.uniqueid, linkedid=leg.linkedid, channel=leg.channel)
    return events.LegChanged(at=message.at, leg=leg)


def hangup(message: Message) -> events.LegEnded:
    """A channel is gone."""
    cause = message.get("Cause")
    return events.LegEnded(
        at=message.at, leg=view(message), cause=whole(cause) if cause.isdigit() else None
    )


def newexten(message: Message) -> events.DialplanReached:
    """A channel runs an application."""
    return events.DialplanReached(
        at=message.at,
        leg=view(message),
        exten=message.get("Extension") or message.get("Exten"),
        application=message.get("Application"),
    )


def varset(message: Message) -> events.Event | None:
    """A channel variable was set; three of them concern us."""
    variable = message.get("Variable")
    if variable == QUEUE_STATUS and (value := message.get("Value")):
        return events.VariableSet(at=message.at, leg=view(message), variable=variable, value=value)
    if variable == RECORDING and (path := message.get("Value")):
        return events.RecordingNamed(at=message.at, leg=view(message), path=unescaped(path))
    if variable == CONSENT and (word := message.get("Value").strip().lower()) in CONSENTS:
        return events.ConsentTold(at=message.at, leg=view(message), word=word)
    return None


def core_show_channel(message: Message) -> events.LegSeen:
    """A line of the list of channels."""
    return events.LegSeen(
        at=message.at,
        leg=view(message),
        seconds=whole(message.get("Duration")),
        exten=message.get("Exten"),
        up=message.get("ChannelState") == STATE_UP,
        ringing=message.get("ChannelState") in STATES_CALLED,
        bridge="" if message.get("Application") in PARKING else message.get("BridgeId"),
        application=message.get("Application"),
        parks=message.get("Application") in PARKING,
    )


def bridge_list_item(message: Message) -> events.RoomSeen:
    """A line of the list of bridges."""
    return events.RoomSeen(
        at=message.at,
        bridge=message.get("BridgeUniqueid"),
        holding=message.get("BridgeTechnology") == HOLDING,
    )


def core_show_channels_complete(message: Message) -> events.LegsListed:
    """The list of channels is complete."""
    return events.LegsListed(at=message.at)
