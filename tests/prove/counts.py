"""What a test of the catalogue tried and measured, and how much that says."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

CONFIDENCE = 0.95
_STEPS = 60  # of the bisection; each halves the doubt


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """So many trials of one kind, and how many failed."""

    bar: int
    n: int
    failures: int
    of: str
    seed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A figure beside what it may be."""

    bar: int
    name: str
    value: float
    unit: str
    at_most: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the figure is within its bar."""
        return self.at_most is None or self.value <= self.at_most


@dataclass(slots=True)
class Run:
    """What came of one test function: its marks, how it ended, and what it said of itself."""

    name: str
    bars: list[int] = field(default_factory=list)
    passed: bool = True
    seconds: float = 0.0
    why: str = ""
    tried: list[Tried] = field(default_factory=list)
    measured: list[Measured] = field(default_factory=list)
    commit: str = ""  # of which it was run

    def counts(self) -> Iterable[Tried]:
        """Return the trials; a test that counts none is one trial of each of its numbers."""
        silent = [bar for bar in self.bars if not any(one.bar == bar for one in self.tried)]
        yield from self.tried
        yield from (Tried(bar=bar, n=1, failures=not self.passed, of="cases") for bar in silent)

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` takes."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Run":
        """Return the run that was written down."""
        tried = [Tried(**one) for one in data["tried"]]
        measured = [Measured(**one) for one in data["measured"]]
        return cls(**{**data, "tried": tried, "measured": measured})


def bound(n: int, failures: int) -> float:
    """Return how likely a failure is at most, with 95 % confidence (Clopper and Pearson).

    None of N is 3/N, the rule of three.
    """
    if n == 0 or failures >= n:
        return 1.0
    if failures == 0:
        return min(1.0, 3 / n)
    low, high = failures / n, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if _at_most(failures, n, middle) > 1 - CONFIDENCE:
            low = middle
        else:
            high = middle
    return high


def _at_most(failures: int, n: int, chance: float) -> float:
    """Return how likely it is that so few of n fail, where each fails with this chance."""
    ways = (
        math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
        + k * math.log(chance) + (n - k) * math.log1p(-chance)
        for k in range(failures + 1)
    )  # fmt: skip
    return min(1.0, sum(map(math.exp, ways)))
