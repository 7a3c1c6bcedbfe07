"""What each agent was on each day, added up from intervals."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from pbx_bridge.presences import AgentState


class Stretch(NamedTuple):
    """An interval of an agent's phone; without an end it lasts."""

    user_id: UUID
    extension: str
    state: AgentState
    reason: str
    began_at: datetime
    ended_at: datetime | None


@dataclass(slots=True)
class Shift:
    """One agent's phone on one day; seconds by state, and of pauses by reason."""

    day: date
    user_id: UUID
    extension: str
    seconds: dict[AgentState, float] = field(default_factory=dict)
    pauses: dict[str, float] = field(default_factory=dict)
    elapsed: float = 0.0  # of the day, until now

    def spent(self, *states: AgentState) -> float:
        """How many seconds it was one of these."""
        return sum(self.seconds.get(state, 0.0) for state in states)

    @property
    def unheard(self) -> float:
        """Of how many seconds of the day nothing is known."""
        known = sum(self.seconds.values()) - self.spent(AgentState.UNKNOWN)
        return max(self.elapsed - known, 0.0)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return when a day begins in the zone, in UTC: there a day has all its hours."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def shifts(
    stretches: Iterable[Stretch], *, since: date, until: date, zone: ZoneInfo, now: datetime
) -> list[Shift]:
    """Return a line for each day from `since` to `until` and each phone that was heard on it."""
    days = [since + timedelta(days=n) for n in range((until - since).days + 1)]
    bounds = [(day, midnight(day, zone), midnight(day + timedelta(days=1), zone)) for day in days]
    found: dict[tuple[date, UUID, str], Shift] = {}
    for one in stretches:
        ended = min(one.ended_at or now, now)
        for day, begins, ends in bounds:
            begin, end = max(one.began_at, begins), min(ended, ends)
            if end <= begin:
                continue
            key = (day, one.user_id, one.extension)
            if key not in found:
                elapsed = (min(now, ends) - begins).total_seconds()
                found[key] = Shift(*key, elapsed=elapsed)
            _add(found[key], one, (end - begin).total_seconds())
    return sorted(found.values(), key=lambda shift: (shift.day, shift.extension))


def _add(shift: Shift, one: Stretch, seconds: float) -> None:
    shift.seconds[one.state] = shift.seconds.get(one.state, 0.0) + seconds
    if one.state is AgentState.PAUSED:
        shift.pauses[one.reason] = shift.pauses.get(one.reason, 0.0) + seconds
