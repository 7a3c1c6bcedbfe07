"""A run of pytest with `--proof`: what its tests say is written down, whatever came of them."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "xdist")
STORY = """
import pytest

@pytest.mark.bar(4)
def test_counted(proof):
    proof.measured("detected within", 7.0, "s", at_most=10)
    proof.tried(5, of="stalls", seed=3)
    assert True

@pytest.mark.bar(2)
@pytest.mark.parametrize("case", [1, 2, 3])
def test_cases(case):
    assert case

@pytest.mark.bar(9)
def test_too_slow(proof):
    proof.measured("lag", 3.0, "s", at_most=1)
    assert True

@pytest.mark.bar(10)
def test_lossy(proof):
    proof.tried(10, 2, of="calls")
    assert True

@pytest.mark.bar(12)
def test_nothing_tried(proof):
    proof.tried(0, of="calls")
    assert True
"""


@pytest.fixture
def told(tmp_path):
    """Run the story with these arguments; gives the exit code and the words."""
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\nmarkers =\n  bar(n): x\naddopts = --strict-markers\n"
    )
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["prove.plugin"]\n')
    (tmp_path / "test_story.py").write_text(STORY)

    def run(*arguments: str) -> tuple[int, str]:
        path = os.pathsep.join(map(str, (TESTS, TESTS.parent)))
        done = subprocess.run(
            [*PYTEST, *arguments],
            cwd=tmp_path, capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONPATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        )  # fmt: skip
        return done.returncode, done.stdout

    return run


@pytest.mark.parametrize("workers", ["0", "2"])
def test_what_each_test_said_is_written_down(told, tmp_path, workers):
    code, said = told("--proof=PROOF.md", "-n", workers)
    text = (tmp_path / "PROOF.md").read_text()
    assert code == 1
    assert "| 5 stalls | 0 | ≤ 60 % | detected within 7 s (at most 10) | 3 |" in text
    assert "| 3 cases | 0 |" in text
    assert "**3 of 7 tests failed.**" in text
    assert "lag is 3.0 s, and may be 1" in text
    assert "lag 3 s (at most 1)" in text
    assert "2 of 10 calls failed" in text
    assert "| 10 calls | 2 |" in text
    assert "nothing was tried" in text
    assert " 1. No call is lost: N 5, failures 0" in said


def test_a_part_that_is_proved_again_replaces_only_itself(told, tmp_path):
    told("--proof=PROOF.md")
    story = tmp_path / "test_story.py"
    story.write_text(STORY.replace("3.0", "0.5"))
    code, _ = told("--proof=PROOF.md", "-k", "slow")
    text = (tmp_path / "PROOF.md").read_text()
    assert code == 0
    assert "**2 of 7 tests failed.**" in text
    assert "lag 0.5 s (at most 1)" in text


def test_parts_that_run_beside_each_other_fill_one_paper(told, tmp_path):
    def part(name: str) -> tuple[int, str]:
        return told("--proof=PROOF.md", "-k", name)

    with ThreadPoolExecutor() as beside:
        list(beside.map(part, ("cases", "counted", "slow", "lossy")))
    told("--proof=PROOF.md", "-k", "nothing")
    assert "**3 of 7 tests failed.**" in (tmp_path / "PROOF.md").read_text()


def test_what_was_proved_of_another_commit_is_kept_and_said(told, tmp_path):
    told("--proof=PROOF.md")
    kept = tmp_path / "var/proofs.json"
    runs = json.loads(kept.read_text())["runs"]
    kept.write_text(json.dumps({"runs": [run | {"commit": "another"} for run in runs]}))
    told("--proof=PROOF.md", "-k", "cases")
    text = (tmp_path / "PROOF.md").read_text()
    assert "7 tests that took" in text
    assert "4 of them were run of an earlier commit, `another`." in text


def test_nothing_is_written_unless_asked_for(told, tmp_path):
    told()
    assert not (tmp_path / "PROOF.md").exists()
    assert not (tmp_path / "var").exists()
