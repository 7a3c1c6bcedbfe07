"""How much a count says."""

import pytest

from prove.counts import Measured, Run, Tried, bound


@pytest.mark.parametrize(
    ("n", "failures", "percent"),
    [
        pytest.param(30_000, 0, 0.01, id="the rule of three"),
        pytest.param(2, 0, 100, id="too few to say anything"),
        pytest.param(0, 0, 100, id="nothing tried"),
        pytest.param(100, 1, 4.656, id="one of a hundred"),
        pytest.param(10, 5, 77.756, id="half of ten"),
        pytest.param(3, 3, 100, id="all"),
    ],
)
def test_a_bound_is_what_the_tables_say(n, failures, percent):
    assert 100 * bound(n, failures) == pytest.approx(percent, rel=1e-3)


def test_a_test_that_counts_nothing_is_one_trial_of_each_of_its_numbers():
    run = Run("t", bars=[2, 9], passed=False)
    assert [(one.bar, one.n, one.failures) for one in run.counts()] == [(2, 1, 1), (9, 1, 1)]
    run.tried.append(Tried(bar=2, n=50, failures=0, of="cuts"))
    assert sorted((one.bar, one.n) for one in run.counts()) == [(2, 50), (9, 1)]


def test_a_run_is_read_as_it_was_written():
    run = Run("t", [4], passed=True, seconds=1.5)
    run.tried.append(Tried(bar=4, n=5, failures=0, of="stalls", seed=7))
    run.measured.append(Measured(bar=4, name="detected", value=7.5, unit="s", at_most=10))
    assert Run.from_json(run.as_json()) == run
