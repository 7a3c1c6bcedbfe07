"""What one event of a PBX says, in a sentence that a supervisor understands; pure."""

from collections.abc import Callable, Mapping
from typing import Any

from pbx_bridge import events
from pbx_bridge.events import Event, LegView
from pbx_bridge.matching import Reason, msgid

Names = Callable[[LegView | None], str]
NOBODY = "\N{EN DASH}"

LEG_ENDS = {  # by the cause of the hang-up (Q.850)
    0: msgid("The channel of {who} is gone; the PBX gives no cause."),
    16: msgid("{who} hung up, or was hung up."),
    17: msgid("The PBX hung up {who}: it was busy."),
    18: msgid("The PBX hung up {who}: the phone did not respond."),
    19: msgid("The PBX hung up {who}: nobody answered."),
    21: msgid("The PBX hung up {who}: it refused the call."),
    26: msgid("The PBX hung up {who}: the call was answered elsewhere."),
}
LEG_GONE = msgid("The PBX hung up {who} (cause {cause}).")
DIAL_ENDS = {
    "ANSWER": msgid("{who} answered the call of {by}."),
    "NOANSWER": msgid("The PBX stopped calling {who}: nobody answered in time."),
    "BUSY": msgid("The PBX stopped calling {who}: it was busy."),
    "CANCEL": msgid("The PBX stopped calling {who} before anyone answered there."),
    "CHANUNAVAIL": msgid("The PBX stopped calling {who}: it could not be reached."),
    "CONGESTION": msgid("The PBX stopped calling {who}: the way there was congested."),
}
DIAL_OVER = msgid("The PBX stopped calling {who}: {status}.")
UNPARKED = {
    "retrieved": msgid("{by} took {who} out of the parking space."),
    "timeout": msgid("Nobody took {who} out of the parking space in time."),
    "abandoned": msgid("{who} hung up in the parking space."),
}
CALLS_IN = msgid("{who} calls the PBX and dials {exten}.")
ANSWERED = msgid("The channel of {who} was answered.")
CALLED_BY = msgid("{by} calls {who}.")
CALLED = msgid("The PBX calls {who}.")
WAITS_NOWHERE = msgid("{who} enters a bridge in which nobody talks.")

SENTENCES: Mapping[type[Event], str] = {
    events.LegBegan: msgid("The PBX made a channel for {who}."),
    events.LegChanged: msgid("The PBX told anew who {who} is, or what it does."),
    events.LegSeen: msgid("{who} is in the list of the channels that are up."),
    events.LegsListed: msgid("The list of channels is complete: what is not in it is gone."),
    events.QueuesListed: msgid("The list of those who wait is complete: nobody else does."),
    events.RoomSeen: msgid("A bridge is in the list of those that are there."),
    events.DialplanReached: msgid("{who} comes to {application} in the dialplan."),
    events.VariableSet: msgid("The queue says how it ended for {who}: {value}."),
    events.QueueJoined: msgid("{who} comes into the queue {queue}."),
    events.QueueListed: msgid("{who} is in the list of those who wait in {queue}."),
    events.QueueLeft: msgid("{who} leaves the queue {queue}; the PBX does not say why."),
    events.QueueAbandoned: msgid("The queue {queue} counts {who} as left without an agent."),
    events.AgentOffered: msgid("The queue {queue} calls its member {who}."),
    events.AgentConnected: msgid("The queue {queue} connects its caller with {who}."),
    events.AgentRefused: msgid("The queue {queue} says: its member {who} let it ring."),
    events.AgentCompleted: msgid("The queue {queue} follows the talk no longer: {reason}."),
    events.BridgeEntered: msgid("{who} enters a bridge, and hears whoever is in it."),
    events.BridgeLeft: msgid("{who} leaves its bridge."),
    events.BridgeMerged: msgid("Two bridges become one."),
    events.LocalBridged: msgid("Two halves of a Local channel: what enters one leaves the other."),
    events.LocalOptimising: msgid("The PBX begins to take a Local channel out of the way."),
    events.LocalOptimised: msgid("The PBX has taken a Local channel out of the way."),
    events.Held: msgid("{who} presses hold."),
    events.Unheld: msgid("{who} takes the call off hold."),
    events.LegsTied: msgid("A transfer ties channels together."),
    events.HandedOver: msgid("{who} transfers {given}."),
    events.Listened: msgid("{who} begins to listen in."),
    events.Unlistened: msgid("{who} stops listening in."),
    events.PickedUp: msgid("{who} picks up the call that rings at {target}."),
    events.Parked: msgid("{who} is put into a parking space."),
    events.ConsentTold: msgid("The dialplan says of the recording of {who}: {word}."),
    events.RecordingNamed: msgid("A recording of {who} gets its name."),
    events.RecordingStarted: msgid("The recording of {who} starts."),
    events.RecordingStopped: msgid("A recording of {who} stops."),
    events.RecordingMuted: msgid("The sound of {who} in recordings is switched."),
    events.DeviceChanged: msgid("The device {interface} is in another state: {state}."),
    events.ExtensionChanged: msgid("The extension {extension} is in another state: {state}."),
    events.MemberChanged: msgid("The queue {queue} tells how its member {interface} is now."),
    events.MemberRemoved: msgid("The queue {queue} has lost its member {interface}."),
    events.PhonesKnown: msgid("Other phones are ours from here on."),
    events.LinkLost: msgid("From here on nothing was heard of the PBX."),
    events.PbxKnown: msgid("From here on the PBX is heard."),
    events.PbxRestarted: msgid("The PBX was started anew: no channel of before is alive."),
}
OTHER = msgid("The PBX told something that has no sentence yet.")
HEARD_AGAIN = msgid("From here on the PBX is heard.")

