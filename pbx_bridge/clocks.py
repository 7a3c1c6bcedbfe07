"""The clock of a PBX, as its messages show it beside ours; pure.

What we notice ourselves (a lost link) is told to the tracker by the PBX's clock, which dates
everything else. A clock that steps back is noticed: what it dates afterwards may be out of order.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

JITTER = timedelta(seconds=2)  # by which neighbours may be dated in a false order
_UNSTAMPED = 2e-6  # seconds: a message without a stamp is dated by its arrival


@dataclass(frozen=True, slots=True, kw_only=True)
class StepBack:
    """The PBX's clock went back: by how much, and when that was noticed by ours."""

    by: timedelta
    noticed_at: datetime


class PbxClock:
    """Follows the stamps of one PBX's events."""

    def __init__(self) -> None:
        self._latest: datetime | None = None  # stamp
        self._behind = 0.0  # seconds, ours after theirs

    def hear(self, ours: float, theirs: datetime) -> StepBack | None:
        """Take the stamp of an event that arrived then (epoch); return a step back."""
        behind = ours - theirs.timestamp()
        if abs(behind) < _UNSTAMPED:
            return None
        self._behind = behind
        latest = self._latest
        if latest is None or theirs >= latest:
            self._latest = theirs
            return None
        if latest - theirs <= JITTER:
            return None
        self._latest = theirs
        return StepBack(by=latest - theirs, noticed_at=datetime.fromtimestamp(ours, UTC))

    def theirs(self, ours: datetime) -> datetime:
        """Return what the PBX's clock showed at a moment of ours."""
        return ours - timedelta(seconds=self._behind)
