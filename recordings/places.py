"""Where the file of a recording lies here: as the PBX named it, or as a script left it."""

from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from uuid import UUID

import storage.pickups
from recordings import sources
from recordings.naming import relative_name
from recordings.spools import Spools, marks_in
from recordings.verdicts import Look
from storage.database import Database
from storage.pickups import Awaited


def as_there(there: str, name: PurePosixPath | str) -> str:
    """Return the path by which the PBX would name a file beneath its folder."""
    return f"{there.rstrip('/')}/{name}"


class Places:
    """Finds files; `folders` tells for each PBX how it names its folder and where that is here."""

    def __init__(
        self,
        database: Database,
        folders: Mapping[UUID, tuple[str, Path]],
        clock: Callable[[], float],
    ) -> None:
        self.folders = folders
        self._database = database
        self._spools = Spools(clock)
        self._others: set[tuple[Path, PurePosixPath]] = set()  # files that are another's

    def of(self, awaited: Awaited) -> tuple[Path, PurePosixPath]:
        """Return the folder here and the file's name in it; raises KeyError, BadName."""
        there, here = self.folders[awaited.pbx_id]
        return here, relative_name(awaited.path_there, there)

    def look(self, awaited: Awaited) -> Look | None:
        """See the file where the PBX put it, else where a script did; blocks."""
        root, name = self.of(awaited)
        look = sources.look_at(root, name)
        if look is not None:
            return look
        found = self._spools.find(root, name, marks_in(awaited.uniqueid), self._others)
        return sources.look_at(root, found) if found else None

    async def is_anothers(self, awaited: Awaited, look: Look) -> bool:
        """Whether the file, found under another name, is another recording's already."""
        root, name = self.of(awaited)
        if look.name is None or look.name == name:
            return False
        there, _ = self.folders[awaited.pbx_id]
        paths = {str(look.name), as_there(there, look.name)}
        async with self._database.reading() as session:
            owners = await storage.pickups.claimed(session, paths, pbx_id=awaited.pbx_id)
        if set(owners.values()) - {awaited.id}:
            self._others.add((root, look.name))
            return True
        return False
