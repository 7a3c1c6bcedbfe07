"""What CEL says of each channel in all its rows: who dialled it, how it ended."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pbx_bridge.asterisk import LISTEN
from pbx_bridge.books.rows import Cel
from pbx_bridge.events import LegView
from pbx_bridge.tracker.directions import NO_NUMBER
from pbx_bridge.tracker.grouping import WIRES

OUTGOING = frozenset({"AppDial", "AppDial2", "AppQueue"})  # what a called channel seems to run
ORIGINATED = "AppDial2"
QUEUE_LEG = "AppQueue"
_LOCAL = "Local"


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
    def kind(self) -> str:
        """PJSIP, Local …"""
        return self.name.partition("/")[0]

    @property
    def is_party(self) -> bool:
        """Whether somebody talks there; else it is a wire inside the PBX."""
        return self.kind not in WIRES

    @property
    def is_local(self) -> bool:
        """Whether it is half of a Local channel."""
        return self.kind == _LOCAL

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
    def first_application(self) -> str:
        """What it ran first, as far as its rows show."""
        return next((row.application for row in self.rows if row.application), "")

    @property
    def cause(self) -> int | None:
        """Why it was hung up (Q.850), None where the books do not say."""
        text = self._hung_up("hangupcause")
        return int(text) if text.isdigit() else None

    @property
    def has_extras(self) -> bool:
        """Whether the book has the column that names bridges and causes."""
        return all(row.extra for row in self.rows if row.type in {"HANGUP", "BRIDGE_ENTER"})

    @property
    def gave_up(self) -> bool:
        """Whether its own side hung up; else the PBX did, at the end of the dialplan."""
        source = self._hung_up("hangupsource")
        return source == self.name or self._hung_up("dialstatus") == "CANCEL"

    @property
    def is_called(self) -> bool:
        """Whether the PBX called it; else it called the PBX, or is a wire inside it."""
        if self.kind in WIRES - {_LOCAL} or self.name.endswith(";2"):
            return False
        if self.first_application in OUTGOING:
            return True
        return self.began.uniqueid != self.began.linkedid and not self.is_local

    @property
    def is_of_itself(self) -> bool:
        """Whether the PBX made it for nobody: by an Originate."""
        return self.began.uniqueid == self.began.linkedid

    @property
    def is_of_queue(self) -> bool:
        """Whether a queue called it."""
        return self.is_called and self.first_application == QUEUE_LEG

    def is_up(self, at: datetime) -> bool:
        """Whether it existed at this time."""
        ended_at = self.ended_at
        return self.began.at <= at and (ended_at is None or at < ended_at)

    def away_from(self, at: datetime) -> timedelta:
        """Return how far this time is from its life, nothing where it is in it."""
        return max(self.began.at - at, at - self.rows[-1].at, timedelta(0))

    def is_bridged_after(self, at: datetime) -> bool:
        """Whether it was in a bridge until after this time."""
        return any(row.type == "BRIDGE_EXIT" and row.at > at for row in self.rows)

    def is_renamed(self, row: Cel) -> bool:
        """Whether its number or name is another in this row than in the one before."""
        before = self.rows[max(self.rows.index(row) - 1, 0)]
        return (before.number, before.name) != (row.number, row.name)

    @property
    def exten(self) -> str:
        """What it dialled, "" where it was called."""
        if self.first_application == ORIGINATED:
            extens = (
                row.exten
                for row in self.rows
                if row.exten not in NO_NUMBER and row.context != LISTEN
            )
            return next(extens, "")
        return "" if self.is_called and not self.is_local else self.began.exten

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
