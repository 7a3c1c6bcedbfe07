"""Where the file of a recording lies here: as the PBX named it, or as a script left it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO, cast

import structlog

import storage.pickups
from recordings import sources
from recordings.audio import NotAudio
from recordings.formats import Length
from recordings.naming import BadName, relative_name
from recordings.sides import Joined
from recordings.spools import Folders, Spool, Spools, marks_in
from recordings.verdicts import Look
from storage.database import Database
from storage.pickups import Awaited

BROKEN = 60.0  # seconds: a side that was not finished so long never will be

log = structlog.get_logger(__name__)


def as_there(there: str, name: PurePosixPath | str) -> str:
    """Return the path by which the PBX would name a file beneath its folder."""
    return f"{there.rstrip('/')}/{name}"


@dataclass(frozen=True, slots=True)
class Source:
    """Sound on its way to the shelf: so many bytes, if nothing changes."""

    file: BinaryIO
    size: int
    audio: Length | None


class Places:
    """Finds files; `folders` tells for each PBX how it names its folder and where that is here."""

    def __init__(
        self,
        database: Database,
        folders: Folders,
        clock: Callable[[], float],
    ) -> None:
        self.folders = folders
        self._database = database
        self._spools = Spools(clock)
        self._others: set[tuple[Spool, PurePosixPath]] = set()  # files that are another's

    def of(self, awaited: Awaited) -> tuple[Spool, PurePosixPath]:
        """Return the spool and the file's name in it; raises KeyError, BadName."""
        there, here = self.folders[awaited.pbx_id]
        return sources.spool_at(here), relative_name(awaited.path_there, there)

    def look(self, awaited: Awaited) -> Look | None:
        """See the file where the PBX put it, else where a script did; blocks. Raises NotSeen."""
        spool, name = self.of(awaited)
        look = spool.look(name)
        if look is not None:
            return look
        found = self._spools.find(spool, name, marks_in(awaited.uniqueid), self._others)
        return spool.look(found) if found else None

    @contextmanager
    def source(self, awaited: Awaited, look: Look) -> Iterator[Source]:
        """Open what was seen, joined of its sides where both are there; blocks.

        Raises NotSeen while something of it is fetched or written, OSError.
        """
        spool, _ = self.of(awaited)
        sides = _sides(spool, look)
        if sides is None or look.audio is None:
            with spool.opened(look) as file:
                yield Source(file, look.size, look.audio)
            return
        with spool.opened(sides[0]) as heard, spool.opened(sides[1]) as told:
            joined = None
            with suppress(NotAudio):
                types = [side.audio.media_type if side.audio else "" for side in sides]
                joined = Joined(heard, told, (types[0], types[1]))
            if joined is not None and joined.fits:
                yield Source(cast("BinaryIO", joined), joined.size, joined.pair)
                return
        with spool.opened(look) as file:
            yield Source(file, look.size, look.audio)

    def is_still(self, awaited: Awaited, look: Look) -> bool:
        """Whether the file is the one that was seen; blocks."""
        spool, _ = self.of(awaited)
        return spool.holds(look) or self.look(awaited) == look

    def release(self, awaited: Awaited, look: Look | None, *, clear: bool) -> None:
        """The file is safe: with `clear` the PBX's own goes, if it is still the one that was seen.

        Blocks. What fails is said in the log.
        """
        try:
            if look is not None:
                spool, _ = self.of(awaited)
                with suppress(sources.NotSeen):
                    for side in _sides(spool, look) or ():
                        spool.release(side, clear=clear)
                spool.release(look, clear=clear)
        except (OSError, BadName) as error:
            log.warning("spool_not_cleared", recording=str(awaited.id), error=str(error))

    async def is_anothers(self, awaited: Awaited, look: Look) -> bool:
        """Whether the file, found under another name, is another recording's already."""
        spool, name = self.of(awaited)
        if look.name is None or look.name == name:
            return False
        there, _ = self.folders[awaited.pbx_id]
        paths = {str(look.name), as_there(there, look.name)}
        async with self._database.reading() as session:
            owners = await storage.pickups.claimed(session, paths, pbx_id=awaited.pbx_id)
        if set(owners.values()) - {awaited.id}:
            self._others.add((spool, look.name))
            return True
        return False


def _sides(spool: Spool, look: Look) -> tuple[Look, Look] | None:
    """Return both sides of a recording, None where one is not there; raises NotSeen."""
    if spool.sides is None or look.name is None:
        return None
    found = []
    for name in spool.sides.of(look.name):
        try:
            side = spool.look(name)
        except (BadName, PermissionError):
            return None
        if side is None:
            return None
        if side.audio is None or not side.audio.is_closed(side.size):
            if time.time() - side.changed / 1e9 < BROKEN:
                raise sources.NotSeen
            return None
        found.append(side)
    return found[0], found[1]
