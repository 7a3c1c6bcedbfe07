"""The outline of a script: its steps, what each says and asks, and where it leads."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

END = ""  # a step that leads here ends the script


class FieldKind(StrEnum):
    """What kind of answer is asked for."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    DATE = "date"
    YES_NO = "yes_no"
    CHOICE = "choice"
    CHOICES = "choices"  # several of them


class Comparison(StrEnum):
    """How a branch looks at an answer."""

    IS = "is"  # of several choices: this one is among them
    IS_NOT = "is_not"  # answered, and otherwise
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    ANSWERED = "answered"
    NOT_ANSWERED = "not_answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing that is asked; `key` stays the same through all versions."""

    key: str
    label: str = ""
    kind: FieldKind = FieldKind.TEXT
    needed: bool = False
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """Where the script goes on when the answer to a field is such; the first that fits counts."""

    field: str = ""
    test: Comparison = Comparison.IS
    value: str = ""
    to: str = END


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is said and asked at once; without a fitting branch it goes on to `next`."""

    key: str
    title: str = ""
    say: str = ""
    fields: tuple[Field, ...] = ()
    branches: tuple[Branch, ...] = ()
    next: str = END
    outcome: str = ""  # an outcome's id, suggested where the script ends here
    card: bool = False  # it asks for card data: nothing is recorded meanwhile


@dataclass(frozen=True, slots=True)
class Outline:
    """A script's steps; it begins with the first."""

    steps: tuple[Step, ...] = ()

    def step(self, key: str) -> Step | None:
        """The step of this key, or None."""
        return next((step for step in self.steps if step.key == key), None)

    def field(self, key: str) -> Field | None:
        """The field of this key, or None."""
        return next((field for _step, field in self.fields() if field.key == key), None)

    def asking(self, key: str) -> Step | None:
        """The step that asks for the field, or None."""
        return next((step for step, field in self.fields() if field.key == key), None)

    def fields(self) -> Iterator[tuple[Step, Field]]:
        """Every field with its step, in order."""
        return ((step, field) for step in self.steps for field in step.fields)


def to_data(outline: Outline) -> dict[str, Any]:
    """Return the outline as JSON values."""
    return {
        "steps": [
            {
                "key": step.key,
                "title": step.title,
                "say": step.say,
                "fields": [
                    {
                        "key": field.key,
                        "label": field.label,
                        "kind": field.kind.value,
                        "needed": field.needed,
                        "options": list(field.options),
                    }
                    for field in step.fields
                ],
                "branches": [
                    {"field": b.field, "test": b.test.value, "value": b.value, "to": b.to}
                    for b in step.branches
                ],
                "next": step.next,
                "outcome": step.outcome,
                "card": step.card,
            }
            for step in outline.steps
        ]
    }


def from_data(data: Mapping[str, Any]) -> Outline:
    """Return the outline that `to_data` wrote."""
    return Outline(tuple(_step(one) for one in data.get("steps", ())))


def _step(data: Mapping[str, Any]) -> Step:
    return Step(
        key=data["key"],
        title=data["title"],
        say=data["say"],
        fields=tuple(
            Field(
                key=one["key"],
                label=one["label"],
                kind=FieldKind(one["kind"]),
                needed=one["needed"],
                options=tuple(one["options"]),
            )
            for one in data["fields"]
        ),
        branches=tuple(
            Branch(
                field=one["field"], test=Comparison(one["test"]), value=one["value"], to=one["to"]
            )
            for one in data["branches"]
        ),
        next=data["next"],
        outcome=data["outcome"],
        card=data.get("card", False),
    )
