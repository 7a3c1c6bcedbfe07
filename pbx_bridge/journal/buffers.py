"""What was heard and is not on the disk yet: bounded, numbered, and its writer never waits."""

import threading
from collections.abc import Sequence
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
        self._most_entries, self._most_bytes = bounds.entries, bounds.size
        self._waiting: list[tuple[int, float, Kind, bytes]] = []  # made entries by who takes them
        self._entries = 0
        self._size = 0
        self._gap_first = 0  # number and time of the first message that found no room
        self._gap_at = 0.0
        self._gap_count = 0  # of those that are not marked yet
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return self._entries

    def put(self, at: float, kind: Kind, raw: bytes) -> int:
        """Give an entry of ours its number and keep it, whatever the room."""
        with self._lock:
            n = self.next
            self.next = n + 1
            self._mark_gap()
            self._keep(n, at, kind, raw)
            return n

    def put_messages(self, at: float, raws: Sequence[bytes]) -> int:
        """Number messages and keep them, return the first's number; those without room are lost."""
        with self._lock:
            first = n = self.next
            for raw in raws:
                if self._entries >= self._most_entries or self._size >= self._most_bytes:
                    self._lose(n, at)
                else:
                    if self._gap_count:
                        self._mark_gap()
                    self._keep(n, at, Kind.MESSAGE, raw)
                n += 1
            self.next = n
            return first

    def take(self) -> list[Entry]:
        """Return what waits, in order; a gap at its end is marked."""
        with self._lock:
            self._mark_gap()
            taken, self._waiting = self._waiting, []
        return [Entry(*one) for one in taken]

    def written(self, entries: list[Entry]) -> None:
        """These are on the disk: there is room for as many."""
        size = sum(len(entry.raw) for entry in entries)
        with self._lock:
            self._entries -= len(entries)
            self._size -= size

    def _mark_gap(self) -> None:
        if self._gap_count:
            raw = facts_bytes({"count": self._gap_count})
            self._keep(self._gap_first, self._gap_at, Kind.LOST, raw)
            self._gap_count = 0

    def _lose(self, n: int, at: float) -> None:
        if not self._gap_count:
            self._gap_first, self._gap_at = n, at
        self._gap_count += 1
        self.lost += 1

    def _keep(self, n: int, at: float, kind: Kind, raw: bytes) -> None:
        self._waiting.append((n, at, kind, raw))
        self._entries += 1
        self._size += len(raw)
