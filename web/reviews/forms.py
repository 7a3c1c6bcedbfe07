"""What the form of a review sends: marks, words and moments by item, each with what was seen."""

from collections.abc import Mapping
from typing import NamedTuple

from storage.reviews import WHOLE, Said

PREFIX = "whole"  # stands for the whole call in names of fields


class Sent(NamedTuple):
    """What is said of one item, and the version that was seen; None says nothing of it."""

    item: str
    said: Said
    seen: int | None


def read(posted: Mapping[str, object], keys: list[str]) -> list[Sent]:
    """Return what a form says of these items and of the whole call, in this order."""
    found = []
    for key in (*keys, WHOLE):
        name = key or PREFIX
        mark, note = _text(posted, f"{name}.mark"), _text(posted, f"{name}.note")
        at = _text(posted, f"{name}.at")
        if mark is None and note is None and at is None:
            continue
        said = Said(mark, note, _seconds(at), moves=at is not None)
        found.append(Sent(key, said, _version(_text(posted, f"{name}.seen"))))
    return found


def _text(posted: Mapping[str, object], name: str) -> str | None:
    value = posted.get(name)
    return value if isinstance(value, str) else None


def _seconds(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None


def _version(text: str | None) -> int | None:
    is_number = text is not None and text.isascii() and text.isdecimal() and len(text) < 9  # noqa: PLR2004
    return int(text) if is_number and text else None
