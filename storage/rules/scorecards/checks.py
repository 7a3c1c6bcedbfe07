"""Whether a scorecard can be used: each thing that is wrong with it, as a sentence."""

from collections.abc import Iterator

from pbx_bridge.matching import Reason, msgid
from storage.rules.scorecards.outlines import Item, ItemKind, Outline, Section

MOST_ITEMS = 100
MOST_STEPS = 11  # of a scale: 0 to 10
HEAVIEST = 100
NO_ITEM = msgid("A scorecard needs a section with an item.")
NO_TITLE = msgid("Section {number} needs a title.")
SAME_TITLE = msgid("Two sections are called “{section}”.")
EMPTY = msgid("“{section}” rates nothing.")
NO_LABEL = msgid("In “{section}” an item has no words.")
SAME_LABEL = msgid("In “{section}” two items are called “{item}”.")
BAD_SCALE = msgid("In “{section}” the scale of “{item}” must end above where it begins.")
LONG_SCALE = msgid("In “{section}” the scale of “{item}” has more than {most} steps.")
COUNTS_NOTHING = msgid("Nothing counts: give a section and an item in it a weight above 0.")


def check(outline: Outline) -> list[Reason]:
    """Return what is wrong, section by section."""
    if not any(outline.items()):
        return [Reason(text=NO_ITEM)]
    found = [*_titles(outline)]
    for section in outline.sections:
        found += _section(section)
    if not any(section.weight and item.weight for section, item in outline.items()):
        found.append(Reason(text=COUNTS_NOTHING))
    return found


def _titles(outline: Outline) -> Iterator[Reason]:
    seen: set[str] = set()
    for number, section in enumerate(outline.sections, 1):
        if not section.title:
            yield Reason(text=NO_TITLE, params={"number": str(number)})
        elif section.title in seen:
            yield Reason(text=SAME_TITLE, params={"section": section.title})
        seen.add(section.title)


def _section(section: Section) -> Iterator[Reason]:
    if not section.items:
        yield Reason(text=EMPTY, params={"section": section.title})
    seen: set[str] = set()
    for item in section.items:
        if not item.label:
            yield Reason(text=NO_LABEL, params={"section": section.title})
        elif item.label in seen:
            yield _say(SAME_LABEL, section, item)
        seen.add(item.label)
        if item.kind is ItemKind.SCALE:
            yield from _scale(section, item)


def _scale(section: Section, item: Item) -> Iterator[Reason]:
    if item.highest <= item.lowest:
        yield _say(BAD_SCALE, section, item)
    elif item.highest - item.lowest >= MOST_STEPS:
        yield _say(LONG_SCALE, section, item, most=str(MOST_STEPS))


def _say(text: str, section: Section, item: Item, **params: str) -> Reason:
    return Reason(text=text, params={"section": section.title, "item": item.label, **params})
