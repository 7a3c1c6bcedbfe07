"""A script as its form sends it, and what a button of the form changes in it."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from storage.rules import texts
from storage.rules.scripts import Branch, Comparison, Field, FieldKind, Outline, Step
from web import drafting
from web.drafting import Changed, Posted

MOST_OPTIONS = 50


def read(posted: Posted, deed: str) -> Changed[Outline]:
    """Return the outline of a form after the button `deed`; what it cannot hold is left out."""
    outline = Outline(tuple(_step(posted, f"s{n}") for n in drafting.numbers(posted, "s")))
    steps, part = drafting.arrange(
        outline.steps, deed, noun="step", fresh=lambda key: Step(key=key),
        within={name: partial(change, outline) for name, change in _OF_STEP.items()},
    )  # fmt: skip
    return Changed(Outline(steps), part)


def _add_field(outline: Outline, step: Step, _place: str) -> Step:
    fresh = drafting.unused("f", (field for _step, field in outline.fields()))
    return replace(step, fields=(*step.fields, Field(key=fresh)))


def _remove_field(_outline: Outline, step: Step, place: str) -> Step:
    return replace(step, fields=drafting.without(step.fields, place))


def _raise_field(_outline: Outline, step: Step, place: str) -> Step:
    return replace(step, fields=drafting.raised(step.fields, place))


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


def _step(posted: Posted, prefix: str) -> Step:
    return Step(
        key=drafting.key(posted, f"{prefix}.key", "s"),
        title=texts.one_line(posted.get(f"{prefix}.title", ""), limit=120),
        say=texts.clean(posted.get(f"{prefix}.say", ""), limit=4_000),
        fields=tuple(
            _field(posted, f"{prefix}.f{n}") for n in drafting.numbers(posted, f"{prefix}.f")
        ),
        branches=tuple(
            _branch(posted, f"{prefix}.b{n}") for n in drafting.numbers(posted, f"{prefix}.b")
        ),
        next=drafting.key(posted, f"{prefix}.next"),
        outcome=posted.get(f"{prefix}.outcome", "")[:36],
        card=bool(posted.get(f"{prefix}.card")),
    )


def _field(posted: Posted, prefix: str) -> Field:
    lines = posted.get(f"{prefix}.options", "").splitlines()
    options = [texts.one_line(line, limit=200) for line in lines]
    kind = posted.get(f"{prefix}.kind", "")
    return Field(
        key=drafting.key(posted, f"{prefix}.key", "f"),
        label=texts.one_line(posted.get(f"{prefix}.label", ""), limit=200),
        kind=FieldKind(kind) if kind in set(FieldKind) else FieldKind.TEXT,
        needed=bool(posted.get(f"{prefix}.needed")),
        options=tuple(option for option in options if option)[:MOST_OPTIONS],
    )


def _branch(posted: Posted, prefix: str) -> Branch:
    test = posted.get(f"{prefix}.test", "")
    return Branch(
        field=drafting.key(posted, f"{prefix}.field"),
        test=Comparison(test) if test in set(Comparison) else Comparison.IS,
        value=texts.one_line(posted.get(f"{prefix}.value", ""), limit=500),
        to=drafting.key(posted, f"{prefix}.to"),
    )
