"""The journal of one PBX: everything it said, numbered, on the disk within a tenth of a second.

Whoever puts something in never waits: a thread takes what has gathered, writes and syncs it.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from pbx_bridge.journal.buffers import Bounds, Buffer
from pbx_bridge.journal.entries import Entry, Kind, facts_bytes
from pbx_bridge.journal.writers import Writer

log = structlog.get_logger(__name__)

IDLE_ROUNDS = 20  # without a message, until the thread sleeps and has to be woken
GROUP_SECONDS = 0.1  # what gathers in it is written together; what a crash can cost
RETRY_SECONDS = 1.0  # while the disk refuses
LAST_SECONDS = 5.0  # for the disk to take the rest when we stop


@dataclass(slots=True)
class Counts:
    """What happened since the journal was opened."""

    written: int = 0  # entries on the disk
    failures: int = 0  # of the disk
    torn: int = 0  # bytes that were cut when it was opened


class Journal:
    """Keeps what `hear` is given. Made and closed by a thread that may wait."""

    def __init__(
        self,
        writer: Writer,
        *,
        bounds: Bounds | None = None,
        clock: Callable[[], float] = time.time,
        group_seconds: float = GROUP_SECONDS,
    ) -> None:
        self.counts = Counts()
        self.trouble: str | None = None  # why the disk does not take what waits
        self._writer = writer
        self._clock = clock
        self._group_seconds = group_seconds
        found = writer.open()
        self.counts.torn = found.torn
        self.id = found.journal
        self.first = found.next  # the number of our first entry: those before are others'
        self._buffer = Buffer(found.next, bounds or Bounds())
        self._phones: dict[str, str] | None = None
        self._awake = threading.Event()
        self._sleeps = False
        self._closing = threading.Event()
        self._abandoned = threading.Event()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        if found.torn:
            log.warning("journal.torn_tail", bytes=found.torn)
        self.note(Kind.BEGAN)
        self._thread.start()

    @property
    def next(self) -> int:
        """The number that the next entry gets."""
        return self._buffer.next

    @property
    def lost(self) -> int:
        """Messages that found no room because the disk stood still."""
        return self._buffer.lost

    @property
    def waiting(self) -> int:
        """Entries that are not on the disk yet."""
        return len(self._buffer)

    def hear(self, *raws: bytes, at: float | None = None) -> int:
        """Keep messages of the PBX, as they came; return the first's number. Never waits."""
        n = self._buffer.put_messages(self._clock() if at is None else at, raws)
        if self._sleeps:  # a thread that is woken takes turns with who woke it
            self._awake.set()
        return n

    def note(self, kind: Kind, **facts: object) -> int:
        """Keep something that we know ourselves; return its number."""
        n = self._buffer.put(self._clock(), kind, facts_bytes(facts))
        self._awake.set()
        return n

    def phones(self, phones: dict[str, str]) -> None:
        """Keep which interfaces are our phones; each volume repeats it."""
        if phones != self._phones:
            self._phones = phones
            self.note(Kind.PHONES, phones=phones)

    def flush(self, within: float = LAST_SECONDS) -> bool:
        """Wait until everything put so far is on the disk; False where it takes longer."""
        deadline = time.monotonic() + within
        while len(self._buffer):
            if time.monotonic() > deadline or not self._thread.is_alive():
                return False
            self._awake.set()
            time.sleep(0.002)
        return True

    def close(self, within: float = LAST_SECONDS) -> bool:
        """Write the rest and let go; False where the disk did not take all of it in time."""
        if self._closing.is_set():
            return not len(self._buffer)
        self.note(Kind.CLOSED)
        self._closing.set()
        self._awake.set()
        self._thread.join(within)
        self._abandoned.set()  # a disk that comes back later finds nobody
        if self._thread.is_alive():
            log.error("journal.not_written", entries=len(self._buffer))
        return not len(self._buffer)

    def _run(self) -> None:
        try:
            idle = 0
            while not self._closing.is_set():
                self._closing.wait(self._group_seconds)
                entries = self._buffer.take()
                idle = 0 if entries else idle + 1
                self._write(entries)
                if idle >= IDLE_ROUNDS:
                    self._sleep()
            self._write(self._buffer.take())
        finally:
            self._writer.close()

    def _sleep(self) -> None:
        """Sleep until there is something; what came just before this is seen all the same."""
        self._awake.clear()
        self._sleeps = True
        if not len(self._buffer):
            self._awake.wait()
        self._sleeps = False

    def _write(self, entries: list[Entry]) -> None:
        """Write until it is done, however often the disk refuses."""
        while entries and not self._abandoned.is_set():
            begun = self._writer.begun
            try:
                done = self._writer.write(entries)
            except Exception as error:  # noqa: BLE001 - whatever it is, the thread goes on
                self._refused(error)
                continue
            self.trouble = None
            self.counts.written += done
            self._buffer.written(entries[:done])
            entries = entries[done:]
            is_next = begun and self._writer.begun != begun and not self._closing.is_set()
            if is_next and self._phones is not None:
                self.note(Kind.PHONES, phones=self._phones)

    def _refused(self, error: Exception) -> None:
        self.trouble = getattr(error, "strerror", None) or type(error).__name__
        self.counts.failures += 1
        if self.counts.failures & (self.counts.failures - 1) == 0:  # 1, 2, 4, 8 …: no flood of logs
            log.error("journal.disk", trouble=self.trouble, waiting=len(self._buffer))
        self._abandoned.wait(RETRY_SECONDS)
