"""Parts in order, each with rows, as a form sends them, and what a button of the form changes."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count, takewhile
from typing import Generic, NamedTuple, Protocol, TypeVar

_KEY = re.compile(r"[a-z][0-9]{1,9}")
O = TypeVar("O")  # noqa: E741 - an outline
T = TypeVar("T")
Posted = Mapping[str, str]


class Keyed(Protocol):
    """What bears a key of ours: a letter and a number."""

    @property
    def key(self) -> str:
        """Stays the same through all versions."""
        ...


P = TypeVar("P", bound=Keyed)


class Changed(NamedTuple, Generic[O]):
    """The outline after a button, and the part of the page to go back to."""

    outline: O
    part: str = ""


def arrange(
    parts: Sequence[P],
    deed: str,
    *,
    noun: str,
    fresh: Callable[[str], P],
    within: Mapping[str, Callable[[P, str], P]],
) -> Changed[tuple[P, ...]]:
    """Return the parts after the button `deed`; one that we do not know changes nothing.

    A deed is its name, then the part's key, then what it does there, with colons between.
    """
    what, _, rest = deed.partition(":")
    at_key, _, place = rest.partition(":")
    if what == f"add-{noun}":
        made = fresh(unused("s", parts))
        return Changed((*parts, made), made.key)
    at = next((n for n, part in enumerate(parts) if part.key == at_key), None)
    if at is None:
        return Changed(tuple(parts))
    if what == f"remove-{noun}":
        return Changed((*parts[:at], *parts[at + 1 :]))
    if what in {"up", "down"}:
        return Changed(_moved(parts, at, -1 if what == "up" else 1), at_key)
    if what in within:
        changed = within[what](parts[at], place)
        return Changed((*parts[:at], changed, *parts[at + 1 :]), at_key)
    return Changed(tuple(parts))


def without(rows: Iterable[P], key: str) -> tuple[P, ...]:
    """Return the rows but the one of this key."""
    return tuple(row for row in rows if row.key != key)


def raised(rows: Sequence[P], key: str) -> tuple[P, ...]:
    """Return the rows with the one of this key a place further up."""
    at = next((n for n, row in enumerate(rows) if row.key == key), 0)
    return _moved(rows, at, -1)


def unused(letter: str, taken: Iterable[Keyed]) -> str:
    """Return a key that none of these has."""
    return f"{letter}{max((int(one.key[1:]) for one in taken), default=0) + 1}"


def numbers(posted: Posted, prefix: str) -> list[int]:
    """Return the numbers of the rows that the form has; each row has a key."""
    return list(takewhile(lambda n: f"{prefix}{n}.key" in posted, count()))


def key(posted: Posted, name: str, letter: str = "") -> str:
    """Return a key as we gave it; a stranger's becomes one of ours, or none without a letter."""
    sent = posted.get(name, "")
    if _KEY.fullmatch(sent) and sent.startswith(letter):
        return sent
    return f"{letter}0" if letter else ""


def _moved(rows: Sequence[T], at: int, by: int) -> tuple[T, ...]:
    order = list(rows)
    if 0 <= at + by < len(order):
        order[at], order[at + by] = order[at + by], order[at]
    return tuple(order)
