"""What failed beside others, and plays on a real browser or PBX, is looked at once more, alone.

On two cores a browser, two Asterisks and a database share what one test may take for itself. So
`make test` writes down what failed, and where that is little and plays on such a thing, runs it
again with nothing beside it. The first failure stays in what was printed; each of them is a debt.
More than `MOST`, or anything else, has failed.

    python tests/second_looks.py FILE…    exits with 0 if what the files name passed when alone
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

MOST = 3
REAL = {"asterisk", "browser"}  # marks of tests whose other half runs beside them

WHOLE = {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED}


class Notes:
    """Writes down what failed, a line each, with `!` before what is not looked at again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._failed: dict[str, bool] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take one phase of a test."""
        if report.failed:
            name = report.nodeid.partition("@")[0]  # what --dist loadgroup adds
            self._failed[name] = bool(REAL & report.keywords.keys())

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write the file; an empty one where nothing failed."""
        lines = [f"{'' if is_real else '!'}{name}\n" for name, is_real in self._failed.items()]
        is_whole = exitstatus in WHOLE
        if not is_whole or session.shouldfail or session.shouldstop:
            lines.append("!a run that did not come to its end\n")
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text("".join(lines), encoding="utf-8")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--failed-to=FILE`."""
    parser.addoption("--failed-to", metavar="FILE", help="write down there what failed")


def pytest_configure(config: pytest.Config) -> None:
    """Whoever started the tests writes."""
    named = config.getoption("failed_to")
    if named and not hasattr(config, "workerinput"):
        (path := config.rootpath / named).unlink(missing_ok=True)
        config.pluginmanager.register(Notes(path), "ringbook notes")


def refusal(lines: list[str]) -> str:
    """Return why these are not looked at again, or nothing."""
    if not lines:
        return "nothing is known to have failed: it ended before its tests did"
    if len(lines) > MOST:
        return f"{len(lines)} failed: that is no matter of chance"
    others = [line[1:] for line in lines if line.startswith("!")]
    return f"{', '.join(others)} failed with nothing else running" if others else ""


def noted(path: Path) -> list[str]:
    """Return what a run wrote down; one that wrote nothing was not there at its end."""
    if not path.exists():
        return ["!a run that did not come to its end"]
    return path.read_text(encoding="utf-8").splitlines()


def main(arguments: list[str]) -> int:
    """Run the tests of the files again, one after the other."""
    lines = [line for name in arguments for line in noted(Path(name))]
    if why := refusal(lines):
        sys.stdout.write(f"No second look: {why}.\n")
        return 1
    sys.stdout.write(f"A second look, alone, at what failed beside others: {', '.join(lines)}\n")
    sys.stdout.flush()
    command: list[Any] = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *lines]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
