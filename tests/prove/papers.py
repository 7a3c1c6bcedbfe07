"""PROOF.md and what the terminal shows of it, made of what the tests said; pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from prove.counts import Measured, Run, Tried, bound
from prove.promises import CATALOGUE, PROMISES, Promise

_FEW_SEEDS = 6
_PREFACE = """\
Made by `make prove`, not by hand. A bound is how often the thing fails at most, with 95 %
confidence: 3/N where none of N failed, else by Clopper and Pearson. Trials of different kinds are
added up for a promise; the second table keeps them apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """All that was run, on what, when."""

    runs: Sequence[Run]
    machine: Sequence[str]
    commit: str
    at: datetime

    def tried(self, numbers: Iterable[int]) -> list[Tried]:
        """Return what was tried for these tests of the catalogue."""
        wanted = set(numbers)
        return [one for run in self.runs for one in run.counts() if one.bar in wanted]

    @property
    def failed(self) -> list[Run]:
        """Return the tests that failed."""
        return [run for run in self.runs if not run.passed]


def promise_lines(proof: Proof) -> list[str]:
    """Return a line for each promise: N, failures and the bound."""
    return [_of_promise(proof, promise) for promise in PROMISES]


def _of_promise(proof: Proof, promise: Promise) -> str:
    tried = proof.tried(promise.tests)
    n, failures = _sums(tried)
    said = f"N {n:,}, failures {failures:,}, {_bound(n, failures)}" if n else "nothing tried"
    return f"{promise.number:2}. {promise.sentence.partition('. ')[0].rstrip('.')}: {said}"


def paper(proof: Proof) -> str:
    """Return PROOF.md."""
    failed = proof.failed
    verdict = (
        f"**{len(failed)} of {len(proof.runs)} tests failed.**" if failed else "Nothing failed."
    )
    parts = [
        "# What was proved",
        _PREFACE,
        f"{_occasion(proof)} {verdict}",
        "\n".join(f"- {line}" for line in proof.machine),
        *(
            ["## Failed", "\n".join(f"- `{run.name}`: {run.why}" for run in failed)]
            if failed
            else []
        ),
        "## By promise",
        _table(
            ("", "Promise", "Tests", "N", "Failures", "95 % bound"),
            [_promise_row(proof, promise) for promise in PROMISES],
        ),
        "## By test",
        _table(
            ("Test", "What is done", "N", "Failures", "95 % bound", "Figures", "Seeds", "Of"),
            [_test_row(proof, number) for number in CATALOGUE if proof.tried([number])],
        ),
        "## Not counted here",
        _missing(proof),
    ]
    return "\n\n".join(parts) + "\n"


def _occasion(proof: Proof) -> str:
    minutes = sum(run.seconds for run in proof.runs) / 60
    when = f"{proof.at:%Y-%m-%d %H:%M} UTC, commit `{proof.commit}`"
    said = f"{when}, {len(proof.runs)} tests that took {minutes:.0f} minutes together."
    earlier = Counter(run.commit for run in proof.runs if run.commit != proof.commit)
    for commit, count in earlier.items():
        said += f" {count} of them were run of an earlier commit, `{commit}`."
    return said


def _promise_row(proof: Proof, promise: Promise) -> tuple[str, ...]:
    tried = proof.tried(promise.tests)
    n, failures = _sums(tried)
    tests = ", ".join(map(str, sorted({one.bar for one in tried}))) or "none"
    figures = (f"{n:,}", f"{failures:,}", _bound(n, failures)) if n else ("0", "", "nothing tried")
    return (str(promise.number), promise.sentence, tests, *figures)


def _test_row(proof: Proof, number: int) -> tuple[str, ...]:
    tried = proof.tried([number])
    n, failures = _sums(tried)
    kinds: dict[str, int] = defaultdict(int)
    for one in tried:
        kinds[one.of] += one.n
    counted = ", ".join(f"{count:,} {of}" for of, count in kinds.items())
    measured = [m for run in proof.runs for m in run.measured if m.bar == number]
    seeds = sorted({one.seed for one in tried if one.seed is not None})
    shown = ", ".join(map(str, seeds[:_FEW_SEEDS])) + (" …" if len(seeds) > _FEW_SEEDS else "")
    return (
        str(number), CATALOGUE[number], counted, f"{failures:,}", _bound(n, failures),
        _figures(measured), shown, _commits(proof, number),
    )  # fmt: skip


def _commits(proof: Proof, number: int) -> str:
    """Return the commits of which a test of the catalogue was run."""
    runs = (run for run in proof.runs if any(one.bar == number for one in run.counts()))
    return ", ".join(f"`{commit}`" for commit in dict.fromkeys(run.commit for run in runs))


def _figures(measured: Iterable[Measured]) -> str:
    alike: dict[tuple[str, str, float | None], list[float]] = defaultdict(list)
    for one in measured:
        alike[one.name, one.unit, one.at_most].append(one.value)
    return "; ".join(_figure(*key, values) for key, values in alike.items())


def _figure(name: str, unit: str, at_most: float | None, values: Sequence[float]) -> str:
    low, high = _short(min(values)), _short(max(values))
    span = high if low == high else f"{low} to {high}"
    limit = "" if at_most is None else f" (at most {_short(at_most)})"
    return f"{name} {span} {unit}".rstrip() + limit


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _missing(proof: Proof) -> str:
    done = {one.bar for one in proof.tried(CATALOGUE)}
    left = [f"- {number}: {what}" for number, what in CATALOGUE.items() if number not in done]
    reason = (
        "No test of these numbers is counted by `make prove` yet, or this run left it out; parts "
        "of some are held by `make test`. What needs rights of the kernel's firewall or traffic "
        "control is done by the proxy of `tests/chaos`."
    )
    return "\n".join([reason, "", *left])


def _sums(tried: Iterable[Tried]) -> tuple[int, int]:
    all_ = list(tried)
    return sum(one.n for one in all_), sum(one.failures for one in all_)


def _bound(n: int, failures: int) -> str:
    percent = 100 * bound(n, failures)
    return f"≤ {percent:.2g} %" if percent < 100 else "too few to say"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
