"""Times that a database holds without a zone: local ones of the PBX that wrote them."""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pbx_bridge.books import born

_HOUR = timedelta(hours=1)
_AT_ONCE = timedelta(seconds=3)  # by which a row may be dated before its channel was made


def zone_named(name: str | None) -> tzinfo | None:
    """Return the time zone of a name such as Europe/Berlin, None where there is no such zone."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def earliest(at: datetime, zone: tzinfo) -> datetime:
    """Return the first local time that a row of this moment or later may bear, without a zone."""
    return _naive(at) + min(_offset(at, zone), _offset(at + _HOUR, zone))


def latest(at: datetime, zone: tzinfo) -> datetime:
    """Return the last local time that a row of this moment or earlier may bear."""
    return _naive(at) + max(_offset(at, zone), _offset(at - _HOUR, zone))


def moment(local: datetime, zone: tzinfo, uniqueid: str) -> datetime:
    """Return the moment of a local time.

    In the hour that comes twice, it is the first, unless the row's channel was made later.
    """
    if local.tzinfo is not None:
        return local.astimezone(UTC)
    first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    made_at = born(uniqueid)
    is_later = made_at is not None and first < made_at - _AT_ONCE < second
    return second if is_later else first


def _naive(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None)


def _offset(at: datetime, zone: tzinfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)
