"""A scorecard as its form sends it, and what a button of the form changes in it."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from storage.rules import scorecards as rules
from storage.rules import texts
from storage.rules.scorecards import Item, ItemKind, Outline, Section
from web import drafting
from web.drafting import Changed, Posted

_WIDEST = 1_000  # of a scale's ends, either way


def read(posted: Posted, deed: str) -> Changed[Outline]:
    """Return the outline of a form after the button `deed`; what it cannot hold is left out."""
    outline = Outline(tuple(_section(posted, f"s{n}") for n in drafting.numbers(posted, "s")))
    sections, part = drafting.arrange(
        outline.sections, deed, noun="section", fresh=partial(_fresh, outline),
        within={name: partial(change, outline) for name, change in _OF_SECTION.items()},
    )  # fmt: skip
    return Changed(Outline(sections), part)


def _fresh(outline: Outline, key: str) -> Section:
    return _add_item(outline, Section(key=key))


def _add_item(outline: Outline, section: Section, _item: str = "") -> Section:
    fresh = drafting.unused("i", (one for _section, one in outline.items()))
    return replace(section, items=(*section.items, Item(key=fresh)))


def _remove_item(_outline: Outline, section: Section, item: str) -> Section:
    return replace(section, items=drafting.without(section.items, item))


def _raise_item(_outline: Outline, section: Section, item: str) -> Section:
    return replace(section, items=drafting.raised(section.items, item))


_OF_SECTION: dict[str, Callable[[Outline, Section, str], Section]] = {
    "add-item": _add_item,
    "remove-item": _remove_item,
    "raise-item": _raise_item,
}


def _section(posted: Posted, name: str) -> Section:
    return Section(
        key=drafting.key(posted, f"{name}.key", "s"),
        title=texts.one_line(posted.get(f"{name}.title", ""), limit=120),
        weight=_whole(posted, f"{name}.weight", 1, 0, rules.HEAVIEST),
        items=tuple(_item(posted, f"{name}.i{n}") for n in drafting.numbers(posted, f"{name}.i")),
    )


def _item(posted: Posted, name: str) -> Item:
    kind = posted.get(f"{name}.kind", "")
    return Item(
        key=drafting.key(posted, f"{name}.key", "i"),
        label=texts.one_line(posted.get(f"{name}.label", ""), limit=200),
        help=texts.clean(posted.get(f"{name}.help", ""), limit=2_000),
        kind=ItemKind(kind) if kind in set(ItemKind) else ItemKind.YES_NO,
        lowest=_whole(posted, f"{name}.lowest", 1, -_WIDEST, _WIDEST),
        highest=_whole(posted, f"{name}.highest", 5, -_WIDEST, _WIDEST),
        weight=_whole(posted, f"{name}.weight", 1, 0, rules.HEAVIEST),
        critical=bool(posted.get(f"{name}.critical")),
        skippable=bool(posted.get(f"{name}.skippable")),
    )


def _whole(posted: Posted, name: str, usual: int, least: int, most: int) -> int:
    text = posted.get(name, "").strip()
    if not re.fullmatch(r"-?[0-9]{1,6}", text):
        return usual
    return max(least, min(most, int(text)))
