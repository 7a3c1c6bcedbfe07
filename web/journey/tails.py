"""What the journal holds beyond what is stored, told again at our start as if nothing had happened.

Two ways: where the journal tells every open call from its beginning, a tracker hears it all again
and is then what the old one was; where it does not (it is new, damaged, erased, or another's), the
tracker is told of the stored calls first, and hears what came after.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from uuid import UUID

import structlog

from pbx_bridge.call import Call
from pbx_bridge.changes import CallChanged, Change
from pbx_bridge.clocks import PbxClock
from pbx_bridge.journal import Entry, Kind, Range, Reader, Retelling, Retold
from pbx_bridge.tracker import Tracker
from storage.positions import Position
from web.journey.continuity import Continuity
from web.journey.progress import NOWHERE, Begun, Mark

log = structlog.get_logger(__name__)

SLICE = 2000  # entries between two looks at what was told


@dataclass(kw_only=True)
class Tail:
    """A journal from where telling begins to where it ended when we started."""

    pbx: UUID
    reader: Reader
    journal: UUID
    before: int  # this entry and those after it are ours, and heard live
    position: Position | None
    phones: dict[str, str]
    encoding: str
    open_calls: Sequence[Call]  # as they are stored

    here: Mark = NOWHERE  # the last entry that was told
    begun: list[Begun] = field(default_factory=list)
    seeded: list[Call] = field(default_factory=list)  # told from their records
    continuity: Continuity = field(default_factory=Continuity)

    def __post_init__(self) -> None:
        is_ours = self.position is not None and self.position.journal == self.journal
        self._upto = self.position.n if self.position and is_ours else 0
        self._opening: Mark | None = None
        self._news: set[UUID] = set()  # calls that changed after the position
        self._seen: set[UUID] = set()
        self._retelling = Retelling(
            self.pbx, phones=self.phones, encoding=self.encoding, on_change=self._follow
        )

    @property
    def tracker(self) -> Tracker:
        """The tracker that heard it all."""
        return self._retelling.tracker

    @property
    def clock(self) -> PbxClock:
        """The PBX's clock as it was told last."""
        return self._retelling.clock

    @property
    def startup(self) -> datetime | None:
        """When the PBX had started, by its own clock."""
        return self._retelling.startup

    @property
    def start(self) -> Mark:
        """The first entry that may tell what is not stored."""
        place = self.position
        if place is not None and place.journal == self.journal:
            return Mark(place.n + 1, place.heard_at.timestamp())
        return self._opening or Mark(self.before, self._heard_at.timestamp())

    def told(self) -> Iterator[list[Call]]:
        """Tell it, some entries at a time; yield the ended calls whose records may lack something.

        `settle` is to follow, and then `rest`.
        """
        entries = self._from_first()
        if entries is None:
            entries = self._after_position()
            self._seed(self.open_calls)
            self.continuity = Continuity(self.open_calls, resumed_at=self._heard_at)
        for number, entry in enumerate(entries, 1):
            self.here = Mark(entry.n, entry.at)
            self._opening = self._opening or self.here
            self._feed(entry)
            if number % SLICE == 0:
                yield self._worth(self._retelling.told())
        self._feed(Entry(self.before, self._heard_at.timestamp(), Kind.BEGAN, b""))

    def settle(self, records: Sequence[Call]) -> None:
        """Let the tracker know what only the records know of calls that are up, there or here."""
        behind = [record for record in records if self._lags(record)]
        if not self.seeded:
            unknown = [call for call in self.open_calls if call.id not in self._seen]
            self._seed(unknown)
            self.continuity = Continuity([*unknown, *behind], resumed_at=self._heard_at)
        for event in Continuity(behind).seeds():  # their legs, too, may be new to it
            self.tracker.feed(event)

    def rest(self) -> list[Call]:
        """Return the ended calls that `told` left."""
        return self._worth(self._retelling.rest())

    def open(self) -> list[Call]:
        """Return the calls that are up, with what only their records know."""
        return [self.continuity.call(call) for call in self.tracker.calls.values()]

    def _from_first(self) -> Iterator[Entry] | None:
        """Return what tells every open call from its beginning, None where that is gone."""
        place = self.position
        if place is None or place.journal != self.journal or not place.first:
            return None
        entries = self.reader.entries(Range(first=place.first, last=self.before - 1))
        opening = next(entries, None)
        if place.first <= place.n and (opening is None or opening.n != place.first):
            return None
        return chain([opening], entries) if opening else iter(())

    def _after_position(self) -> Iterator[Entry]:
        place = self.position
        if place is None:
            return iter(())
        if place.journal == self.journal:
            within = Range(first=place.n + 1, last=self.before - 1)
        else:
            within = Range(since=place.heard_at, last=self.before - 1)
        return self.reader.entries(within)

    def _seed(self, calls: Sequence[Call]) -> None:
        self.seeded += calls
        for event in Continuity(calls).seeds():
            self.tracker.feed(event)

    @property
    def _heard_at(self) -> datetime:
        """When the PBX was last heard, as far as we know."""
        if self.here.at:
            return datetime.fromtimestamp(self.here.at, UTC)
        return self.position.heard_at if self.position else datetime.now(UTC)

    def _feed(self, entry: Entry) -> None:
        try:
            self._retelling.feed(entry)
        except Exception:  # as live: an odd message costs itself
            log.exception("tails.fault", pbx=str(self.pbx), n=entry.n)

    def _lags(self, record: Call) -> bool:
        """Whether a record is ahead of what the journal tells: its last tenth of a second went."""
        told = self.tracker.call(record.id)
        return told is not None and told.revision < record.revision

    def _follow(self, change: Change) -> None:
        if not isinstance(change, CallChanged):
            return
        call = change.call
        self._seen.update((call.id, *call.aliases))
        if call.revision == 1:
            self.begun.append(Begun(call.id, self.here))
        if self.here.n > self._upto:
            self._news.add(call.id)

    def _worth(self, retold: Iterable[Retold]) -> list[Call]:
        """What began before the telling did is told in part: its record knows better."""
        return [
            self.continuity.call(one.call)
            for one in retold
            if one.is_whole or (one.call.id in self._news and not self.reader.troubles)
        ]
