"""A script as its form sends it, and what a button of the form changes in it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count, takewhile
from typing import NamedTuple, TypeVar

from storage.rules import texts
from storage.rules.scripts import Branch, Comparison, Field, FieldKind, Outline, Step

MOST_OPTIONS = 50
_KEY = re.compile(r"[a-z][0-9]{1,9}")
T = TypeVar("T")
Posted = Mapping[str, str]


class Changed(NamedTuple):
    """The script after a button, and the part of the page to go back to."""

    outline: Outline
    part: str = ""


def read(posted: Posted) -> Outline:
    """Return the outline of a form; what it cannot hold is left out."""
    return Outline(tuple(_step(posted, f"s{n}") for n in _numbers(posted, "s")))


def change(outline: Outline, deed: str) -> Changed:
    """Return the outline after the button `deed`; one that we do not know changes nothing."""
    what, _, key = deed.partition(":")
    if what == "add-step":
        fresh = _fresh("s", [step.key for step in outline.steps])
        return Changed(Outline((*outline.steps, Step(key=fresh))), fresh)
    if what in _OF_STEP:
        key, _, place = key.partition(":")
        steps = [
            _OF_STEP[what](outline, step, place) if step.key == key else step
            for step in outline.steps
        ]
        return Changed(Outline(tuple(steps)), key)
    keys = [step.key for step in outline.steps]
    if key not in keys:
        return Changed(outline)
    at = keys.index(key)
    if what == "remove-step":
        return Changed(Outline((*outline.steps[:at], *outline.steps[at + 1 :])))
    if what in {"up", "down"}:
        return Changed(Outline(_moved(outline.steps, at, -1 if what == "up" else 1)), key)
    return Changed(outline)


def _add_field(outline: Outline, step: Step, _place: str) -> Step:
    fresh = _fresh("f", [field.key for _step, field in outline.fields()])
    return replace(step, fields=(*step.fields, Field(key=fresh)))


def _remove_field(_outline: Outline, step: Step, place: str) -> Step:
    return replace(step, fields=tuple(field for field in step.fields if field.key != place))


def _raise_field(_outline: Outline, step: Step, place: str) -> Step:
    keys = [field.key for field in step.fields]
    at = keys.index(place) if place in keys else 0
    return replace(step, fields=_moved(step.fields, at, -1))


def _add_branch(_outline: Outline, step: Step, _place: str) -> Step:
    field = step.fields[-1].key if step.fields else ""
    return replace(step, branches=(*step.branches, Branch(field=field)))


def _remove_branch(_outline: Outline, step: Step, place: str) -> Step:
    kept = (one for n, one in enumerate(step.branches) if str(n) != place)
    return replace(step, branches=tuple(kept))


_OF_STEP: dict[str, Callable[[Outline, Step, str], Step]] = {
    "add-field": _add_field,
    "remove-field": _remove_field,
    "raise-field": _raise_field,
    "add-branch": _add_branch,
    "remove-branch": _remove_branch,
}


def _moved(rows: Sequence[T], at: int, by: int) -> tuple[T, ...]:
    order = list(rows)
    if 0 <= at + by < len(order):
        order[at], order[at + by] = order[at + by], order[at]
    return tuple(order)


def _fresh(letter: str, taken: Sequence[str]) -> str:
    return f"{letter}{max((int(key[1:]) for key in taken), default=0) + 1}"


def _numbers(posted: Posted, prefix: str) -> list[int]:
    """The numbers of the rows that the form has; each row has a key."""
    return list(takewhile(lambda n: f"{prefix}{n}.key" in posted, count()))


def _step(posted: Posted, prefix: str) -> Step:
    return Step(
        key=_key(posted, f"{prefix}.key", "s"),
        title=texts.one_line(posted.get(f"{prefix}.title", ""), limit=120),
        say=texts.clean(posted.get(f"{prefix}.say", ""), limit=4_000),
        fields=tuple(_field(posted, f"{prefix}.f{n}") for n in _numbers(posted, f"{prefix}.f")),
        branches=tuple(_branch(posted, f"{prefix}.b{n}") for n in _numbers(posted, f"{prefix}.b")),
        next=_target(posted, f"{prefix}.next"),
        outcome=posted.get(f"{prefix}.outcome", "")[:36],
        card=bool(posted.get(f"{prefix}.card")),
    )


def _field(posted: Posted, prefix: str) -> Field:
    options = [texts.one_line(line, limit=200) for line in _lines(posted, f"{prefix}.options")]
    kind = posted.get(f"{prefix}.kind", "")
    return Field(
        key=_key(posted, f"{prefix}.key", "f"),
        label=texts.one_line(posted.get(f"{prefix}.label", ""), limit=200),
        kind=FieldKind(kind) if kind in set(FieldKind) else FieldKind.TEXT,
        needed=bool(posted.get(f"{prefix}.needed")),
        options=tuple(option for option in options if option)[:MOST_OPTIONS],
    )


def _branch(posted: Posted, prefix: str) -> Branch:
    test = posted.get(f"{prefix}.test", "")
    return Branch(
        field=_target(posted, f"{prefix}.field"),
        test=Comparison(test) if test in set(Comparison) else Comparison.IS,
        value=texts.one_line(posted.get(f"{prefix}.value", ""), limit=500),
        to=_target(posted, f"{prefix}.to"),
    )


def _lines(posted: Posted, name: str) -> list[str]:
    return posted.get(name, "").splitlines()


def _key(posted: Posted, name: str, letter: str) -> str:
    """A key as we gave it; a stranger's becomes one of ours."""
    key = posted.get(name, "")
    return key if _KEY.fullmatch(key) and key[0] == letter else f"{letter}0"


def _target(posted: Posted, name: str) -> str:
    key = posted.get(name, "")
    return key if _KEY.fullmatch(key) else ""
