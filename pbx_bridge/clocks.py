"""The clock of a PBX, as its messages show it beside ours; pure.

What we notice ourselves (a lost link) is told to the tracker by the PBX's clock, which dates
everything else. A clock that steps back is noticed: what it dates afterwards may be out of order.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

JITTER = timedelta(seconds=2)  # by which neighbours may be dated in a false order
_UNSTAMPED = 2e-6  # seconds: a message without a stamp is dated by its arrival


@dataclass(frozen=True, slots=True, kw_only=True)
class StepBack:
    """The PBX's clock went back: by how much, and when that was noticed by ours."""

    by: timedelta
    noticed_at: datetime

    def __str__(self) -> str:
        at = self.noticed_at.isoformat(sep=" ", timespec="seconds")
        return f"Its clock went back by {self.by.total_seconds():.0f} seconds at {at}."


class PbxClock:
    """Follows the stamps of one PBX's events; `on_step_back` is told of steps."""

    def __init__(self, on_step_back: Callable[[StepBack], None] = lambda _: None) -> None:
        self._on_step_back = on_step_back
        self.latest: datetime | None = None  # stamp
        self.behind = 0.0  # seconds, ours after theirs

    def go_on(self, earlier: "PbxClock") -> None:
        """Go on where another stood."""
        self.latest, self.behind = earlier.latest, earlier.behind

    def hear(self, ours: float, theirs: datetime) -> None:
        """Take the stamp of an event that arrived then (epoch)."""
        behind = ours - theirs.timestamp()
        if abs(behind) < _UNSTAMPED:
            return
        self.behind = behind
        latest = self.latest
        if latest is None or theirs >= latest:
            self.latest = theirs
            return
        if latest - theirs <= JITTER:
            return
        self.latest = theirs
        at = datetime.fromtimestamp(ours, UTC)
        self._on_step_back(StepBack(by=latest - theirs, noticed_at=at))

    def theirs(self, ours: datetime) -> datetime:
        """Return what the PBX's clock showed at a moment of ours."""
        return ours - timedelta(seconds=self.behind)
