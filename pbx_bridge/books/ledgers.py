"""All channels of some books with the queues they waited in: what is looked up across rows."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pbx_bridge.books.channels import Channel
from pbx_bridge.books.rows import Cdr, Cel, QueueEntry

ENTERQUEUE = "ENTERQUEUE"
LEAVES = frozenset(
    {"CONNECT", "ABANDON", "EXITWITHTIMEOUT", "EXITEMPTY", "EXITWITHKEY", "WITHDRAW"}
)
RANKS = {  # of what CEL stamps with the same time
    "CHAN_START": 0,
    "LOCAL_OPTIMIZE_BEGIN": 1,
    "ANSWER": 2,
    "PICKUP": 3,
    "BRIDGE_ENTER": 4,
    "BRIDGE_EXIT": 6,
    "HANGUP": 7,
    "CHAN_END": 8,
    "LINKEDID_END": 9,
}
_MIDDLE = 5
_LAST = frozenset({"CHAN_END", "LINKEDID_END"})
_SECOND = timedelta(seconds=1)  # in which queue_log's times are told
_MARGIN = timedelta(milliseconds=200)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A caller's time in a queue, by queue_log."""

    queue: str
    began: datetime
    ended: datetime | None


class Ledger:
    """All channels of some books, by uniqueid and by what they share."""

    def __init__(self, cels: Iterable[Cel], cdrs: Iterable[Cdr]) -> None:
        self.channels: list[Channel] = []
        self.entries: list[tuple[Channel, Cel]] = []  # in order of time
        self.visits: dict[str, list[Visit]] = {}
        self._by_uniqueid: dict[str, list[Channel]] = defaultdict(list)
        self._by_linkedid: dict[str, list[Channel]] = defaultdict(list)
        self._by_name: dict[str, list[Channel]] = defaultdict(list)  # used again after a restart
        self._cdrs_to: dict[str, list[Cdr]] = defaultdict(list)
        self._cdrs_of: dict[str, list[Cdr]] = defaultdict(list)
        self._refused: set[Channel] = set()
        for row in sorted(cels, key=_order):
            self._enter(row)
        for cdr in cdrs:
            self._cdrs_to[cdr.dst_channel].append(cdr)
            self._cdrs_of[cdr.channel].append(cdr)

    def enter_log(self, log: Iterable[QueueEntry]) -> None:
        """Take the lines of queue_log, or what is known in their stead."""
        visits: dict[str, list[Visit]] = defaultdict(list)
        for entry in log:
            own = visits[entry.callid]
            if entry.event == ENTERQUEUE:
                own.append(Visit(queue=entry.queue, began=entry.at, ended=None))
            elif own and own[-1].ended is None and entry.event in LEAVES:
                own[-1] = replace(own[-1], ended=entry.at)
        self.visits = visits

    def sharing(self, linkedid: str) -> Sequence[Channel]:
        """Return the channels that had this linkedid at some time."""
        return self._by_linkedid.get(linkedid, ())

    def channel(self, uniqueid: str, at: datetime) -> Channel | None:
        """Return the channel of this id; the nearest, where a clock that stepped back made two."""
        return _nearest(self._by_uniqueid.get(uniqueid, ()), at)

    def named(self, name: str, at: datetime) -> Channel | None:
        """Return the channel that had this name at this time, or the nearest to it."""
        return _nearest(self._by_name.get(name, ()), at)

    def twin_of(self, channel: Channel) -> Channel | None:
        """Return the other half of a Local channel."""
        name, half, number = channel.name.rpartition(";")
        twin = f"{name};{'1' if number == '2' else '2'}"
        return self.named(twin, channel.began.at) if half else None

    def lives_through(self, second: datetime) -> bool:
        """Tell whether a channel was up before this second and after it: no PBX began anew then."""
        return any(
            channel.began.at < second and channel.rows[-1].at > second + _SECOND
            for channel in self.channels
        )

    def cdrs_to(self, name: str) -> Sequence[Cdr]:
        """Return the rows of CDR about calls to a channel."""
        return self._cdrs_to.get(name, ())

    def cdrs_of(self, name: str) -> Sequence[Cdr]:
        """Return the rows of CDR about calls from a channel."""
        return self._cdrs_of.get(name, ())

    def ringing_until(self, caller: Channel, entry: QueueEntry) -> Channel | None:
        """Return the member's channel that rang in vain until a line of queue_log said so."""
        milliseconds = entry.data[0] if entry.data else ""
        rang = timedelta(milliseconds=int(milliseconds) if milliseconds.isdigit() else 0)
        found = [
            (abs(other.ended_at - other.began.at - rang), other)
            for other in self.sharing(caller.began.linkedid)
            if other.is_of_queue
            and other.answered_at is None
            and other.ended_at is not None
            and entry.at - _MARGIN <= other.ended_at <= entry.at + _SECOND + _MARGIN
            and other not in self._refused
        ]
        if not found:
            return None
        _, nearest = min(found, key=lambda pair: (pair[0], pair[1].uniqueid))
        self._refused.add(nearest)
        return nearest

    def queue_of(self, caller: Channel, at: datetime) -> str | None:
        """Return the queue in which the caller waits at this time."""
        found = None
        for visit in self.visits.get(caller.uniqueid, ()):
            until = visit.ended + _SECOND if visit.ended is not None else caller.ended_at
            if visit.began <= at and (until is None or at <= until + _MARGIN):
                found = visit.queue
        return found

    def _enter(self, row: Cel) -> None:
        same = self._by_uniqueid[row.uniqueid]
        if not same or (row.type == "CHAN_START" and same[-1].rows[-1].type in _LAST):
            same.append(Channel(uniqueid=row.uniqueid))
            self.channels.append(same[-1])
            self._by_name[row.channel].append(same[-1])
        channel = same[-1]
        channel.rows.append(row)
        self.entries.append((channel, row))
        sharing = self._by_linkedid[row.linkedid]
        if channel not in sharing:
            sharing.append(channel)


def _nearest(channels: Iterable[Channel], at: datetime) -> Channel | None:
    return min(channels, key=lambda channel: channel.away_from(at), default=None)


def _order(row: Cel) -> tuple[datetime, int, str]:
    """In what order rows happened, whatever their order in the book."""
    return row.at, RANKS.get(row.type, _MIDDLE), row.uniqueid
