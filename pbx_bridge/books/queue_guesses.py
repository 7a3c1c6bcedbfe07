"""What queue_log would say, where there is none: as far as the rows of the caller show it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from pbx_bridge.books.channels import Channel
from pbx_bridge.books.ledgers import ENTERQUEUE, Ledger
from pbx_bridge.books.queue_events import QUEUE
from pbx_bridge.books.rows import QueueEntry

_SAME_MOMENT = timedelta(milliseconds=500)


def entries(ledger: Ledger, logged: set[str]) -> list[QueueEntry]:
    """Return lines for callers of whom queue_log says nothing."""
    found = [
        entry
        for channel in ledger.channels
        if channel.uniqueid not in logged and not channel.is_called
        for entry in _of_caller(ledger, channel)
    ]
    return sorted(found, key=lambda entry: entry.at)


def _of_caller(ledger: Ledger, caller: Channel) -> Iterator[QueueEntry]:
    for queue, at in _entered(ledger, caller):
        yield _entry(caller, queue, ENTERQUEUE, at=at)
        yield from _way_out(ledger, caller, queue, at)


def _entered(ledger: Ledger, caller: Channel) -> Iterator[tuple[str, datetime]]:
    """Yield which queues the caller entered, and when its first phone there rang at the latest."""
    starts = [row for row in caller.rows if row.type == "APP_START" and row.application == QUEUE]
    for row in starts:
        yield _name(row.data), row.at
    sharing = ledger.sharing(caller.began.linkedid)
    called = min((one.began.at for one in sharing if one.is_of_queue), default=None)
    if starts or called is None:
        return
    shown = [row.data for row in caller.rows if row.application == QUEUE]
    shown += [row.last_data for row in ledger.cdrs_of(caller.name) if row.last_app == QUEUE]
    if shown:
        yield _name(shown[0]), called


def _way_out(
    ledger: Ledger, caller: Channel, queue: str, entered: datetime
) -> Iterator[QueueEntry]:
    for row in caller.rows:
        if row.at < entered or row.application not in {QUEUE, ""}:
            continue
        if row.type == "BRIDGE_ENTER":
            member = ledger.named(row.peer.partition(",")[0], row.at)
            uniqueid = member.uniqueid if member is not None else ""
            yield _entry(caller, queue, "CONNECT", "0", uniqueid, at=row.at)
            return
        if row.type in {"APP_END", "HANGUP"}:
            ended_at = caller.ended_at
            is_last = ended_at is not None and ended_at - row.at <= _SAME_MOMENT
            event = "ABANDON" if is_last and caller.gave_up else "EXITWITHTIMEOUT"
            yield _entry(caller, queue, event, at=row.at)
            return


def _name(data: str) -> str:
    return data.partition(",")[0]


def _entry(caller: Channel, queue: str, event: str, *data: str, at: datetime) -> QueueEntry:
    return QueueEntry(at=at, callid=caller.uniqueid, queue=queue, agent="", event=event, data=data)
