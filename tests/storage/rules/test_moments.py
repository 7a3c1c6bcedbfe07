"""A local day and time of day, as a moment."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from storage.rules.moments import NoSuchMoment, moment

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("day", "at", "zone", "meant"),
    [
        pytest.param("2026-11-28", "09:30", "Europe/Berlin", "2026-11-28T08:30", id="winter"),
        pytest.param("2026-07-01", "09:30", "Europe/Berlin", "2026-07-01T07:30", id="summer"),
        pytest.param("2026-03-29", "01:59", "Europe/Berlin", "2026-03-29T00:59", id="just before"),
        pytest.param("2026-03-29", "03:00", "Europe/Berlin", "2026-03-29T01:00", id="just after"),
        pytest.param("2026-10-25", "02:30", "Europe/Berlin", "2026-10-25T00:30", id="comes twice"),
        pytest.param("2026-11-28", "09:30", "Asia/Kolkata", "2026-11-28T04:00", id="half an hour"),
        pytest.param("2026-11-28", "09:30", "UTC", "2026-11-28T09:30", id="utc"),
    ],
)
def test_a_time_of_day_is_the_moment_that_is_meant(day, at, zone, meant) -> None:
    found = moment(date.fromisoformat(day), time.fromisoformat(at), ZoneInfo(zone))
    assert found == datetime.fromisoformat(meant).replace(tzinfo=UTC)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("day", "at", "zone", "instead"),
    [
        pytest.param("2026-03-29", "02:00", "Europe/Berlin", "03:00", id="the first skipped"),
        pytest.param("2026-03-29", "02:59", "Europe/Berlin", "03:59", id="the last skipped"),
        pytest.param("2026-10-04", "02:15", "Australia/Lord_Howe", "02:45", id="half an hour"),
    ],
)
def test_a_time_that_the_clocks_skip_is_refused_with_the_next(day, at, zone, instead) -> None:
    with pytest.raises(NoSuchMoment) as refusal:
        moment(date.fromisoformat(day), time.fromisoformat(at), ZoneInfo(zone))
    assert refusal.value.instead == time.fromisoformat(instead)


def test_a_time_with_a_fold_of_its_own_is_read_as_the_first() -> None:
    assert moment(date(2026, 10, 25), time(2, 30, fold=1), BERLIN).hour == 0
