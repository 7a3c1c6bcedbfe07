"""Whether there is room for recordings: on the shelf, and where the PBXs write them."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from recordings.shelf import Shelf
from recordings.sources import spool_at, troubles
from recordings.spools import Folders
from recordings.stores import Space

FULL_BELOW = 32 * 1024 * 1024  # bytes: a recording of half an hour may not fit


class Level(StrEnum):
    """How much room there is."""

    FINE = "fine"
    LOW = "low"  # it will not do for long
    FULL = "full"  # recordings are lost on the PBX, or wait there
    UNREACHED = "unreached"  # the host that has them: they wait there


@dataclass(frozen=True, slots=True)
class Floor:
    """Below either of them there is little room."""

    free: int = 5_000_000_000  # bytes
    share: float = 0.05  # of the disk


@dataclass(frozen=True, slots=True)
class Shortage:
    """A place without much room, or that is not reached; `free` is None where nobody says it."""

    pbx_id: UUID | None  # the PBX whose spool it is; None: the shelf
    level: Level
    free: int | None  # bytes
    why: str = ""  # a sentence, of a host that is not reached


def judge(space: Space, floor: Floor) -> Level:
    """Return how much room there is on a disk."""
    if space.free < FULL_BELOW:
        return Level.FULL
    low = space.free < floor.free or space.free < space.total * floor.share
    return Level.LOW if low else Level.FINE


def look(
    shelf: Shelf,
    spools: Folders,
    floor: Floor,
    *,
    refused: bool = False,
) -> tuple[Shortage, ...]:
    """Return every place that lacks room or is not reached; blocks for a moment.

    `refused` says that the shelf did not take the last file, whatever it says of its room.
    """
    found = []
    space = shelf.space()
    level = Level.FULL if refused else judge(space, floor) if space else Level.FINE
    if level is not Level.FINE:
        found.append(Shortage(None, level, space.free if space else None))
    for pbx_id, (_, here) in spools.items():
        space = spool_at(here).room()
        if space and judge(space, floor) is not Level.FINE:
            found.append(Shortage(pbx_id, judge(space, floor), space.free))
    for pbx_id, why in troubles(spools).items():
        found.append(Shortage(pbx_id, Level.UNREACHED, None, why))
    return tuple(found)
