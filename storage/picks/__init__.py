"""Picks: calls that rules set aside for a review, taken one by one."""

from storage.picks.filling import Wanted, add, wanted
from storage.picks.keeping import RuleChanged, RuleFacts, looked, rule_of
from storage.picks.keeping import listed as rules
from storage.picks.tables import Pick, PickReason, PickRule, PickState
from storage.picks.taking import (
    PickLine,
    begun,
    erase_texts,
    get,
    give_back,
    listed,
    reasons_of,
    scorecard_of,
    settled,
    skip,
    take,
)

__all__ = [
    "Pick",
    "PickLine",
    "PickReason",
    "PickRule",
    "PickState",
    "RuleChanged",
    "RuleFacts",
    "Wanted",
    "add",
    "begun",
    "erase_texts",
    "get",
    "give_back",
    "listed",
    "looked",
    "reasons_of",
    "rule_of",
    "rules",
    "scorecard_of",
    "settled",
    "skip",
    "take",
    "wanted",
]
