"""What CEL says of each channel in all its rows: who dialled it, how it ended."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pbx_bridge.books.rows import Books, Cdr, Cel, QueueEntry
from pbx_bridge.events import LegView
from pbx_bridge.tracker.grouping import WIRES

OUTGOING = frozenset({"AppDial", "AppDial2", "AppQueue"})  # what a called channel seems to run
ORIGINATED = "AppDial2"
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
QUEUE_LEG = "AppQueue"
_LOCAL = "Local"
_SECOND = timedelta(seconds=1)  # in which queue_log's times are told
_MARGIN = timedelta(milliseconds=200)


@dataclass(slots=True, eq=False, kw_only=True)
class Channel:
    """A channel with all its rows; one that was up before the books begin has no CHAN_START."""

    uniqueid: str
    rows: list[Cel] = field(default_factory=list)

    @property
    def began(self) -> Cel:
        """Its first row."""
        return self.rows[0]

    @property
    def name(self) -> str:
        """PJSIP/101-00000002."""
        return self.began.channel

    @property
    def interface(self) -> str:
        """PJSIP/101."""
        return self.name.rpartition("-")[0] or self.name

    @property
    def is_local(self) -> bool:
        """Whether it is half of a Local channel."""
        return self.name.partition("/")[0] == _LOCAL

    @property
    def is_whole(self) -> bool:
        """Whether the books tell it from its begin."""
        return self.began.type == "CHAN_START"

    @property
    def answered_at(self) -> datetime | None:
        """When it was answered."""
        return self._when("ANSWER")

    @property
    def ended_at(self) -> datetime | None:
        """When it was gone, None while it is up."""
        return self._when("CHAN_END") or self._when("HANGUP")

    @property
    def applications(self) -> list[str]:
        """What it ran, as far as its rows show."""
        return [row.application for row in self.rows if row.application]

    @property
    def cause(self) -> int | None:
        """Why it was hung up (Q.850), None where the books do not say."""
        text = self._hung_up("hangupcause")
        return int(text) if text.isdigit() else None

    @property
    def dial_status(self) -> str:
        """How its last dial came out, "" where the books do not say."""
        return self._hung_up("dialstatus")

    @property
    def is_called(self) -> bool:
        """Whether the PBX called it; else it called the PBX, or is a wire inside it."""
        if self.name.partition("/")[0] in WIRES - {_LOCAL} or self.name.endswith(";2"):
            return False
        first = next(iter(self.applications), "")
        return self.began.uniqueid != self.began.linkedid or first in OUTGOING

    @property
    def is_of_itself(self) -> bool:
        """Whether the PBX made it for nobody: by an Originate."""
        return self.began.uniqueid == self.began.linkedid

    @property
    def is_of_queue(self) -> bool:
        """Whether a queue called it."""
        return self.is_called and QUEUE_LEG in self.applications

    def is_up(self, at: datetime) -> bool:
        """Whether it existed at this time."""
        ended_at = self.ended_at
        return self.began.at <= at and (ended_at is None or at < ended_at)

    def is_renamed(self, row: Cel) -> bool:
        """Whether its number or name is another in this row than in the one before."""
        before = self.rows[max(self.rows.index(row) - 1, 0)]
        return (before.number, before.name) != (row.number, row.name)

    def first_view(self) -> LegView:
        """Return the channel as it began; one that an Originate made gets its number at once."""
        is_originated = next(iter(self.applications), "") == ORIGINATED
        return self.view(self.rows[1] if is_originated and len(self.rows) > 1 else None)

    def view(self, row: Cel | None = None) -> LegView:
        """Return the channel as it is in this row of it."""
        row = row or self.began
        return LegView(
            uniqueid=row.uniqueid,
            linkedid=row.linkedid,
            channel=row.channel,
            number=row.number,
            name=row.name,
        )

    def _when(self, kind: str) -> datetime | None:
        return next((row.at for row in self.rows if row.type == kind), None)

    def _hung_up(self, key: str) -> str:
        return next((r.extra.get(key, "") for r in self.rows if r.type == "HANGUP"), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A caller's time in a queue, by queue_log."""

    queue: str
    began: datetime
    ended: datetime | None


