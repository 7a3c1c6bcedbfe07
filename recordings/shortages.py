"""Whether there is room for recordings: on the shelf, and where the PBXs write them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from recordings.shelf import Shelf
from recordings.stores import Folder, Space

FULL_BELOW = 32 * 1024 * 1024  # bytes: a recording of half an hour may not fit


class Level(StrEnum):
    """How much room there is."""

    FINE = "fine"
    LOW = "low"  # it will not do for long
    FULL = "full"  # recordings are lost on the PBX, or wait there


@dataclass(frozen=True, slots=True)
class Floor:
    """Below either of them there is little room."""

    free: int = 5_000_000_000  # bytes
    share: float = 0.05  # of the disk


@dataclass(frozen=True, slots=True)
class Shortage:
    """A place without much room; `free` is None where it does not say how much."""

    pbx_id: UUID | None  # the PBX whose spool it is; None: the shelf
    level: Level
    free: int | None  # bytes


def judge(space: Space, floor: Floor) -> Level:
    """Return how much room there is on a disk."""
    if space.free < FULL_BELOW:
        return Level.FULL
    low = space.free < floor.free or space.free < space.total * floor.share
    return Level.LOW if low else Level.FINE


def look(
    shelf: Shelf,
    spools: Mapping[UUID, Path],
    floor: Floor,
    *,
    refused: bool = False,
) -> tuple[Shortage, ...]:
    """Return every place that lacks room; blocks for a moment.

    `refused` says that the shelf did not take the last file, whatever it says of its room.
    """
    found = []
    space = shelf.space()
    level = Level.FULL if refused else judge(space, floor) if space else Level.FINE
    if level is not Level.FINE:
        found.append(Shortage(None, level, space.free if space else None))
    for pbx_id, here in spools.items():
        space = Folder(here).space() if here.is_dir() else None
        if space and judge(space, floor) is not Level.FINE:
            found.append(Shortage(pbx_id, judge(space, floor), space.free))
    return tuple(found)
