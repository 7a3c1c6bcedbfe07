"""A day and a time of day, as a person says them in their zone, as the moment they mean."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


class NoSuchMoment(ValueError):
    """The clocks are put forward over this time of day; carries what a late clock would show."""

    def __init__(self, instead: time) -> None:
        super().__init__(f"the clocks are put forward over this time of day, to {instead:%H:%M}")
        self.instead = instead


def moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the moment in UTC; raises NoSuchMoment where the clocks skip it.

    Where the clocks are put back and the time of day comes twice, the first one is meant.
    """
    said = datetime.combine(day, at.replace(tzinfo=None, fold=0))
    meant = said.replace(tzinfo=zone).astimezone(UTC)
    shown = meant.astimezone(zone).replace(tzinfo=None, fold=0)
    if shown != said:
        raise NoSuchMoment(shown.time())
    return meant