JOINS: Mapping[type[Event], str] = {
    events.DialBegan: msgid("Two calls turn out to be one: one calls the other."),
    events.AgentOffered: msgid("Two calls turn out to be one: the queue calls for its caller."),
    events.AgentConnected: msgid("Two calls turn out to be one: the queue connects them."),
    events.BridgeEntered: msgid("Two calls turn out to be one: they share a bridge."),
    events.BridgeMerged: msgid("Two calls turn out to be one: their bridges become one."),
    events.LocalBridged: msgid("Two calls turn out to be one: a Local channel ties them."),
    events.LegsTied: msgid("Two calls turn out to be one: a transfer ties them."),
    events.HandedOver: msgid("Two calls turn out to be one: the one is transferred to the other."),
    events.PickedUp: msgid("Two calls turn out to be one: someone picked the ringing one up."),
    events.DialEnded: msgid("Two calls turn out to be one: the one answered the other."),
    events.Unparked: msgid("Two calls turn out to be one: the parked one was taken out."),
}
SAME_LINKEDID = msgid("Two calls turn out to be one: the PBX counts them to one linkedid.")


def said(event: Event | None, names: Names) -> Reason:
    """Say what an event tells; `names` calls a channel by its extension or number.

    Without an event it is the link that came up.
    """
    if event is None:
        return Reason(text=HEARD_AGAIN)
    text = _special(event) or SENTENCES.get(type(event), OTHER)
    params = _params(event, names)
    return Reason(text=text, params={k: v for k, v in params.items() if f"{{{k}}}" in text})


def joined_by(event: Event) -> Reason:
    """Say by what two calls turned out to be one."""
    return Reason(text=JOINS.get(type(event), SAME_LINKEDID))


def _special(event: Event) -> str | None:
    """The sentence where the kind of event alone does not say enough."""
    text: str | None = None
    match event:
        case events.LegBegan(calls=True):
            text = CALLS_IN
        case events.LegChanged(up=True):
            text = ANSWERED
        case events.LegEnded(cause=cause):
            text = LEG_ENDS.get(cause or 0, LEG_GONE)
        case events.DialBegan(dialler=None):
            text = CALLED
        case events.DialBegan():
            text = CALLED_BY
        case events.DialEnded(status=status):
            text = DIAL_ENDS.get(status, DIAL_OVER)
        case events.Unparked(why=why):
            text = UNPARKED.get(why, UNPARKED["retrieved"])
        case events.BridgeEntered(holding=True):
            text = WAITS_NOWHERE
    return text


def _params(event: Event, names: Names) -> dict[str, str]:
    """Everything that a sentence may want to name."""
    who = getattr(event, "leg", None)
    by = getattr(event, "dialler", None) or getattr(event, "retriever", None)
    target = event.target if isinstance(event, events.PickedUp) else None
    given = event.given if isinstance(event, events.HandedOver) else None
    legs = {"who": who, "by": by, "target": target, "given": given}
    params = {key: names(view) for key, view in legs.items()}
    for key in ("exten", "application", "value", "queue", "reason", "status", "cause", "interface",
                "state", "extension"):  # fmt: skip
        value: Any = getattr(event, key, None)
        params[key] = NOBODY if value in (None, "") else str(value)
    return params
