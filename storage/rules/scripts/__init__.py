"""Scripts: what an agent says and asks in a call, step by step, and where each answer leads."""

from storage.rules.scripts.answers import OPEN_KINDS, fits, read_answer, spoken, tests_of, words_of
from storage.rules.scripts.checks import MOST_STEPS, PLACEHOLDERS, check
from storage.rules.scripts.counts import FieldCount, count
from storage.rules.scripts.outlines import (
    END,
    Branch,
    Comparison,
    Field,
    FieldKind,
    Outline,
    Step,
    from_data,
    to_data,
)
from storage.rules.scripts.walks import Stand, Walk, advance, counted, missing, place, settle, walk

__all__ = [
    "END",
    "MOST_STEPS",
    "OPEN_KINDS",
    "PLACEHOLDERS",
    "Branch",
    "Comparison",
    "Field",
    "FieldCount",
    "FieldKind",
    "Outline",
    "Stand",
    "Step",
    "Walk",
    "advance",
    "check",
    "count",
    "counted",
    "fits",
    "from_data",
    "missing",
    "place",
    "read_answer",
    "settle",
    "spoken",
    "tests_of",
    "to_data",
    "walk",
    "words_of",
]
