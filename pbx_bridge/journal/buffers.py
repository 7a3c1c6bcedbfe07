"""What was heard and is not on the disk yet: bounded, numbered, and its writer never waits."""

import threading
from dataclasses import dataclass

from pbx_bridge.journal.entries import Entry, Kind, facts_bytes

MOST_ENTRIES = 200_000
MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much may wait for the disk; beyond it messages are counted and lost to the journal."""

    entries: int = MOST_ENTRIES
    size: int = MOST_BYTES


class Buffer:
    """Many may put, one takes. What was taken still counts until it is said to be written."""

    def __init__(self, first: int, bounds: Bounds) -> None:
        self.next = first
        self.lost = 0  # in all
        self._bounds = bounds
        self._waiting: list[Entry] = []
        self._entries = 0
        self._size = 0
        self._gap_first = 0  # number and time of the first message that found no room
        self._gap_at = 0.0
        self._gap_count = 0  # of those that are not marked yet
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return self._entries

    def put(self, at: float, kind: Kind, raw: bytes) -> int:
        """Give the entry its number and keep it; a message that finds no room is only counted."""
        with self._lock:
            n = self.next
            self.next = n + 1
            is_full = self._entries >= self._bounds.entries or self._size >= self._bounds.size
            if is_full and kind is Kind.MESSAGE:
                if not self._gap_count:
                    self._gap_first, self._gap_at = n, at
                self._gap_count += 1
                self.lost += 1
                return n
            self._mark_gap()
            self._keep(Entry(n, at, kind, raw))
            return n

    def take(self) -> list[Entry]:
        """Return what waits, in order; a gap at its end is marked."""
        with self._lock:
            self._mark_gap()
            taken, self._waiting = self._waiting, []
            return taken

    def written(self, entries: list[Entry]) -> None:
        """These are on the disk: there is room for as many."""
        size = sum(len(entry.raw) for entry in entries)
        with self._lock:
            self._entries -= len(entries)
            self._size -= size

    def _mark_gap(self) -> None:
        if self._gap_count:
            raw = facts_bytes({"count": self._gap_count})
            self._keep(Entry(self._gap_first, self._gap_at, Kind.LOST, raw))
            self._gap_count = 0

    def _keep(self, entry: Entry) -> None:
        self._waiting.append(entry)
        self._entries += 1
        self._size += len(entry.raw)
