"""What we ask of Asterisk; every value is checked against the shape of its kind first."""

from collections.abc import Mapping
from typing import Protocol

from pbx_bridge.ami import Message, ProbeResult, Value, probe
from pbx_bridge.ami.probes import commands_of
from pbx_bridge.ami.shapes import caller_id as written_caller_id
from pbx_bridge.ami.shapes import shaped

__all__ = [
    "Asker",
    "ProbeResult",
    "bridge_list",
    "channel_statuses",
    "core_show_channels",
    "device_states",
    "hangup",
    "list_commands",
    "originate",
    "parked_calls",
    "probe",
    "queue_pause",
    "queue_status",
    "queue_summaries",
    "redirect",
    "set_variable",
    "user_event",
]

_RING_SECONDS = 30
_NORMAL_CLEARING = 16


class Asker(Protocol):
    """What can be asked: a Link."""

    async def ask(self, action: Mapping[str, Value], /) -> Message: ...

    async def ask_list(self, action: Mapping[str, Value], /) -> list[Message]: ...


async def originate(
    link: Asker,
    *,
    channel: str,
    exten: str,
    context: str,
    caller_id: str,
    channel_id: str,
    variables: Mapping[str, str] | None = None,
    caller_name: str = "",
    headers: Mapping[str, str] | None = None,
    ring_seconds: int = _RING_SECONDS,
) -> Message:
    """Ring `channel`, then send it to `exten` in `context`; answered once it is queued.

    `channel_id` becomes the Uniqueid of the new leg: after OutcomeUnknown look for it on the PBX.
    `headers` go to a PJSIP phone with its INVITE.
    """
    action: dict[str, Value] = {
        "Action": "Originate",
        "Channel": shaped("device", channel),
        "Context": shaped("context", context),
        "Exten": shaped("extension", exten),
        "Priority": 1,
        "Timeout": ring_seconds * 1000,
        "CallerID": written_caller_id(caller_id, caller_name),
        "ChannelId": shaped("channel id", channel_id),
        "Async": "true",
    }
    lines = [
        f"{shaped('variable name', name)}={shaped('variable value', value)}"
        for name, value in (variables or {}).items()
    ]
    if headers and channel.startswith("PJSIP/"):  # no other technology knows this function
        lines += [
            f"PJSIP_HEADER(add,{shaped('header', name)})={shaped('variable value', value)}"
            for name, value in headers.items()
        ]
    if lines:
        action["Variable"] = lines
    return await link.ask(action)


async def hangup(link: Asker, *, channel: str, cause: int = _NORMAL_CLEARING) -> None:
    """End one channel."""
    await link.ask({"Action": "Hangup", "Channel": shaped("channel", channel), "Cause": cause})


async def redirect(link: Asker, *, channel: str, exten: str, context: str) -> None:
    """Send a channel to another place in the dialplan."""
    await link.ask(
        {
            "Action": "Redirect",
            "Channel": shaped("channel", channel),
            "Context": shaped("context", context),
            "Exten": shaped("extension", exten),
            "Priority": 1,
        }
    )


async def queue_pause(
    link: Asker, *, interface: str, paused: bool, queue: str | None = None, reason: str = ""
) -> None:
    """Pause a member, or let it ring again; in all its queues when none is named."""
    action: dict[str, Value] = {
        "Action": "QueuePause",
        "Interface": shaped("device", interface),
        "Paused": "true" if paused else "false",
    }
    if queue is not None:
        action["Queue"] = shaped("queue", queue)
    if reason:
        action["Reason"] = shaped("reason", reason)
    await link.ask(action)


async def core_show_channels(link: Asker) -> list[Message]:
    """The channels that live now, one CoreShowChannel each."""
    return await link.ask_list({"Action": "CoreShowChannels"})


async def channel_statuses(link: Asker) -> list[Message]:
    """The channels that live now, one Status each, which the tracker does not read."""
    return await link.ask_list({"Action": "Status"})


async def bridge_list(link: Asker) -> list[Message]:
    """The bridges that there are now, one BridgeListItem each."""
    return await link.ask_list({"Action": "BridgeList"})


async def parked_calls(link: Asker) -> list[Message]:
    """Who waits in a parking space, one ParkedCall each."""
    return await link.ask_list({"Action": "ParkedCalls"})


async def queue_status(link: Asker, *, queue: str | None = None) -> list[Message]:
    """QueueParams, QueueMember and QueueEntry of each queue, or of one."""
    chosen: dict[str, Value] = {} if queue is None else {"Queue": shaped("queue", queue)}
    return await link.ask_list({"Action": "QueueStatus", **chosen})


async def queue_summaries(link: Asker) -> list[Message]:
    """How many wait in each queue, one QueueSummary each, which the tracker does not read."""
    return await link.ask_list({"Action": "QueueSummary"})


async def device_states(link: Asker) -> list[Message]:
    """The state of every device, one DeviceStateChange each."""
    return await link.ask_list({"Action": "DeviceStateList"})


async def list_commands(link: Asker) -> dict[str, frozenset[str]]:
    """The actions that our account may send, each with the write classes that allow it."""
    return commands_of(await link.ask({"Action": "ListCommands"}))


async def set_variable(link: Asker, *, name: str, value: str) -> None:
    """Set a global variable; VarSet comes back when the account reads the class dialplan."""
    await link.ask(
        {
            "Action": "Setvar",
            "Variable": shaped("variable name", name),
            "Value": shaped("variable value", value),
        }
    )


async def user_event(link: Asker, *, name: str, headers: Mapping[str, str]) -> None:
    """Raise a UserEvent; it comes back when the account reads the class user."""
    said = {
        shaped("header", key): shaped("variable value", value) for key, value in headers.items()
    }
    await link.ask({"Action": "UserEvent", "UserEvent": shaped("variable name", name), **said})
