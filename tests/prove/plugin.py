"""The marks and the fixture by which a test says what it proves, and who writes it down.

`@pytest.mark.bar(4)` names the test of the catalogue. The fixture `proof` takes counts and
figures; without it each case is one trial. `--proof=PROOF.md` writes the paper; what was proved
before is kept until it is proved again, with the commit that it was proved of, so that
`make prove T=…` proves a part again, and parts that run beside each other fill one paper.
"""

import fcntl
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from prove import machine, papers
from prove.counts import Measured, Run, Tried

_KEPT = Path("var/proofs.json")


class Proof:
    """Takes what a test tried and measured. Both are written down first, and then must hold."""

    def __init__(self, node: pytest.Item) -> None:
        self._node = node
        self._bars = [bar for mark in node.iter_markers("bar") for bar in mark.args]

    def measured(
        self, name: str, value: float, unit: str = "", *, at_most: float | None = None, bar: int = 0
    ) -> None:
        """Write a figure down; it may be no more than `at_most`."""
        one = Measured(
            bar=self._bar(bar), name=name, value=float(value), unit=unit, at_most=at_most
        )
        self._note("measured", one)
        assert one.holds, f"{name} is {value} {unit}, and may be {at_most}"

    def tried(
        self, n: int, failures: int = 0, *, of: str, seed: int | None = None, bar: int = 0
    ) -> None:
        """Write `n` trials down, of which none may have failed; `of` says of what: calls, cuts."""
        self._note("tried", Tried(bar=self._bar(bar), n=n, failures=failures, of=of, seed=seed))
        assert n > 0, "nothing was tried"
        assert failures == 0, f"{failures} of {n} {of} failed"

    def _bar(self, bar: int) -> int:
        assert bar or self._bars, "which test of the catalogue is this? @pytest.mark.bar(number)"
        return bar or self._bars[0]

    def _note(self, kind: str, one: Tried | Measured) -> None:
        fields = {name: getattr(one, name) for name in one.__slots__}
        self._node.user_properties.append((kind, fields))


@pytest.fixture
def proof(request: pytest.FixtureRequest) -> Proof:
    """Take what this test tried and measured."""
    return Proof(request.node)


class Clerk:
    """Gathers what all tests said, also those of other processes, and writes it down."""

    def __init__(self, target: Path, kept: Path) -> None:
        self.target, self.kept = target, kept
        self.commit = machine.commit()
        self.runs: dict[str, Run] = {}

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take one phase of a test."""
        run = self.runs.setdefault(report.nodeid, Run(report.nodeid, commit=self.commit))
        run.seconds += report.duration
        if report.failed:
            run.passed = False
            run.why = run.why or _last_words(report)
        if report.when == "call" or report.failed:
            self._take(run, report.user_properties)
        if report.when == "teardown":
            self._write()

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Show the promises, and write the paper."""
        proof = papers.Proof(
            runs=list(self._all().values()), machine=machine.kind(), commit=self.commit,
            at=datetime.now(UTC),
        )  # fmt: skip
        terminalreporter.section("what was proved")
        for line in papers.promise_lines(proof):
            terminalreporter.write_line(line)
        for run in proof.failed:
            terminalreporter.write_line(f"failed: {run.name}: {run.why}")
        self.target.write_text(papers.paper(proof), encoding="utf-8")
        terminalreporter.write_line(f"written to {self.target.name}")

    @staticmethod
    def _take(run: Run, said: list[tuple[str, Any]]) -> None:
        run.bars = [what for kind, what in said if kind == "bar"]
        run.tried = [Tried(**what) for kind, what in said if kind == "tried"]
        run.measured = [Measured(**what) for kind, what in said if kind == "measured"]

    def _all(self) -> dict[str, Run]:
        """Return what was proved, here and by others, now and before."""
        text = self.kept.read_text(encoding="utf-8") if self.kept.exists() else ""
        known = json.loads(text)["runs"] if text else []
        return {run["name"]: Run.from_json(run) for run in known} | self.runs

    def _write(self) -> None:
        self.kept.parent.mkdir(parents=True, exist_ok=True)
        with self.kept.open("a", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # others may write beside us
            runs = [run.as_json() for run in self._all().values()]
            file.truncate(0)
            file.write(json.dumps({"runs": runs}, indent=1))


def _last_words(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    said = crash.message if crash else str(report.longrepr)
    return " ".join(said.split())[:200]


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--proof=FILE`."""
    parser.addoption("--proof", metavar="FILE", help="write down there what was proved")


def pytest_configure(config: pytest.Config) -> None:
    """Whoever started the tests writes; the processes that help it only tell."""
    named = config.getoption("proof")
    if named and not hasattr(config, "workerinput"):
        clerk = Clerk(config.rootpath / named, config.rootpath / _KEPT)
        config.pluginmanager.register(clerk, "ringbook clerk")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Have the report say which test of the catalogue this is."""
    for mark in item.iter_markers("bar"):
        item.user_properties.extend(("bar", bar) for bar in mark.args)
