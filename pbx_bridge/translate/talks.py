"""AMI's bridge, transfer, parking and recording events."""

from pbx_bridge import events
from pbx_bridge.events.talks import BOTH_WAYS
from pbx_bridge.translate.headers import HOLDING, Message, view, view_if_any

SUCCESS = "Success"
THREEWAY = "Threeway"
TRANSFER_PARTIES = ("OrigTransferer", "SecondTransferer", "Transferee", "TransferTarget")


def bridge_enter(message: Message) -> events.BridgeEntered:
    """A channel entered a bridge."""
    return events.BridgeEntered(
        at=message.at,
        leg=view(message),
        bridge=message.get("BridgeUniqueid"),
        holding=message.get("BridgeTechnology") == HOLDING,
        swap=message.get("SwapUniqueid"),
    )


def bridge_leave(message: Message) -> events.BridgeLeft | None:
    """A channel left a bridge where one can talk."""
    if message.get("BridgeTechnology") == HOLDING:
        return None
    return events.BridgeLeft(at=message.at, leg=view(message), bridge=message.get("BridgeUniqueid"))


def bridge_merge(message: Message) -> events.BridgeMerged:
    """Two bridges become one."""
    return events.BridgeMerged(
        at=message.at,
        source=message.get("FromBridgeUniqueid"),
        target=message.get("ToBridgeUniqueid"),
    )


def local_bridge(message: Message) -> events.LocalBridged:
    """The halves of a Local channel."""
    return events.LocalBridged(
        at=message.at, one=view(message, "LocalOne"), two=view(message, "LocalTwo")
    )


def local_optimization_begin(message: Message) -> events.LocalOptimising:
    """A Local channel is being taken out."""
    return events.LocalOptimising(
        at=message.at, one=view(message, "LocalOne"), two=view(message, "LocalTwo")
    )


def local_optimization_end(message: Message) -> events.LocalOptimised:
    """A Local channel is out."""
    return events.LocalOptimised(
        at=message.at, one=view(message, "LocalOne"), two=view(message, "LocalTwo")
    )


def hold(message: Message) -> events.Held:
    """A phone put the other side on hold."""
    return events.Held(at=message.at, leg=view(message))


def unhold(message: Message) -> events.Unheld:
    """A phone talks again."""
    return events.Unheld(at=message.at, leg=view(message))


def attended_transfer(message: Message) -> events.Event | None:
    """A transfer after a consultation; a failed one ties nothing, with three nobody is given."""
    if message.get("Result") != SUCCESS:
        return None
    legs = (view_if_any(message, prefix) for prefix in TRANSFER_PARTIES)
    known = tuple(leg for leg in legs if leg is not None)
    if message.get("DestType") == THREEWAY or not message.get("OrigTransfererUniqueid"):
        return events.LegsTied(at=message.at, legs=known)
    return events.HandedOver(
        at=message.at,
        leg=view(message, "OrigTransferer"),
        given=view_if_any(message, "Transferee"),
        others=known,
    )


def blind_transfer(message: Message) -> events.HandedOver | None:
    """A transfer without one."""
    if message.get("Result") != SUCCESS or not message.get("TransfererUniqueid"):
        return None
    return events.HandedOver(
        at=message.at,
        leg=view(message, "Transferer"),
        given=view_if_any(message, "Transferee"),
    )


def chan_spy_start(message: Message) -> events.Listened:
    """Somebody begins to listen."""
    return events.Listened(
        at=message.at, leg=view(message, "Spyer"), to=view_if_any(message, "Spyee")
    )


def chan_spy_stop(message: Message) -> events.Unlistened:
    """Somebody stops listening."""
    return events.Unlistened(at=message.at, leg=view(message, "Spyer"))


def pickup(message: Message) -> events.PickedUp:
    """A phone took a call that rang at another."""
    return events.PickedUp(at=message.at, leg=view(message), target=view(message, "Target"))


def parked_call(message: Message) -> events.Parked:
    """A channel waits in a parking space."""
    return events.Parked(at=message.at, leg=view(message, "Parkee"))


def unparked_call(message: Message) -> events.Unparked:
    """Somebody took the parked channel."""
    return events.Unparked(
        at=message.at,
        leg=view(message, "Parkee"),
        retriever=view_if_any(message, "Retriever"),
        why="retrieved",
    )


def parked_call_timeout(message: Message) -> events.Unparked:
    """Nobody took the parked channel in time."""
    return events.Unparked(at=message.at, leg=view(message, "Parkee"), why="timeout")


def parked_call_give_up(message: Message) -> events.Unparked:
    """The parked channel hung up."""
    return events.Unparked(at=message.at, leg=view(message, "Parkee"), why="abandoned")


def mix_monitor_start(message: Message) -> events.RecordingStarted:
    """A recording runs."""
    return events.RecordingStarted(at=message.at, leg=view(message))


def mix_monitor_stop(message: Message) -> events.RecordingStopped:
    """A recording ended."""
    return events.RecordingStopped(at=message.at, leg=view(message))


def mix_monitor_mute(message: Message) -> events.RecordingMuted | None:
    """The recordings of a channel hold silence from now on, or sound again."""
    direction = message.get("Direction")
    ways = BOTH_WAYS if direction == "both" else BOTH_WAYS & {direction}
    if not ways:
        return None
    muted = message.get("State") == "1"
    return events.RecordingMuted(at=message.at, leg=view(message), ways=ways, muted=muted)
