"""From lines of queue_log to the tracker's own events.

Its times are whole seconds, so each line is put where CEL shows that it belongs: a caller enters a
queue before its first phone rings, an agent is connected as the bridge is entered.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from pbx_bridge import events
from pbx_bridge.books.channels import Channel
from pbx_bridge.books.ledgers import Ledger
from pbx_bridge.books.rows import QueueEntry
from pbx_bridge.tracker.visits import EXITS

_SECOND = timedelta(seconds=1)
_AT_ONCE = timedelta(milliseconds=50)
_SLACK = timedelta(milliseconds=300)
_EXITS = {
    "EXITWITHTIMEOUT": "TIMEOUT",
    "EXITEMPTY": "LEAVEEMPTY",
    "WITHDRAW": "WITHDRAW",
    "JOINEMPTY": "JOINEMPTY",
    "FULL": "FULL",
}
QUEUE = "Queue"
RESTARTED = "QUEUESTART"

Rule = Callable[[Ledger, Channel, QueueEntry], Iterator[events.Event]]


def of_entry(ledger: Ledger, entry: QueueEntry) -> Iterator[events.Event]:
    """Yield what a line tells, in our words."""
    if entry.event == RESTARTED and not ledger.lives_through(entry.at):
        yield events.PbxRestarted(at=entry.at)
    caller, rule = ledger.channel(entry.callid, entry.at), RULES.get(entry.event)
    if caller is not None and rule is not None:
        yield from rule(ledger, caller, entry)


def _joined(ledger: Ledger, caller: Channel, entry: QueueEntry) -> Iterator[events.Event]:
    called = (
        other.began.at
        for other in ledger.sharing(caller.began.linkedid)
        if other.is_of_queue and entry.at <= other.began.at < entry.at + _SECOND + _SLACK
    )
    before = (row.at for row in caller.rows if entry.at <= row.at < entry.at + _SECOND)
    at = (
        _ran(caller, "APP_START", entry)
        or min(called, default=None)
        or max(before, default=entry.at)
    )
    at = max(at, caller.began.at + timedelta.resolution)
    yield events.QueueJoined(at=at, leg=caller.view(), queue=entry.queue)


def _connected(ledger: Ledger, caller: Channel, entry: QueueEntry) -> Iterator[events.Event]:
    member = ledger.channel(entry.data[1], entry.at) if len(entry.data) > 1 else None
    if member is None:
        return
    yield events.AgentConnected(
        at=_within(entry.at, caller, "BRIDGE_ENTER"),
        leg=member.view(),
        caller=caller.view(),
        queue=entry.queue,
        interface=member.interface,
        member=entry.agent,
    )


def _refused(ledger: Ledger, caller: Channel, entry: QueueEntry) -> Iterator[events.Event]:
    member = ledger.ringing_until(caller, entry)
    if member is None or member.ended_at is None:
        return
    yield events.AgentRefused(
        at=member.ended_at,
        leg=member.view(),
        caller=caller.view(),
        queue=entry.queue,
        interface=member.interface,
        member=entry.agent,
    )


def _abandoned(_ledger: Ledger, caller: Channel, entry: QueueEntry) -> Iterator[events.Event]:
    at = _within(entry.at, caller, "HANGUP", "CHAN_END")
    yield events.QueueAbandoned(at=at, leg=caller.view(), queue=entry.queue)


def _left(ledger: Ledger, caller: Channel, entry: QueueEntry) -> Iterator[events.Event]:
    stops = (
        other.ended_at
        for other in ledger.sharing(caller.began.linkedid)
        if other.is_of_queue
        and other.began.at < entry.at
        and other.ended_at is not None
        and entry.at <= other.ended_at <= entry.at + _SECOND
    )
    at = (
        _ran(caller, "APP_END", entry)
        or max(stops, default=None)
        or _within(entry.at, caller, "HANGUP", "CHAN_END")
    )
    if (status := _EXITS.get(entry.event)) in EXITS:
        yield events.VariableSet(at=at, leg=caller.view(), variable="QUEUESTATUS", value=status)
    yield events.QueueLeft(at=at, leg=caller.view(), queue=entry.queue)


def _ran(caller: Channel, kind: str, entry: QueueEntry) -> datetime | None:
    """Return when the application began or ended, where CEL is told to say so."""
    found = (
        row.at
        for row in caller.rows
        if row.type == kind
        and row.application == QUEUE
        and row.data.partition(",")[0] == entry.queue
        and entry.at - _AT_ONCE <= row.at < entry.at + _SECOND + _SLACK
    )
    return next(found, None)


def _within(second: datetime, channel: Channel, *kinds: str) -> datetime:
    """Return when something happened to the channel in this second, else the second's begin."""
    found = (
        row.at
        for row in channel.rows
        if row.type in kinds and second - _SLACK <= row.at < second + _SECOND + _SLACK
    )
    return next(found, max(second, channel.began.at))


RULES: dict[str, Rule] = {
    "ENTERQUEUE": _joined,
    "CONNECT": _connected,
    "RINGNOANSWER": _refused,
    "ABANDON": _abandoned,
    "EXITWITHTIMEOUT": _left,
    "EXITEMPTY": _left,
    "EXITWITHKEY": _left,
    "WITHDRAW": _left,
    "JOINEMPTY": _left,
    "FULL": _left,
}
