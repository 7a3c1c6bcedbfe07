"""Scorecards: what a call is rated by, what marks come to, and how scores go over time."""

from storage.rules.scorecards.checks import HEAVIEST, MOST_ITEMS, MOST_STEPS, check
from storage.rules.scorecards.outlines import (
    Item,
    ItemKind,
    Outline,
    Section,
    from_data,
    to_data,
)
from storage.rules.scorecards.scores import (
    NO,
    NOT_APPLICABLE,
    YES,
    Answers,
    Score,
    choices,
    fails,
    percent,
    read_mark,
    score,
    share,
)
from storage.rules.scorecards.spreads import ItemSpread, Spread, spread
from storage.rules.scorecards.trends import Result, Week, mean, monday_of, weeks

__all__ = [
    "HEAVIEST",
    "MOST_ITEMS",
    "MOST_STEPS",
    "NO",
    "NOT_APPLICABLE",
    "YES",
    "Answers",
    "Item",
    "ItemKind",
    "ItemSpread",
    "Outline",
    "Result",
    "Score",
    "Section",
    "Spread",
    "Week",
    "check",
    "choices",
    "fails",
    "from_data",
    "mean",
    "monday_of",
    "percent",
    "read_mark",
    "score",
    "share",
    "spread",
    "to_data",
    "weeks",
]
