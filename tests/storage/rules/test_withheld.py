"""Where a recording is silent for one who may not hear what our people say among themselves."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from storage.rules.withheld import Aside, Window, mark, merged, windows, withheld_from

BEGAN = datetime(2026, 11, 28, 9, tzinfo=UTC)
ANN, BOB, CYD = (UUID(int=n) for n in (1, 2, 3))


def at(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def aside(begins: float, ends: float, *users: UUID) -> Aside:
    return Aside(at(begins), at(ends), frozenset(users))


def placed(*asides: Aside, seconds: float = 60, lasted: float = 60) -> list[tuple[float, float]]:
    found = windows(asides, began=BEGAN, ended=at(lasted), seconds=seconds)
    return [(window.begins, window.ends) for window in found]


def test_who_took_part_or_may_hear_who_did_hears_it() -> None:
    told = (aside(1, 2, ANN, BOB), aside(3, 4, BOB, CYD), aside(5, 6))
    assert withheld_from(told, None) == ()
    assert withheld_from(told, {ANN}) == told[1:]
    assert withheld_from(told, {BOB}) == told[2:]  # of the last nobody is known
    assert withheld_from(told, frozenset()) == told


def test_a_window_reaches_a_little_beyond_what_the_pbx_told() -> None:
    assert placed(aside(10, 20)) == [(9.75, 20.25)]


@pytest.mark.parametrize(
    ("begins", "ends", "expected"),
    [(-30, -5, []), (-5, 3, [(0.0, 3.25)]), (50, 90, [(49.75, 61.0)]), (70, 80, [])],
)
def test_what_lies_outside_of_the_recording_is_cut(begins, ends, expected) -> None:
    assert placed(aside(begins, ends)) == expected


def test_where_the_file_lacks_time_the_window_begins_as_much_earlier() -> None:
    assert placed(aside(20, 30), seconds=54, lasted=60) == [(13.75, 30.25)]
    assert placed(aside(20, 30), seconds=66, lasted=60) == [(19.75, 30.25)]


def test_windows_that_touch_are_one_and_have_one_name() -> None:
    several = [Window(5, 6), Window(0, 1), Window(1, 3), Window(2, 2.5)]
    assert merged(several) == (Window(0, 3), Window(5, 6))
    assert mark(merged(several)) == mark(merged(reversed(several)))
    assert mark([Window(0, 3)]) != mark([Window(0, 3.01)])
    assert (mark(()), len(mark([Window(0, 3)]))) == ("", 32)