class Channels:
    """All channels of some books, by uniqueid and by what they share."""

    def __init__(self, books: Books) -> None:
        self.by_uniqueid: dict[str, Channel] = {}
        self._by_linkedid: dict[str, dict[str, Channel]] = defaultdict(dict)
        self._by_name: dict[str, Channel] = {}
        self._cdrs_to: dict[str, list[Cdr]] = defaultdict(list)
        for row in ordered(books.cels):
            channel = self.by_uniqueid.get(row.uniqueid)
            if channel is None:
                channel = self.by_uniqueid[row.uniqueid] = Channel(uniqueid=row.uniqueid)
            channel.rows.append(row)
            self._by_linkedid[row.linkedid][row.uniqueid] = channel
            self._by_name[row.channel] = channel
        for cdr in books.cdrs:
            self._cdrs_to[cdr.dst_channel].append(cdr)
        self._refused: set[str] = set()
        self.visits = _visits(books.queue_log)

    def sharing(self, linkedid: str) -> Iterable[Channel]:
        """Return the channels that had this linkedid at some time."""
        return self._by_linkedid[linkedid].values()

    def named(self, name: str) -> Channel | None:
        """Return the channel of this name."""
        return self._by_name.get(name)

    def twin_of(self, channel: Channel) -> Channel | None:
        """Return the other half of a Local channel."""
        name, half, number = channel.name.rpartition(";")
        return self._by_name.get(f"{name};{'1' if number == '2' else '2'}") if half else None

    def cdrs_to(self, name: str) -> Sequence[Cdr]:
        """Return the rows of CDR about calls to a channel."""
        return self._cdrs_to.get(name, ())

    def ringing_until(self, caller: Channel, entry: QueueEntry) -> Channel | None:
        """Return the member's channel that rang in vain until a line of queue_log said so."""
        milliseconds = entry.data[0] if entry.data else ""
        rang = timedelta(milliseconds=int(milliseconds) if milliseconds.isdigit() else 0)
        found = [
            (abs(other.ended_at - other.began.at - rang), other.uniqueid, other)
            for other in self.sharing(caller.began.linkedid)
            if other.is_of_queue
            and other.answered_at is None
            and other.ended_at is not None
            and entry.at - _MARGIN <= other.ended_at <= entry.at + _SECOND + _MARGIN
            and other.uniqueid not in self._refused
        ]
        if not found:
            return None
        *_, nearest = min(found)
        self._refused.add(nearest.uniqueid)
        return nearest

    def queue_of(self, caller: Channel, at: datetime) -> str | None:
        """Return the queue in which the caller waits at this time."""
        found = None
        for visit in self.visits.get(caller.uniqueid, ()):
            until = visit.ended + _SECOND if visit.ended is not None else caller.ended_at
            if visit.began <= at and (until is None or at <= until + _MARGIN):
                found = visit.queue
        return found


def ordered(rows: Iterable[Cel]) -> list[Cel]:
    """Return rows in the order in which they happened, whatever their order in the book."""
    return sorted(rows, key=lambda row: (row.at, RANKS.get(row.type, _MIDDLE), row.uniqueid))


def _visits(log: Iterable[QueueEntry]) -> dict[str, list[Visit]]:
    visits: dict[str, list[Visit]] = defaultdict(list)
    for entry in log:
        own = visits[entry.callid]
        if entry.event == ENTERQUEUE:
            own.append(Visit(queue=entry.queue, began=entry.at, ended=None))
        elif own and own[-1].ended is None and entry.event in LEAVES:
            own[-1] = replace(own[-1], ended=entry.at)
    return visits
