"""Which part of a journal is meant: by time, by number, or by both; pure."""

from dataclasses import dataclass
from datetime import UTC, datetime

from pbx_bridge.journal.entries import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Which entries: heard from `since` on and before `until`, numbered `first` to `last`."""

    since: datetime | None = None
    until: datetime | None = None
    first: int = 0
    last: int | None = None

    def has_numbers(self, first: int, last: int) -> bool:
        """Whether some of these numbers are in it."""
        return self.first <= last and (self.last is None or first <= self.last)

    def has_times(self, earliest: float, latest: float) -> bool:
        """Whether it reaches into this time (epoch seconds)."""
        is_early = self.since is not None and latest < self.since.timestamp()
        is_late = self.until is not None and earliest >= self.until.timestamp()
        return not (is_early or is_late)

    def has_day(self, day: str) -> bool:
        """Whether it reaches into this day (UTC)."""
        is_early = self.since is not None and day < self.since.astimezone(UTC).date().isoformat()
        is_late = self.until is not None and day > self.until.astimezone(UTC).date().isoformat()
        return not (is_early or is_late)

    def has(self, entry: Entry) -> bool:
        """Whether the entry is in it."""
        return self.has_numbers(entry.n, entry.n) and self.has_times(entry.at, entry.at)
