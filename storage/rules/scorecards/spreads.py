"""How far several reviewers of one call are apart, per item and in all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Generic, TypeVar

from storage.rules.scorecards.outlines import Item, Outline, Section
from storage.rules.scorecards.scores import TENTH, Answers, Score, percent, score, share

Who = TypeVar("Who")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemSpread(Generic[Who]):
    """One item as each reviewer rated it."""

    section: Section
    item: Item
    marks: Mapping[Who, str]
    points: Decimal | None  # percent between the worst and the best; None where fewer than two rate
    agreed: bool  # every reviewer gave the same mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread(Generic[Who]):
    """A call as several reviewers rated it; figures in percent, of those that have a score."""

    items: Sequence[ItemSpread[Who]]
    scores: Mapping[Who, Score]
    mean: Decimal | None
    lowest: Decimal | None
    highest: Decimal | None
    deviation: Decimal | None  # of all that rated: the standard deviation of the population

    @property
    def points(self) -> Decimal | None:
        """Percent between the lowest and the highest score."""
        if self.highest is None or self.lowest is None:
            return None
        return self.highest - self.lowest

    @property
    def agreed(self) -> int:
        """How many items everybody rated alike."""
        return sum(one.agreed for one in self.items)


def spread(outline: Outline, rated: Mapping[Who, Answers]) -> Spread[Who]:
    """Hold the marks of several reviewers against each other."""
    scores = {who: score(outline, answers) for who, answers in rated.items()}
    known = [one.percent for one in scores.values() if one.percent is not None]
    mean = sum(known, Decimal()) / len(known) if known else None
    return Spread(
        items=[_item(section, item, rated) for section, item in outline.items()],
        scores=scores,
        mean=_rounded(mean),
        lowest=min(known, default=None),
        highest=max(known, default=None),
        deviation=_deviation(known, mean),
    )


def _item(section: Section, item: Item, rated: Mapping[Who, Answers]) -> ItemSpread[Who]:
    marks = {who: answers.get(item.key, "") for who, answers in rated.items()}
    shares: list[Fraction] = []
    for mark in marks.values():
        value = share(item, mark)
        if value is not None:
            shares.append(value)
    return ItemSpread(
        section=section,
        item=item,
        marks=marks,
        points=percent(max(shares) - min(shares)) if len(shares) > 1 else None,
        agreed=len(set(marks.values())) == 1 and all(marks.values()),
    )


def _deviation(known: Sequence[Decimal], mean: Decimal | None) -> Decimal | None:
    if mean is None:
        return None
    squares = sum(((one - mean) ** 2 for one in known), Decimal())
    return _rounded((squares / len(known)).sqrt())


def _rounded(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(TENTH, rounding=ROUND_HALF_UP)
