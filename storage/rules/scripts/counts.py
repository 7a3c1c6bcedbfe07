"""What was answered how often: a report from counted answers."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from storage.rules.scripts.answers import words_of
from storage.rules.scripts.outlines import Field, FieldKind, Outline, Step

_LISTED = {FieldKind.YES_NO, FieldKind.CHOICE, FieldKind.CHOICES}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldCount:
    """One question: how often it was answered, and how often so."""

    step: Step
    field: Field
    answered: int
    answers: tuple[tuple[str, int], ...] = ()  # of those to choose from, each in its order
    lowest: str = ""  # of numbers and dates
    highest: str = ""
    average: str = ""  # of numbers


def count(outline: Outline, answers: Iterable[tuple[str, str, int]]) -> list[FieldCount]:
    """Return a line for each question from (field, answer, how often)."""
    by_field: dict[str, Counter[str]] = {}
    for key, answer, times in answers:
        by_field.setdefault(key, Counter())[answer] += times
    return [
        _line(step, field, by_field.get(field.key, Counter())) for step, field in outline.fields()
    ]


def _line(step: Step, field: Field, found: Counter[str]) -> FieldCount:
    answered = found.total()
    if field.kind in _LISTED:
        words: Counter[str] = Counter()
        for answer, times in found.items():
            for word in words_of(answer):
                words[word] += times
        options = ("yes", "no") if field.kind is FieldKind.YES_NO else field.options
        listed = tuple((option, words[option]) for option in options)
        return FieldCount(step=step, field=field, answered=answered, answers=listed)
    if field.kind is FieldKind.DATE and found:
        return FieldCount(
            step=step, field=field, answered=answered, lowest=min(found), highest=max(found)
        )
    if field.kind is FieldKind.NUMBER and found:
        numbers = {Decimal(answer): times for answer, times in found.items()}
        total = sum((number * times for number, times in numbers.items()), Decimal())
        average = format(round(total / answered, 2).normalize(), "f")
        return FieldCount(
            step=step, field=field, answered=answered, average=average,
            lowest=format(min(numbers), "f"), highest=format(max(numbers), "f"),
        )  # fmt: skip
    return FieldCount(step=step, field=field, answered=answered)
