"""How long a guesser waits, and that nobody else does."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.rules import attempts
from storage.rules.attempts import FREE_OF_LOGIN, LONGEST_WAIT, WINDOW, origin_of, wait

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_the_first_attempts_are_free() -> None:
    refused = [NOW - SECOND] * (FREE_OF_LOGIN - 1)
    assert wait(refused, free=FREE_OF_LOGIN, now=NOW) == attempts.NOW


def test_each_further_refusal_doubles_the_wait() -> None:
    waits = [wait([NOW] * count, free=5, now=NOW) for count in range(5, 9)]
    assert waits == [5 * SECOND, 10 * SECOND, 20 * SECOND, 40 * SECOND]


def test_the_wait_runs_from_the_last_refusal() -> None:
    refused = [NOW - timedelta(minutes=5)] * 4 + [NOW - 2 * SECOND]
    assert wait(refused, free=5, now=NOW) == 3 * SECOND


def test_refusals_older_than_the_window_are_forgotten() -> None:
    assert wait([NOW - WINDOW] * 100, free=5, now=NOW) == attempts.NOW


@given(st.lists(st.integers(0, 2000), max_size=200), st.integers(1, 40))
def test_the_wait_is_never_negative_and_never_longer_than_the_longest(
    ago: list[int], free: int
) -> None:
    refused = [NOW - second * SECOND for second in ago]
    assert attempts.NOW <= wait(refused, free=free, now=NOW) <= LONGEST_WAIT


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        pytest.param("192.0.2.7", "192.0.2.7", id="an IPv4 address"),
        pytest.param("::ffff:192.0.2.7", "192.0.2.7", id="the same, mapped into IPv6"),
        pytest.param("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", id="IPv6: the network"),
        pytest.param("2001:db8:1:2::9", "2001:db8:1:2::/64", id="IPv6: a neighbour"),
        pytest.param("", "", id="a socket without an address"),
    ],
)
def test_an_origin_is_what_one_guesser_cannot_multiply(address: str, origin: str) -> None:
    assert origin_of(address) == origin
