"""Reads a journal back, also while it is written: by time, by number, or by whom it is about."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from pbx_bridge.journal import volumes
from pbx_bridge.journal.entries import TURN, Entry, Kind, bridges_of, ids_of, is_turn
from pbx_bridge.journal.errors import JournalError
from pbx_bridge.journal.keys import DayKeys
from pbx_bridge.journal.ranges import Range
from pbx_bridge.journal.volumes import Damage, OpenVolume, Place, Volume

_ENDLESS = 1 << 64


class Reader:
    """One PBX's journal. What could not be read is named in `troubles`, and skipped."""

    def __init__(self, folder: Path, pbx: UUID, secrets: Sequence[str]) -> None:
        self.troubles: list[str] = []
        self._folder = folder
        self._keys = DayKeys(folder, pbx, secrets)

    def entries(self, within: Range | None = None) -> Iterator[Entry]:
        """Every entry in the range, in the order of their numbers."""
        return self._entries(within or Range(), None)

    def about(self, ids: Collection[str], within: Range | None = None) -> Iterator[Entry]:
        """The messages in the range about a channel or bridge of `ids`."""
        wanted = {one.encode() for one in ids}
        for entry in self._entries(within or Range(), wanted):
            if entry.kind is Kind.MESSAGE and not ids_of(entry.raw).isdisjoint(wanted):
                yield entry

    def story(self, ids: Collection[str], within: Range | None = None) -> list[Entry]:
        """The messages about a call's channels, and those about nothing but its bridges."""
        found = {entry.n: entry for entry in self.about(ids, within)}
        bridges = {bridge.decode() for entry in found.values() for bridge in bridges_of(entry.raw)}
        wanted = {bridge.encode() for bridge in bridges}
        for entry in self.about(bridges, within) if bridges else ():
            if ids_of(entry.raw) <= wanted:
                found[entry.n] = entry
        return [found[n] for n in sorted(found)]

    def telling(
        self, ids: Collection[str], at: datetime, within: Range, *, most: int
    ) -> list[Entry]:
        """All that a call which began at `at` is told from: its `story`, and what concerns every
        call since the volume of that time was begun. At most so many entries, the first ones.
        """
        found = {entry.n: entry for entry in self.story(ids, within)[:most]}
        since = Range(first=self._first_at(at), until=within.until)
        turns = self._entries(since, {TURN}) if found else ()
        found.update((entry.n, entry) for entry in turns if is_turn(entry))
        return [found[n] for n in sorted(found)]

    def phones(self, at: datetime) -> dict[str, str]:
        """Which phones were ours (interface → extension) in the volume written at `at`."""
        told = (entry for entry in self.from_volume(at) if entry.kind is Kind.PHONES)
        first = next(told, None)
        return dict(first.facts["phones"]) if first else {}

    def from_volume(self, at: datetime) -> Iterator[Entry]:
        """Every entry from the beginning of the volume on that was written at `at`."""
        return self.entries(Range(first=self._first_at(at)))

    def _first_at(self, at: datetime) -> int:
        """The number with which the volume begins that was written at `at`."""
        begun = (self._of_volume(one, Range(), None) for one in volumes.volumes(self._folder))
        firsts = [first for entries in begun if (first := next(entries, None))]
        before = [first.n for first in firsts if first.at <= at.timestamp()]
        return max(before, default=0)

    def _entries(self, within: Range, wanted: set[bytes] | None) -> Iterator[Entry]:
        known = volumes.volumes(self._folder)
        for number, volume in enumerate(known, 1):
            last = known[number].first - 1 if number < len(known) else _ENDLESS
            if within.has_day(volume.day) and within.has_numbers(volume.first, last):
                yield from self._of_volume(volume, within, wanted)

    def _of_volume(
        self, volume: Volume, within: Range, wanted: set[bytes] | None
    ) -> Iterator[Entry]:
        try:
            with volumes.opened(volume, self._keys) as opened:
                for place in opened.places():
                    if isinstance(place, Place):
                        yield from self._of_block(opened, place, within, wanted)
                    elif not place.is_tail:  # a tail may be growing just now
                        self._damaged(volume, place)
        except FileNotFoundError:
            return  # its time was over
        except JournalError as error:
            self._trouble(str(error))

    def _of_block(
        self, volume: OpenVolume, place: Place, within: Range, wanted: set[bytes] | None
    ) -> Iterator[Entry]:
        first, last = place.header.first, place.header.last
        if not within.has_numbers(first, last):
            return
        try:
            index = volume.index(place)
            is_about = wanted is None or not index.ids.isdisjoint(wanted)
            if not (is_about and within.has_times(index.earliest, index.latest)):
                return
            entries = volume.entries(place)
        except JournalError:
            self._trouble(f"entries {first} to {last} are not what was written")
            return
        yield from filter(within.has, entries)

    def _damaged(self, volume: Volume, damage: Damage) -> None:
        self._trouble(f"{damage.size} bytes of {volume.path.name} are no block")

    def _trouble(self, text: str) -> None:
        if text not in self.troubles:
            self.troubles.append(text)
