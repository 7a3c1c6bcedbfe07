"""Answers as they are kept: one text each, read by the kind of its field, and compared."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from pbx_bridge.matching import Reason, msgid
from storage.rules import texts
from storage.rules.scripts.outlines import Branch, Comparison, Field, FieldKind

LONGEST = {FieldKind.TEXT: 500, FieldKind.LONG_TEXT: 10_000}
MOST_DIGITS = 15
UNKNOWN = "…"  # stands for a name that we do not know
OPEN_KINDS = {FieldKind.TEXT, FieldKind.LONG_TEXT, FieldKind.NUMBER, FieldKind.DATE}
NO_NUMBER = msgid("This is no number.")
NO_DATE = msgid("This is no date.")
NOT_OFFERED = msgid("Choose one of the list.")
_ORDERED = {FieldKind.NUMBER, FieldKind.DATE}
_NAME = re.compile(r"\{([a-z]+)\}")


def read_answer(field: Field, text: str) -> tuple[str, Reason | None]:
    """Return the answer as it is kept ("" is none), or why it cannot be one.

    Several choices stand on a line each, in the order of the field's options.
    """
    kind = field.kind
    if kind in LONGEST:
        cleaned = texts.one_line(text) if kind is FieldKind.TEXT else texts.clean(text)
        return cleaned[: LONGEST[kind]], None
    if not text.strip():
        return "", None
    if kind in _ORDERED:
        return _number(text) if kind is FieldKind.NUMBER else _date(text)
    options = ("yes", "no") if kind is FieldKind.YES_NO else field.options
    lines = text.splitlines() if kind is FieldKind.CHOICES else [text]
    return _among({line.strip() for line in lines if line.strip()}, options)


def words_of(answer: str) -> list[str]:
    """Return the several choices of an answer, one by one."""
    return answer.split("\n") if answer else []


def fits(branch: Branch, field: Field, answer: str) -> bool:
    """Whether the branch is taken when the field was answered so; "" is no answer."""
    if branch.test in {Comparison.ANSWERED, Comparison.NOT_ANSWERED}:
        return bool(answer) is (branch.test is Comparison.ANSWERED)
    if not answer:
        return False
    wanted, problem = read_answer(field, branch.value)
    if problem is not None:
        return False
    if branch.test in {Comparison.IS, Comparison.IS_NOT}:
        said = words_of(answer) if field.kind is FieldKind.CHOICES else [answer]
        return (wanted in said) is (branch.test is Comparison.IS)
    if field.kind not in _ORDERED:
        return False
    distance = _order(field, answer) - _order(field, wanted)
    return distance >= 0 if branch.test is Comparison.AT_LEAST else distance <= 0


def tests_of(kind: FieldKind) -> tuple[Comparison, ...]:
    """Return how an answer of this kind can be looked at."""
    if kind in _ORDERED:
        return tuple(Comparison)
    if kind is FieldKind.LONG_TEXT:
        return (Comparison.ANSWERED, Comparison.NOT_ANSWERED)
    return (Comparison.IS, Comparison.IS_NOT, Comparison.ANSWERED, Comparison.NOT_ANSWERED)


def spoken(text: str, names: Mapping[str, str]) -> str:
    """Return what is to be said, {name} and the like filled in once: a name is never read again."""
    return _NAME.sub(lambda found: names.get(found[1], "") or UNKNOWN, text)


def placeholders_in(text: str) -> list[str]:
    """Return the names in braces that the text wants filled in."""
    return _NAME.findall(text)


def _number(text: str) -> tuple[str, Reason | None]:
    try:
        value = Decimal(text.strip().replace("\N{MINUS SIGN}", "-").replace(",", "."))
    except InvalidOperation:
        return "", Reason(text=NO_NUMBER)
    if not value.is_finite() or len(value.as_tuple().digits) > MOST_DIGITS:
        return "", Reason(text=NO_NUMBER)
    if abs(value.adjusted()) > MOST_DIGITS:
        return "", Reason(text=NO_NUMBER)
    plain = format(value, "f")
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return ("0" if plain in {"-0", ""} else plain), None


def _date(text: str) -> tuple[str, Reason | None]:
    try:
        return date.fromisoformat(text.strip()).isoformat(), None
    except ValueError:
        return "", Reason(text=NO_DATE)


def _among(chosen: set[str], options: tuple[str, ...]) -> tuple[str, Reason | None]:
    if not chosen <= set(options):
        return "", Reason(text=NOT_OFFERED)
    return "\n".join(option for option in options if option in chosen), None


def _order(field: Field, answer: str) -> Decimal:
    if field.kind is FieldKind.NUMBER:
        return Decimal(answer)
    return Decimal(date.fromisoformat(answer).toordinal())
