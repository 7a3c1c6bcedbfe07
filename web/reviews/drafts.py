"""A scorecard as its form sends it, and what a button of the form changes in it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count, takewhile
from typing import NamedTuple, TypeVar

from storage.rules import scorecards as rules
from storage.rules import texts
from storage.rules.scorecards import Item, ItemKind, Outline, Section

_KEY = re.compile(r"[a-z][0-9]{1,9}")
_WIDEST = 1_000  # of a scale's ends, either way
T = TypeVar("T")
Posted = Mapping[str, str]


class Changed(NamedTuple):
    """The scorecard after a button, and the part of the page to go back to."""

    outline: Outline
    part: str = ""


def read(posted: Posted) -> Outline:
    """Return the outline of a form; what it cannot hold is left out."""
    return Outline(tuple(_section(posted, f"s{n}") for n in _numbers(posted, "s")))


def change(outline: Outline, deed: str) -> Changed:
    """Return the outline after the button `deed`; one that we do not know changes nothing."""
    what, _, rest = deed.partition(":")
    key, _, item = rest.partition(":")
    sections = outline.sections
    if what == "add-section":
        fresh = _fresh("s", [section.key for section in sections])
        first = Item(key=_fresh("i", [one.key for _, one in outline.items()]))
        return Changed(Outline((*sections, Section(key=fresh, items=(first,)))), fresh)
    keys = [section.key for section in sections]
    if key not in keys:
        return Changed(outline)
    at = keys.index(key)
    if what == "remove-section":
        return Changed(Outline((*sections[:at], *sections[at + 1 :])))
    if what in {"up", "down"}:
        return Changed(Outline(_moved(sections, at, -1 if what == "up" else 1)), key)
    if what in _OF_SECTION:
        fresh_one = _OF_SECTION[what](outline, sections[at], item)
        return Changed(Outline((*sections[:at], fresh_one, *sections[at + 1 :])), key)
    return Changed(outline)


def _add_item(outline: Outline, section: Section, _item: str) -> Section:
    fresh = _fresh("i", [one.key for _section, one in outline.items()])
    return replace(section, items=(*section.items, Item(key=fresh)))


def _remove_item(_outline: Outline, section: Section, item: str) -> Section:
    return replace(section, items=tuple(one for one in section.items if one.key != item))


def _raise_item(_outline: Outline, section: Section, item: str) -> Section:
    keys = [one.key for one in section.items]
    at = keys.index(item) if item in keys else 0
    return replace(section, items=_moved(section.items, at, -1))


_OF_SECTION: dict[str, Callable[[Outline, Section, str], Section]] = {
    "add-item": _add_item,
    "remove-item": _remove_item,
    "raise-item": _raise_item,
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


def _section(posted: Posted, name: str) -> Section:
    return Section(
        key=_key(posted, f"{name}.key", "s"),
        title=texts.one_line(posted.get(f"{name}.title", ""), limit=120),
        weight=_whole(posted, f"{name}.weight", 1, 0, rules.HEAVIEST),
        items=tuple(_item(posted, f"{name}.i{n}") for n in _numbers(posted, f"{name}.i")),
    )


def _item(posted: Posted, name: str) -> Item:
    kind = posted.get(f"{name}.kind", "")
    return Item(
        key=_key(posted, f"{name}.key", "i"),
        label=texts.one_line(posted.get(f"{name}.label", ""), limit=200),
        help=texts.clean(posted.get(f"{name}.help", ""), limit=2_000),
        kind=ItemKind(kind) if kind in set(ItemKind) else ItemKind.YES_NO,
        lowest=_whole(posted, f"{name}.lowest", 1, -_WIDEST, _WIDEST),
        highest=_whole(posted, f"{name}.highest", 5, -_WIDEST, _WIDEST),
        weight=_whole(posted, f"{name}.weight", 1, 0, rules.HEAVIEST),
        critical=bool(posted.get(f"{name}.critical")),
        skippable=bool(posted.get(f"{name}.skippable")),
    )


def _key(posted: Posted, name: str, letter: str) -> str:
    """A key as we gave it; a stranger's becomes one of ours."""
    key = posted.get(name, "")
    return key if _KEY.fullmatch(key) and key[0] == letter else f"{letter}0"


def _whole(posted: Posted, name: str, usual: int, least: int, most: int) -> int:
    text = posted.get(name, "").strip()
    if not re.fullmatch(r"-?[0-9]{1,6}", text):
        return usual
    return max(least, min(most, int(text)))
