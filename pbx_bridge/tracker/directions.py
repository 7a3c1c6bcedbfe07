"""Who began a call, who the other side is, and what was dialled.

The first party decides: someone outside calls us (inbound); one of our phones calls inside
(internal) until it is known to call out (outbound). Once two sides talk, this is settled.
In an internal call `number` is the caller's, since the called phone is the one that gets a card.
"""

import re
from collections.abc import Iterable

from pbx_bridge.call import Direction
from pbx_bridge.tracker.stories import LiveLeg, Story

NO_NUMBER = frozenset({"", "s", "h", "i", "t"})  # extensions of the dialplan's own
_OUTSIDE = re.compile(r"\+?\d{6,}")  # shorter ones wait until a trunk is dialled


def take_leg(story: Story, live: LiveLeg, exten: str) -> None:
    """Let a new leg begin the call's nature, if it is the first party."""
    if not live.is_party or not _is_before(live, story.origin):
        return
    inbound = live.extension is None
    story.origin = live
    story.number, story.name = live.leg.number, live.leg.name
    story.direction = Direction.INBOUND if inbound else Direction.INTERNAL
    story.customer = live if inbound else None
    take_exten(story, exten)


def _is_before(live: LiveLeg, origin: LiveLeg | None) -> bool:
    """Of a call met midway the first leg may be seen last: all others are linked to it."""
    if origin is None:
        return True
    return live.uniqueid == live.leg.linkedid == origin.leg.linkedid != origin.uniqueid


def take_exten(story: Story, exten: str) -> None:
    """Keep the first number that was dialled."""
    if story.dialled in NO_NUMBER and exten not in NO_NUMBER:
        story.dialled = exten
        story.is_changed = True


def take_first_exten(live: LiveLeg, exten: str) -> None:
    """Keep what the first party dialled, whatever the dialplan made of it meanwhile."""
    story = live.story
    if live is story.origin and exten not in NO_NUMBER and exten != story.dialled:
        story.dialled = exten
        story.is_changed = True


def take_caller(live: LiveLeg) -> None:
    """Follow the caller's number until somebody talks: the dialplan may put it right."""
    story = live.story
    if live is not story.origin or story.answered_at or story.direction is _OUTBOUND:
        return
    story.number, story.name = live.leg.number, live.leg.name
    if live.extension and not live.is_calling and _OUTSIDE.fullmatch(story.number):
        dial_out(story, story.number)  # our phone rings first, for a number that we will call


def goes_out(story: Story, live: LiveLeg, exten: str, extensions: Iterable[str]) -> bool:
    """Tell whether our phone is dialling a number that can only be outside."""
    return (
        live is story.origin
        and live.extension is not None
        and story.answered_at is None
        and not live.dials
        and exten not in extensions
        and _OUTSIDE.fullmatch(exten) is not None
    )


def dial_out(story: Story, number: str) -> None:
    """Make it a call from us to the number outside."""
    if story.direction is _OUTBOUND and story.number == number:
        return
    story.direction = _OUTBOUND
    story.number, story.name = number, ""
    story.is_changed = True


def dials_out(story: Story, root: LiveLeg, live: LiveLeg, dialled: str) -> bool:
    """Note whom the phone that began the call calls; tell whether that is someone outside."""
    if root is not story.origin or root.extension is None or live.extension is not None:
        return False
    if story.answered_at is None:
        dial_out(story, dialled or story.dialled)
    return story.direction is _OUTBOUND


def dials_in(story: Story, root: LiveLeg, live: LiveLeg) -> bool:
    """Put right what looked like a number outside and rings inside; tell whether it did."""
    if root is not story.origin or live.extension is None or story.direction is not _OUTBOUND:
        return False
    if any(other.is_party and other.extension is None for other in story.legs):
        return False
    story.direction = Direction.INTERNAL
    story.number, story.name = root.leg.number, root.leg.name
    return True


_OUTBOUND = Direction.OUTBOUND
