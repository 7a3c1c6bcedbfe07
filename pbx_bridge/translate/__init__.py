"""From AMI to our words: the only place that knows how Asterisk calls its events and headers."""

from collections.abc import Callable

from pbx_bridge.events import Event
from pbx_bridge.translate import dials, legs, phones, talks
from pbx_bridge.translate.headers import Message

__all__ = ["INTERESTS", "Message", "translate"]

TABLE: dict[str, Callable[[Message], Event | None]] = {
    "Newchannel": legs.newchannel,
    "Newstate": legs.newstate,
    "NewCallerid": legs.newcallerid,
    "Hangup": legs.hangup,
    "Newexten": legs.newexten,
    "VarSet": legs.varset,
    "CoreShowChannel": legs.core_show_channel,
    "CoreShowChannelsComplete": legs.core_show_channels_complete,
    "BridgeListItem": legs.bridge_list_item,
    "DialBegin": dials.dial_begin,
    "DialEnd": dials.dial_end,
    "QueueCallerJoin": dials.queue_caller_join,
    "QueueCallerLeave": dials.queue_caller_leave,
    "QueueCallerAbandon": dials.queue_caller_abandon,
    "QueueEntry": dials.queue_entry,
    "QueueStatusComplete": dials.queue_status_complete,
    "AgentCalled": dials.agent_called,
    "AgentConnect": dials.agent_connect,
    "AgentRingNoAnswer": dials.agent_ring_no_answer,
    "AgentComplete": dials.agent_complete,
    "QueueMember": dials.queue_member,
    "QueueMemberAdded": dials.member_status,
    "QueueMemberPause": dials.member_status,
    "QueueMemberStatus": dials.member_status,
    "QueueMemberRemoved": dials.queue_member_removed,
    "BridgeEnter": talks.bridge_enter,
    "BridgeLeave": talks.bridge_leave,
    "BridgeMerge": talks.bridge_merge,
    "LocalBridge": talks.local_bridge,
    "LocalOptimizationBegin": talks.local_optimization_begin,
    "LocalOptimizationEnd": talks.local_optimization_end,
    "Hold": talks.hold,
    "Unhold": talks.unhold,
    "AttendedTransfer": talks.attended_transfer,
    "BlindTransfer": talks.blind_transfer,
    "ChanSpyStart": talks.chan_spy_start,
    "ChanSpyStop": talks.chan_spy_stop,
    "Pickup": talks.pickup,
    "ParkedCall": talks.parked_call,
    "UnParkedCall": talks.unparked_call,
    "ParkedCallTimeOut": talks.parked_call_timeout,
    "ParkedCallGiveUp": talks.parked_call_give_up,
    "MixMonitorMute": talks.mix_monitor_mute,
    "MixMonitorStart": talks.mix_monitor_start,
    "MixMonitorStop": talks.mix_monitor_stop,
    "DeviceStateChange": phones.device_state_change,
    "ExtensionStatus": phones.extension_status,
}
INTERESTS = frozenset(name.encode() for name in TABLE)


def translate(message: Message) -> Event | None:
    """Return what the message tells in our words, None where it concerns us not."""
    rule = TABLE.get(message.name)
    return rule(message) if rule else None
