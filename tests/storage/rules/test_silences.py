"""Silences of a recording: breath is none, and a pause of the recording is nobody's silence."""

import pytest

from storage.rules.silences import MOST, kept, longest, spoken_of
from storage.rules.withheld import Window


def test_breath_is_left_out_and_of_many_the_longest_are_kept() -> None:
    assert kept([Window(0, 4.9), Window(10, 15)]) == (Window(10, 15),)
    many = [Window(n * 100.0, n * 100.0 + 5 + n) for n in range(MOST + 3)]
    assert kept(many) == tuple(many[3:])


@pytest.mark.parametrize(
    ("pauses", "left"),
    [
        pytest.param([], [Window(10, 40)], id="none"),
        pytest.param([Window(9, 41)], [], id="all of it"),
        pytest.param([Window(50, 60)], [Window(10, 40)], id="elsewhere"),
        pytest.param([Window(20, 25)], [Window(10, 19.5), Window(25.5, 40)], id="in the middle"),
        pytest.param([Window(30, float("inf"))], [Window(10, 29.5)], id="one that never ended"),
        pytest.param([Window(12, 37)], [], id="what is left is breath"),
    ],
)
def test_a_paused_recording_is_no_silence(pauses, left) -> None:
    assert list(spoken_of([Window(10, 40)], pauses)) == left


def test_the_longest_is_the_first_of_two() -> None:
    assert longest([]) is None
    assert longest([Window(50, 60), Window(0, 10), Window(20, 25)]) == Window(0, 10)
