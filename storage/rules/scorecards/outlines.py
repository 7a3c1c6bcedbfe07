"""The outline of a scorecard: its sections, what each asks of a call, and how much it counts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class ItemKind(StrEnum):
    """How an item is rated."""

    YES_NO = "yes_no"
    SCALE = "scale"  # whole numbers, the highest is the best


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that is rated; `key` stays the same through all versions."""

    key: str
    label: str = ""
    help: str = ""  # what the reviewer is to look for
    kind: ItemKind = ItemKind.YES_NO
    lowest: int = 1  # of a scale
    highest: int = 5
    weight: int = 1  # within its section; 0: it does not count
    critical: bool = False  # not met, it fails the whole call
    skippable: bool = True  # may be marked as not applicable


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Items that are rated together, and how much they count beside the other sections."""

    key: str
    title: str = ""
    weight: int = 1
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Outline:
    """A scorecard's sections, in order."""

    sections: tuple[Section, ...] = ()

    def item(self, key: str) -> Item | None:
        """The item of this key, or None."""
        return next((item for _section, item in self.items() if item.key == key), None)

    def items(self) -> Iterator[tuple[Section, Item]]:
        """Every item with its section, in order."""
        return ((section, item) for section in self.sections for item in section.items)


def to_data(outline: Outline) -> dict[str, Any]:
    """Return the outline as JSON values."""
    return {
        "sections": [
            {
                "key": section.key,
                "title": section.title,
                "weight": section.weight,
                "items": [
                    {
                        "key": item.key,
                        "label": item.label,
                        "help": item.help,
                        "kind": item.kind.value,
                        "lowest": item.lowest,
                        "highest": item.highest,
                        "weight": item.weight,
                        "critical": item.critical,
                        "skippable": item.skippable,
                    }
                    for item in section.items
                ],
            }
            for section in outline.sections
        ]
    }


def from_data(data: Mapping[str, Any]) -> Outline:
    """Return the outline that `to_data` wrote."""
    return Outline(
        tuple(
            Section(
                key=one["key"],
                title=one["title"],
                weight=one["weight"],
                items=tuple(_item(item) for item in one["items"]),
            )
            for one in data.get("sections", ())
        )
    )


def _item(data: Mapping[str, Any]) -> Item:
    return Item(
        key=data["key"],
        label=data["label"],
        help=data["help"],
        kind=ItemKind(data["kind"]),
        lowest=data["lowest"],
        highest=data["highest"],
        weight=data["weight"],
        critical=data["critical"],
        skippable=data["skippable"],
    )
