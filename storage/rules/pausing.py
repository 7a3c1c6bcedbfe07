"""When a pause of a call's recordings ends by itself; pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Ending(StrEnum):
    """Why a pause ends although nobody asked."""

    LIMIT = "limit"  # nobody had resumed in time
    TRANSFER = "transfer"  # a colleague talks instead of whoever paused


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused:
    """What is known of a pause."""

    since: datetime
    limit: timedelta
    in_step: bool  # the script of the call stands at a step that asks for card data
    then: frozenset[str]  # our extensions that talked when it began
    still: frozenset[str]  # those that talk at this moment


def ending(paused: Paused, now: datetime) -> Ending | None:
    """Return why the pause is to end now, None where it lasts.

    It lasts as long as a script's step asks for card data, over a hold, while a colleague is
    asked, and while nobody of ours talks: what is said then may be a card's number all the same.
    """
    if paused.in_step:
        return None
    if paused.then and paused.still and not paused.then & paused.still:
        return Ending.TRANSFER
    return Ending.LIMIT if now - paused.since >= paused.limit else None


def until(paused: Paused) -> datetime | None:
    """Return when the pause ends by itself, None where it does not as things stand."""
    return None if paused.in_step else paused.since + paused.limit
