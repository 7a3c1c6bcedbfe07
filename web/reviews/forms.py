"""What the form of a review sends: marks, words and moments by item, each with what was seen."""

from collections.abc import Mapping
from typing import NamedTuple

from storage.reviews import WHOLE, Remark, Said

MOST = 50  # further comments of one item that are read from a form
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
        at, more = _text(posted, f"{name}.at"), _more(posted, name)
        if mark is None and note is None and at is None and more is None:
            continue
        said = Said(mark, note, _seconds(at), more=more, moves=at is not None)
        found.append(Sent(key, said, _version(_text(posted, f"{name}.seen"))))
    return found


def _more(posted: Mapping[str, object], name: str) -> tuple[Remark, ...] | None:
    """The further comments on an item; None where the form does not have them."""
    if f"{name}.more" not in posted:
        return None
    count = min(_version(_text(posted, f"{name}.more")) or 0, MOST)
    return tuple(
        Remark(_text(posted, f"{name}.{n}.note") or "", _seconds(_text(posted, f"{name}.{n}.at")))
        for n in range(1, count + 1)
    )


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
