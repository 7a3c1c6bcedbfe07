"""From rows of CDR to what CEL would say of them, where there is no CEL.

A row of CDR is a pair of channels, with whole seconds, and says little: two of them that share
sound, or one that rang. It does not say when a queue's member answered (queue_log does), nor who
hung up. The uniqueid of a channel that only ever was called is in no row: it goes by its name.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from pbx_bridge.asterisk import LISTEN
from pbx_bridge.books.channels import OUTGOING, QUEUE_LEG
from pbx_bridge.books.rows import Cdr, Cel, QueueEntry
from pbx_bridge.tracker.legs import ALONE

ANSWERED = "ANSWERED"
_QUEUE = "Queue"
_CAUSES = {"BUSY": "17", "FAILED": "21", "CONGESTION": "34"}  # Q.850
_ALONE = frozenset({*ALONE, "ChanSpy"})
_APART = timedelta(seconds=5)  # a name that is used again after this is another channel's
_SECOND = timedelta(seconds=1)


def as_cel(cdrs: Iterable[Cdr], log: Iterable[QueueEntry]) -> list[Cel]:
    """Return rows of CEL that say what these rows of CDR say."""
    parts = _Parts([entry for entry in log if entry.event == "CONNECT"])
    for row in sorted(cdrs, key=lambda row: (row.start, row.end, row.sequence)):
        parts.take(row)
    return [cel for part in parts.all for cel in part.cels()]


@dataclass(slots=True, eq=False, kw_only=True)
class _Part:
    """A channel, by all the rows that name it."""

    name: str
    rows: list[Cdr] = field(default_factory=list)
    talks: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)  # by bridge
    uniqueid: str = ""

    @property
    def first(self) -> Cdr:
        """The row in which it began."""
        return min(self.rows, key=lambda row: (row.start, row.channel == self.name))

    @property
    def ended(self) -> datetime:
        """When the last row of it ends."""
        return max(row.end for row in self.rows)

    @property
    def is_calling(self) -> bool:
        """Whether it called the PBX; else it was called."""
        return self.first.channel == self.name and self.first.last_app not in OUTGOING

    def overlapping(self, since: datetime, until: datetime) -> str | None:
        """Return the bridge in which it talks already in this time."""
        talks = self.talks.items()
        return next((name for name, (at, end) in talks if since < end and at < until), None)

    def talk(self, bridge: str, since: datetime, until: datetime) -> None:
        """Let it share sound for a while."""
        at, end = self.talks.get(bridge, (since, until))
        self.talks[bridge] = min(at, since), max(end, until)

    def cels(self) -> Iterator[Cel]:
        """Yield its rows."""
        first, last = self.first, max(self.rows, key=lambda row: row.end)
        yield self._cel("CHAN_START", first.start, first)
        if (answered_at := self._answered_at()) is not None:
            yield self._cel("ANSWER", answered_at, first)
        for bridge, (since, until) in self.talks.items():
            extra = {"bridge_id": bridge}
            yield self._cel("BRIDGE_ENTER", since, first, extra=extra)
            yield self._cel("BRIDGE_EXIT", until, first, extra=extra)
        for row in self.rows:
            if row.channel == self.name and _is_alone(row):
                yield self._cel("APP_START", row.start, row)
                yield self._cel("APP_END", row.end, row)
        cause = "16" if answered_at else _CAUSES.get(last.disposition, "0")
        yield self._cel("HANGUP", self.ended, last, extra={"hangupcause": cause})
        yield self._cel("CHAN_END", self.ended, last)

    def _answered_at(self) -> datetime | None:
        if not self.is_calling:
            return min((since for since, _ in self.talks.values()), default=None)
        answers = (row.answer for row in self.rows if row.channel == self.name and row.answer)
        return min(answers, default=None)

    def _cel(
        self, kind: str, at: datetime, row: Cdr, *, extra: Mapping[str, str] | None = None
    ) -> Cel:
        is_own, is_outside = row.channel == self.name, kind in {"CHAN_START", "CHAN_END"}
        application, data = row.last_app, row.last_data
        if row.context == LISTEN:
            application = "ChanSpy"
        if not self.is_calling:
            application, data = QUEUE_LEG if row.last_app == _QUEUE else "AppDial", ""
        return Cel(
            type=kind,
            at=at,
            uniqueid=self.uniqueid or f"{self.name}@{int(self.first.start.timestamp())}",
            linkedid=row.linkedid or row.uniqueid or row.channel,
            channel=self.name,
            number=row.src if is_own else "",
            name=row.name if is_own else "",
            exten=row.dst if is_own and row.context != LISTEN else "",
            context=row.context,
            application="" if is_outside and self.is_calling else application,
            data=data,
            extra=extra or {},
        )


def _is_alone(row: Cdr) -> bool:
    """Whether a channel went through an application by itself; our include hangs up after it."""
    return not row.dst_channel and (row.last_app in _ALONE or row.context == LISTEN)


class _Parts:
    """The channels of all rows; `connects` are the lines of queue_log of that name."""

    def __init__(self, connects: list[QueueEntry]) -> None:
        self.all: list[_Part] = []
        self._connects = connects
        self._latest: dict[str, _Part] = {}
        self._bridges = count(1)

    def take(self, row: Cdr) -> None:
        """Add a row to the channels that it names, and let them talk where it says so."""
        caller = self._named(row.channel, row)
        caller.uniqueid = caller.uniqueid or row.uniqueid
        if not row.dst_channel:
            return
        called = self._named(row.dst_channel, row)
        if row.disposition != ANSWERED:
            return
        since = row.answer or row.start
        if row.last_app == _QUEUE and (connect := self._connect(row)) is not None:
            since = min(max(connect.at, row.start), row.end)
            called.uniqueid = called.uniqueid or "".join(connect.data[1:2])
        bridge = caller.overlapping(since, row.end) or called.overlapping(since, row.end)
        bridge = bridge or f"cdr-{next(self._bridges)}"
        for part in (caller, called):
            part.talk(bridge, since, row.end)

    def _named(self, name: str, row: Cdr) -> _Part:
        part = self._latest.get(name)
        if part is None or row.start - part.ended > _APART:
            part = self._latest[name] = _Part(name=name)
            self.all.append(part)
        part.rows.append(row)
        return part

    def _connect(self, row: Cdr) -> QueueEntry | None:
        found = (
            entry
            for entry in self._connects
            if entry.callid == row.uniqueid and row.start <= entry.at <= row.end + _SECOND
        )
        return next(found, None)
