"""PROOF.md says what was tried, what failed, and what nobody tried."""

from datetime import UTC, datetime

import pytest

from prove.counts import Measured, Run, Tried
from prove.papers import Proof, paper, promise_lines
from prove.promises import CATALOGUE, PROMISES


@pytest.fixture
def proof() -> Proof:
    stall = Run("tests/chaos/test_stalls.py::test_a", [4], seconds=90, commit="abc")
    stall.tried.append(Tried(bar=4, n=30, failures=0, of="stalls", seed=11))
    stall.measured += [
        Measured(bar=4, name="detected within", value=value, unit="s", at_most=10)
        for value in (7.25, 7.5)
    ]
    cuts = Run(
        "tests/chaos/test_cuts.py::test_b",
        [2],
        passed=False,
        why="a name | was wrong",
        commit="old",
    )
    cuts.tried.append(Tried(bar=2, n=100, failures=1, of="cuts"))
    at = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
    return Proof(runs=[stall, cuts], machine=["2 cores"], commit="abc", at=at)


def test_each_promise_has_its_count_and_bound(proof):
    text = paper(proof)
    [first] = [line for line in text.splitlines() if line.startswith("| 1 | No call is lost")]
    assert first.endswith("| 4 | 30 | 0 | ≤ 10 % |")
    [all_] = [line for line in text.splitlines() if line.startswith("| 12 | Check us")]
    assert "| 2, 4 | 130 | 1 |" in all_


def test_each_test_has_its_figures_beside_their_bar(proof):
    [row] = [line for line in paper(proof).splitlines() if line.startswith("| 4 | a link")]
    assert "30 stalls" in row
    assert "detected within 7.25 to 7.5 s (at most 10)" in row
    assert row.endswith("| 11 | `abc` |")


def test_a_failure_is_said_first_and_by_name(proof):
    text = paper(proof)
    assert "**1 of 2 tests failed.**" in text
    assert "- `tests/chaos/test_cuts.py::test_b`: a name | was wrong" in text
    assert text.index("## Failed") < text.index("## By promise")


def test_what_was_run_of_an_earlier_commit_is_said(proof):
    text = paper(proof)
    assert "1 of them were run of an earlier commit, `old`." in text
    [row] = [line for line in text.splitlines() if line.startswith("| 2 | the stream")]
    assert row.endswith("| `old` |")


def test_what_nobody_tried_is_listed(proof):
    _, _, missing = paper(proof).partition("## Not counted here")
    assert "- 7: an Asterisk that is killed with calls up" in missing
    assert "- 4: " not in missing


def test_the_terminal_hears_of_each_promise(proof):
    lines = promise_lines(proof)
    assert len(lines) == len(PROMISES) == 12
    assert lines[0] == " 1. No call is lost: N 30, failures 0, ≤ 10 %"
    assert lines[7].endswith("nothing tried")


def test_every_test_of_a_promise_is_in_the_catalogue():
    assert {number for promise in PROMISES for number in promise.tests} <= CATALOGUE.keys()
