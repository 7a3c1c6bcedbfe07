"""How far one PBX was heard, and how far of it is stored; told by the numbers of its journal.

The law: what is not stored stands in the journal after the position, and every call that was up
there, or ended so lately that it may be told anew, is told whole from `first` on.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from storage.positions import Position

NO_JOURNAL = UUID(int=0)
COMPACT_FROM = 1000  # marks of calls, before those of forgotten ones are looked for


class Mark(NamedTuple):
    """A place in a journal: an entry's number, and when it was heard (epoch seconds)."""

    n: int
    at: float


NOWHERE = Mark(0, 0.0)


@dataclass(frozen=True, slots=True)
class Begun:
    """Where a call began."""

    call: UUID
    mark: Mark


class Progress:
    """Where we are in one PBX's journal; `remembers` says whether a call may be told anew."""

    def __init__(
        self,
        pbx: UUID,
        journal: UUID | None,
        remembers: Callable[[UUID], bool],
    ) -> None:
        self.pbx = pbx
        self.here = NOWHERE  # the message that is being told
        self._seeded: set[UUID] = set()  # calls that this journal cannot tell from their beginning
        self._journal = journal or NO_JOURNAL
        self._remembers = remembers
        self._begun: deque[Begun] = deque()
        self._compact_at = COMPACT_FROM
        self.left: set[UUID] = set()  # calls that only the journal holds until the base is back
        self._is_open = False  # before, what is told stands between two places of the journal
        self._waiting: dict[UUID, Mark] = {}  # calls by their oldest change that is not stored

    def hear(self, n: int, at: float) -> None:
        """The next message is about to be told."""
        self.here = Mark(n or self.here.n, at)

    def began(self, call: UUID) -> None:
        """A call begins with this message."""
        self._begun.append(Begun(call, self.here))
        if len(self._begun) > self._compact_at:
            self._begun = deque(one for one in self._begun if self._is_needed(one.call))
            self._compact_at = max(COMPACT_FROM, 2 * len(self._begun))

    def resume(self, here: Mark, begun: Iterable[Begun], seeded: Iterable[UUID]) -> None:
        """Go on from here; where these calls began is known, where those did is not."""
        self._is_open = True
        self.here = here
        self._begun.extend(begun)
        self._seeded.update(seeded)

    def changed(self, call: UUID) -> None:
        """The call has a change that is to be stored."""
        self._waiting.setdefault(call, self.here)

    def give_up(self, calls: Collection[UUID]) -> None:
        """Nobody tells these calls any more: they keep the position no longer."""
        self.left.difference_update(calls)
        self.take(calls)

    @property
    def has_journal(self) -> bool:
        """Whether what is not stored can be told again."""
        return self._is_open and self._journal is not NO_JOURNAL

    def joined(self, keep: UUID, gone: UUID) -> None:
        """What was to be stored of a call is told by another now."""
        self.left.discard(gone)
        if mark := self._waiting.pop(gone, None):
            self.put_back({keep: mark})

    def take(self, calls: Collection[UUID]) -> dict[UUID, Mark]:
        """These calls are on their way into the base: return their marks."""
        return {call: self._waiting.pop(call) for call in calls if call in self._waiting}

    def put_back(self, marks: dict[UUID, Mark]) -> None:
        """They were not stored."""
        for call, mark in marks.items():
            self._waiting[call] = min(mark, self._waiting.get(call, mark))

    def position(self) -> Position | None:
        """Return how far everything is stored that does not wait; None where nothing was heard."""
        oldest = min(self._waiting.values(), default=None)
        upto = self.here if oldest is None else Mark(oldest.n - 1, oldest.at)
        if not self._is_open or not upto.at or (self._journal is NO_JOURNAL and oldest is not None):
            return None
        while self._begun and not self._is_needed(self._begun[0].call):
            self._begun.popleft()
        self._seeded = set(filter(self._is_needed, self._seeded))
        first = Mark(upto.n + 1, upto.at)
        if self._begun:
            first = min(first, self._begun[0].mark)
        return Position(
            pbx_id=self.pbx,
            journal=self._journal,
            n=upto.n,
            heard_at=_moment(upto.at),
            first=0 if self._seeded else first.n,
            first_at=_moment(first.at),
        )

    def _is_needed(self, call: UUID) -> bool:
        return call in self._waiting or self._remembers(call)


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
