"""When the night's work is due."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from storage.rules.nights import is_due

BERLIN = ZoneInfo("Europe/Berlin")
THREE = datetime(2026, 11, 28, 2, tzinfo=UTC)  # 03:00 in Berlin


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        pytest.param(None, THREE, True, id="never done, and it is night"),
        pytest.param(None, THREE + hours(9), False, id="never done, at noon"),
        pytest.param(THREE - hours(24), THREE - hours(0.1), False, id="before the hour"),
        pytest.param(THREE - hours(24), THREE, True, id="at the hour"),
        pytest.param(THREE + hours(0.1), THREE + hours(2), False, id="done this night"),
        pytest.param(THREE - hours(23.9), THREE + hours(3.9), True, id="late in the night"),
        pytest.param(THREE - hours(24), THREE + hours(5), False, id="missed: the next night"),
        pytest.param(THREE - hours(48), THREE + hours(9), True, id="missed twice: now"),
    ],
)
def test_the_work_is_due_once_a_night(last, now, due: bool) -> None:
    assert is_due(last, now, BERLIN, 3) is due


def test_a_night_before_midnight_belongs_to_the_day_before() -> None:
    now = datetime(2026, 11, 28, 0, 30, tzinfo=UTC)  # 01:30 in Berlin
    assert is_due(now - hours(20), now, BERLIN, 23)
    assert not is_due(now - hours(1), now, BERLIN, 23)
