"""Local times of a PBX, also in the hours that a summer takes and gives back."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from storage.books import hours, zone_named

BERLIN = ZoneInfo("Europe/Berlin")
FIRST = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
SECOND = FIRST + timedelta(hours=1)
TWICE = FIRST.astimezone(BERLIN).replace(tzinfo=None)  # 2:30; at 3:00 clocks went back to 2:00


def id_of(at: datetime) -> str:
    return f"{int(at.timestamp())}.7"


@pytest.mark.parametrize(
    ("made_at", "moment"),
    [
        pytest.param(FIRST, FIRST, id="made at the first"),
        pytest.param(SECOND - timedelta(minutes=10), SECOND, id="made after the first"),
        pytest.param(FIRST - timedelta(hours=3), FIRST, id="long before: the first is guessed"),
        pytest.param(FIRST + timedelta(days=9), FIRST, id="an id that fits neither"),
    ],
)
def test_the_hour_that_comes_twice_is_told_by_when_the_channel_was_made(made_at, moment):
    assert hours.moment(TWICE, BERLIN, id_of(made_at)) == moment


def test_a_time_with_a_zone_is_what_it_says():
    written = datetime(2026, 7, 1, 12, 0, tzinfo=timezone(timedelta(hours=5)))
    assert hours.moment(written, BERLIN, "x") == datetime(2026, 7, 1, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize("zone", [UTC, BERLIN, ZoneInfo("America/New_York")])
def test_no_row_of_a_period_is_beyond_its_bounds(zone):
    """Whatever the day, and also when the clocks change."""
    begin = datetime(2026, 10, 24, tzinfo=UTC)
    for minutes in range(0, 48 * 60, 20):
        since = begin + timedelta(minutes=minutes)
        for later in range(0, 180, 20):
            at = since + timedelta(minutes=later)
            local = at.astimezone(zone).replace(tzinfo=None)
            assert hours.earliest(since, zone) <= local <= hours.latest(at, zone)
            assert local <= hours.latest(at + timedelta(minutes=20), zone)


@pytest.mark.parametrize("name", ["Mars/Olympus", "../../etc/passwd", "", None, "a\0b"])
def test_a_zone_that_there_is_not_is_none(name):
    assert zone_named(name) is None
    assert zone_named("Europe/Berlin") == BERLIN
