"""Scores over weeks: how many reviews, their mean, and how many calls failed."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal

from storage.rules.scorecards.scores import TENTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One reviewed call, or one rated item of it, in percent."""

    at: datetime
    percent: Decimal
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """What came of the reviews of one week; without any there is no mean."""

    monday: date
    count: int = 0
    mean: Decimal | None = None
    failed: int = 0


def monday_of(at: datetime, zone: tzinfo) -> date:
    """Return the Monday of the week in which a moment lies in this zone."""
    day = at.astimezone(zone).date()
    return day - timedelta(days=day.weekday())


def weeks(results: Iterable[Result], *, since: date, until: date, zone: tzinfo) -> Sequence[Week]:
    """Return each week from that of `since` to that of `until`, also those without reviews."""
    found: dict[date, list[Result]] = defaultdict(list)
    for result in results:
        found[monday_of(result.at, zone)].append(result)
    monday, told = since - timedelta(days=since.weekday()), []
    while monday <= until:
        told.append(_week(monday, found.get(monday, [])))
        monday += timedelta(days=7)
    return told


def mean(results: Sequence[Result]) -> Decimal | None:
    """Return the mean of all in percent with one decimal, a half rounded up."""
    if not results:
        return None
    total = sum((result.percent for result in results), Decimal())
    return (total / len(results)).quantize(TENTH, rounding=ROUND_HALF_UP)


def _week(monday: date, results: Sequence[Result]) -> Week:
    return Week(
        monday=monday,
        count=len(results),
        mean=mean(results),
        failed=sum(result.failed for result in results),
    )
