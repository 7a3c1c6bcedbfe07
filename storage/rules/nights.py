"""When the night's work is due: once a night, in the company's small hours; pure."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

WINDOW = timedelta(hours=4)  # after the hour, in which the work may begin
LATEST = timedelta(hours=50)  # without any, it is done at whatever hour


def is_due(last: datetime | None, now: datetime, zone: ZoneInfo, hour: int) -> bool:
    """Whether the work is to begin: it was not done since `hour` o'clock, and it is night."""
    local = now.astimezone(zone)
    began = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    if began > local:
        began -= timedelta(days=1)
    if last is not None and now - last >= LATEST:
        return True
    return local - began < WINDOW and (last is None or last < began)
