"""AMI's dial and queue events."""

from datetime import UTC, datetime
from typing import TypeVar

from pbx_bridge import events
from pbx_bridge.translate.headers import (
    Message,
    device_state,
    dialled_number,
    unescaped,
    view,
    view_if_any,
    whole,
)

AgentEventT = TypeVar("AgentEventT", bound=events.AgentEvent)
_FAR = 1 << 33  # seconds since 1970: beyond any clock


def dial_begin(message: Message) -> events.DialBegan:
    """A channel is called."""
    return events.DialBegan(
        at=message.at,
        leg=view(message, "Dest"),
        dialler=view_if_any(message, ""),
        dialled=dialled_number(message.get("DialString")),
    )


def dial_end(message: Message) -> events.DialEnded:
    """A channel is called no longer."""
    return events.DialEnded(
        at=message.at,
        leg=view(message, "Dest"),
        dialler=view_if_any(message, ""),
        status=message.get("DialStatus"),
    )


def queue_caller_join(message: Message) -> events.QueueJoined:
    """A caller begins to wait."""
    return events.QueueJoined(
        at=message.at,
        leg=view(message),
        queue=message.get("Queue"),
        position=whole(message.get("Position")),
    )


def queue_entry(message: Message) -> events.QueueListed:
    """A line of the list of callers."""
    return events.QueueListed(
        at=message.at,
        leg=view(message),
        queue=message.get("Queue"),
        position=whole(message.get("Position")),
        seconds=whole(message.get("Wait")),
    )


def queue_status_complete(message: Message) -> events.QueuesListed:
    """The list of queues, members and callers is complete."""
    return events.QueuesListed(at=message.at)


def queue_caller_leave(message: Message) -> events.QueueLeft:
    """A caller waits no longer."""
    return events.QueueLeft(at=message.at, leg=view(message), queue=message.get("Queue"))


def queue_caller_abandon(message: Message) -> events.QueueAbandoned:
    """A caller got no agent."""
    return events.QueueAbandoned(at=message.at, leg=view(message), queue=message.get("Queue"))


def agent_called(message: Message) -> events.AgentOffered:
    """A queue calls a member."""
    return _agent(message, events.AgentOffered)


def agent_connect(message: Message) -> events.AgentConnected:
    """A queue connects its caller."""
    return _agent(message, events.AgentConnected)


def agent_ring_no_answer(message: Message) -> events.AgentRefused:
    """A member let it ring."""
    return _agent(message, events.AgentRefused)


def agent_complete(message: Message) -> events.AgentCompleted:
    """A queue follows a conversation no longer."""
    return events.AgentCompleted(
        at=message.at,
        leg=view(message, "Dest"),
        caller=view(message),
        queue=message.get("Queue"),
        interface=message.get("Interface"),
        member=unescaped(message.get("MemberName")),
        reason=message.get("Reason"),
    )


def member_status(message: Message) -> events.MemberChanged:
    """A member of a queue as it is now (QueueMemberStatus, QueueMemberAdded, …Pause)."""
    return _member(message, name="MemberName", interface="Interface")


def queue_member(message: Message) -> events.MemberChanged:
    """A line of the list of members, with headers of its own."""
    return _member(message, name="Name", interface="Location")


def queue_member_removed(message: Message) -> events.MemberRemoved:
    """A member left a queue."""
    return events.MemberRemoved(
        at=message.at, queue=message.get("Queue"), interface=message.get("Interface")
    )


def _agent(message: Message, kind: type[AgentEventT]) -> AgentEventT:
    return kind(
        at=message.at,
        leg=view(message, "Dest"),
        caller=view(message),
        queue=message.get("Queue"),
        interface=message.get("Interface"),
        member=unescaped(message.get("MemberName")),
    )


def _member(message: Message, *, name: str, interface: str) -> events.MemberChanged:
    return events.MemberChanged(
        at=message.at,
        queue=message.get("Queue"),
        interface=message.get(interface),
        name=unescaped(message.get(name)),
        device=message.get("StateInterface") or message.get(interface),
        state=device_state(message.get("Status")),
        paused=message.get("Paused") == "1",
        reason=unescaped(message.get("PausedReason") or message.get("Reason")),
        calls_taken=whole(message.get("CallsTaken")),
        membership=message.get("Membership"),
        paused_at=_second(message.get("LastPause")),
        last_call_at=_second(message.get("LastCall")),
        wrap_up_seconds=whole(message.get("Wrapuptime")),
    )


def _second(text: str) -> datetime | None:
    """Return a moment that is told in seconds since 1970, None for never."""
    seconds = whole(text)
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < _FAR else None
