"""Only a few failures, of tests on a real browser or PBX, are looked at a second time."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import second_looks

TOP = Path(__file__).parent
FLAKY = """
import pathlib, pytest
@pytest.mark.browser
def test_late():
    mark = pathlib.Path(__file__).with_name("was here")
    is_first = not mark.exists()
    mark.touch()
    assert not is_first
@pytest.mark.browser
def test_wrong():
    assert FINE
@pytest.mark.browser
def test_right():
    assert True
"""


@pytest.fixture
def run(tmp_path: Path):
    """Runs a file of tests as `make test` does; gives what the second look comes to."""
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n  browser: one\n")

    def of(text: str, *options: str, beside: Sequence[str] = ()) -> tuple[int, str]:
        (tmp_path / "test_it.py").write_text(text)
        said = {"cwd": tmp_path, "env": {"PYTHONPATH": str(TOP)}, "capture_output": True}
        first = [
            sys.executable, "-m", "pytest", "-q", "-p", "second_looks", "--failed-to=var/failed",
            *options,
        ]  # fmt: skip
        assert subprocess.run(first, check=False, **said).returncode == 1
        second = [sys.executable, str(TOP / "second_looks.py"), "var/failed", *beside]
        done = subprocess.run(second, check=False, text=True, **said)
        return done.returncode, done.stdout

    return of


def test_what_passes_alone_has_passed_and_is_named(run) -> None:
    code, said = run(FLAKY.replace("FINE", "True"))
    assert code == 0
    assert "A second look, alone, at what failed beside others: test_it.py::test_late" in said
    assert "1 passed" in said


def test_the_same_holds_where_others_ran_the_tests(run) -> None:
    code, said = run(FLAKY.replace("FINE", "True"), "-n", "2", "--dist", "loadgroup")
    assert (code, "1 passed" in said) == (0, True)


def test_a_run_that_was_cut_short_has_failed(run) -> None:
    code, said = run(FLAKY.replace("FINE", "False"), "--maxfail=1")
    assert code == 1
    assert "did not come to its end" in said


def test_of_two_runs_beside_each_other_both_are_looked_at(run, tmp_path: Path) -> None:
    quiet, gone = tmp_path / "quiet", tmp_path / "gone"
    quiet.touch()
    assert second_looks.noted(quiet) == []
    code, said = run(FLAKY.replace("FINE", "True"), beside=[str(quiet)])
    assert (code, "1 passed" in said) == (0, True)
    code, said = run(FLAKY.replace("FINE", "False"), beside=[str(gone)])
    assert (code, "did not come to its end" in said) == (1, True)


def test_what_fails_alone_has_failed(run) -> None:
    code, said = run(FLAKY.replace("FINE", "False"))
    assert code == 1
    assert "1 failed, 1 passed" in said


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([], "nothing is known"),
        (["a", "b", "c", "d"], "4 failed"),
        (["a", "!tests/storage/test_x.py::test_y"], "test_y failed with nothing else running"),
    ],
)
def test_what_is_not_looked_at_again_says_why(lines: list[str], why: str) -> None:
    assert why in second_looks.refusal(lines)
    assert second_looks.refusal(["a"]) == ""
