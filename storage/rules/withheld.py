"""What of a recording is silent for whom: where in it our own people spoke among themselves."""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

MARGIN = 0.25  # seconds: an event of the PBX may come so much before or after the sound


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A part of a recording, in seconds from its beginning."""

    begins: float
    ends: float


@dataclass(frozen=True, slots=True)
class Aside:
    """A talk among our own people, and who of them took part."""

    began: datetime
    ended: datetime
    users: frozenset[UUID]


def withheld_from(asides: Iterable[Aside], reach: Collection[UUID] | None) -> tuple[Aside, ...]:
    """Return what is not for one who may hear the internal talk of `reach` (None: everyone's)."""
    if reach is None:
        return ()
    return tuple(aside for aside in asides if aside.users.isdisjoint(reach))


def windows(
    asides: Iterable[Aside], *, began: datetime, ended: datetime | None, seconds: float
) -> tuple[Window, ...]:
    """Return where `asides` are in a recording from `began` to `ended` that plays `seconds` long.

    Where it plays shorter than it lasted, something before may be missing and what is withheld
    comes earlier: so much earlier each window begins, too.
    """
    lost = max(0.0, (ended - began).total_seconds() - seconds) if ended else 0.0
    found: list[Window] = []
    for aside in asides:
        begins = (aside.began - began).total_seconds() - lost - MARGIN
        ends = (aside.ended - began).total_seconds() + MARGIN
        if ends > 0 and begins < seconds:
            found.append(Window(max(0.0, round(begins, 2)), round(min(ends, seconds + 1), 2)))
    return merged(found)


def merged(found: Iterable[Window]) -> tuple[Window, ...]:
    """Return the windows in order, those that touch as one."""
    joined: list[Window] = []
    for window in sorted(found):
        if joined and window.begins <= joined[-1].ends:
            joined[-1] = Window(joined[-1].begins, max(joined[-1].ends, window.ends))
        else:
            joined.append(window)
    return tuple(joined)


def mark(found: Iterable[Window]) -> str:
    """Return a name for a set of windows: the same for the same, "" for none."""
    told = ";".join(f"{window.begins:.2f}-{window.ends:.2f}" for window in found)
    return hashlib.sha256(told.encode()).hexdigest()[:32] if told else ""
