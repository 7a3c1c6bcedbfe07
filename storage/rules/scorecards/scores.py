"""Marks make a score: exact fractions, rounded once, at the end, to a tenth of a percent.

An item gives a share of its weight: yes all, no nothing, a step of a scale its place between the
lowest and the highest. What is not applicable takes its weight out, and a section in which nothing
applies takes its own out. A critical item that is not met makes the call fail, with 0 %.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from pbx_bridge.matching import Reason, msgid
from storage.rules.scorecards.outlines import Item, ItemKind, Outline

YES, NO, NOT_APPLICABLE = "yes", "no", "na"
Answers = Mapping[str, str]  # by item; what is not in it, or empty, is not rated yet

NO_SUCH_MARK = msgid("“{item}” has no such mark.")
NOT_SKIPPABLE = msgid("“{item}” always applies.")
TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What marks come to, in percent; None where nothing that counts applies, or is rated yet."""

    percent: Decimal | None
    earned: Decimal | None  # what it would be if nothing failed it
    sections: Mapping[str, Decimal | None]  # by key, without regard to what fails the call
    failed: tuple[Item, ...] = ()  # critical items that were not met
    missing: tuple[Item, ...] = ()  # not rated yet


def choices(item: Item) -> tuple[str, ...]:
    """Return every mark that the item can have, the best first, not applicable last."""
    if item.kind is ItemKind.YES_NO:
        marks: tuple[str, ...] = (YES, NO)
    else:
        marks = tuple(str(step) for step in range(item.highest, item.lowest - 1, -1))
    return (*marks, NOT_APPLICABLE) if item.skippable else marks


def read_mark(item: Item, text: str) -> tuple[str, Reason | None]:
    """Return the mark as it is kept, and what is wrong with it; an empty one takes it back."""
    text = text.strip()
    if not text or text in choices(item):
        return text, None
    reason = NOT_SKIPPABLE if text == NOT_APPLICABLE else NO_SUCH_MARK
    return "", Reason(text=reason, params={"item": item.label})


def share(item: Item, mark: str) -> Fraction | None:
    """Return which part of its weight a mark gives; None where it does not apply."""
    if mark in {"", NOT_APPLICABLE}:
        return None
    if item.kind is ItemKind.YES_NO:
        return Fraction(mark == YES)
    return Fraction(int(mark) - item.lowest, item.highest - item.lowest)


def fails(item: Item, mark: str) -> bool:
    """Whether a mark fails the whole call: a critical item rated no, or with the lowest step."""
    return item.critical and share(item, mark) == 0


def score(outline: Outline, answers: Answers) -> Score:
    """Return what the marks come to; what is not rated yet is left out."""
    sections: dict[str, Fraction | None] = {}
    for section in outline.sections:
        shares = ((item.weight, share(item, answers.get(item.key, ""))) for item in section.items)
        sections[section.key] = _mean(shares)
    whole = _mean((section.weight, sections[section.key]) for section in outline.sections)
    failed = tuple(item for _, item in outline.items() if fails(item, answers.get(item.key, "")))
    earned = _percent(whole)
    return Score(
        percent=Decimal("0.0") if failed else earned,
        earned=earned,
        sections={key: _percent(value) for key, value in sections.items()},
        failed=failed,
        missing=tuple(item for _, item in outline.items() if not answers.get(item.key)),
    )


def percent(value: Fraction) -> Decimal:
    """Return a fraction as a percentage with one decimal, a half rounded up."""
    exact = Decimal(value.numerator * 100) / Decimal(value.denominator)
    return exact.quantize(TENTH, rounding=ROUND_HALF_UP)


def _percent(value: Fraction | None) -> Decimal | None:
    return None if value is None else percent(value)


def _mean(weighed: Iterable[tuple[int, Fraction | None]]) -> Fraction | None:
    total, weight = Fraction(0), 0
    for counts, value in weighed:
        if value is not None:
            total += counts * value
            weight += counts
    return total / weight if weight else None
