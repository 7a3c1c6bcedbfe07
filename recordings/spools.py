"""What lies in a PBX's recordings folder: found again after a script renamed or transcoded it."""

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol, TypeAlias
from uuid import UUID

from recordings.formats import ENDINGS
from recordings.sides import Sides
from recordings.stores import Space
from recordings.verdicts import Look

UNIQUEID = re.compile(r"(?<![\d.])\d{9,11}\.\d+(?![\d.]*\d)")
MOST_FILES = 500_000  # of one folder: what is beyond is not looked at
FRESH = 15.0  # seconds that a listing counts


@dataclass(frozen=True, slots=True)
class Entry:
    """What lies beneath a PBX's folder and is no folder."""

    name: PurePosixPath
    size: int
    changed_at: datetime
    regular: bool  # a file; no link, no pipe


class Spool(Protocol):
    """A PBX's recordings folder, wherever it is; no link in it is followed. Every call blocks.

    Raises BadName for what is no plain file in it, FolderAway where it cannot be looked into now.
    """

    @property
    def sides(self) -> Sides | None:
        """How files of one side alone are called; None where there are none."""

    @property
    def trouble(self) -> str:
        """Why nothing can be fetched from it now, a sentence; "" where all is well."""

    def look(self, name: PurePosixPath) -> Look | None:
        """See a file as it is, or None where there is none; raises NotSeen, OSError."""

    def holds(self, look: Look) -> bool:
        """Whether what `opened` gives cannot have changed since it was seen."""

    def names(self) -> Iterable[PurePosixPath]:
        """Give the names of files in it; raises NotSeen, OSError."""

    def entries(self) -> list[Entry]:
        """Return all that lies in it, also what is hidden; raises OSError."""

    def opened(self, look: Look) -> AbstractContextManager[BinaryIO]:
        """Open the file that was seen; raises NotSeen while it is fetched, OSError."""

    def peeked(self, name: PurePosixPath) -> AbstractContextManager[BinaryIO]:
        """Open a file in order to read little of it; raises OSError."""

    def release(self, look: Look, *, clear: bool) -> None:
        """The file is safe: what was needed for it may go, and with `clear` it may, too."""

    def remove(self, name: PurePosixPath) -> None:
        """Delete a file; raises OSError."""

    def check(self) -> None:
        """Raise FolderAway where the folder itself is away."""

    def room(self) -> Space | None:
        """Return the room on its disk, None where nobody says."""


Folders: TypeAlias = Mapping[UUID, tuple[str, Path | Spool]]  # how each PBX calls it; where it is


@dataclass(slots=True)
class Listing:
    """The files of sound beneath a folder, by what their names tell."""

    by_stem: dict[PurePosixPath, list[PurePosixPath]] = field(
        default_factory=lambda: defaultdict(list)
    )
    by_mark: dict[str, list[PurePosixPath]] = field(default_factory=lambda: defaultdict(list))

    def add(self, name: PurePosixPath) -> None:
        """Note a file."""
        if name.suffix not in ENDINGS:
            return
        self.by_stem[name.with_suffix("")].append(name)
        for mark in marks_in(name.name):
            self.by_mark[mark].append(name)

    def others(self, name: PurePosixPath) -> list[PurePosixPath]:
        """Return the files that bear the same name with another ending, or one more, best first."""
        found = [*self.by_stem.get(name.with_suffix(""), ()), *self.by_stem.get(name, ())]
        return sorted((one for one in found if one != name), key=_rank)

    def marked(self, marks: Iterable[str]) -> list[PurePosixPath]:
        """Return the files whose names hold one of the uniqueids, best first."""
        found = {name for mark in marks for name in self.by_mark.get(mark, ())}
        return sorted(found, key=_rank)

    def find(
        self,
        name: PurePosixPath,
        marks: frozenset[str],
        taken: AbstractSet[PurePosixPath] = frozenset(),
    ) -> PurePosixPath | None:
        """Return where the recording lies that is not at `name`: by its stem, else a uniqueid.

        A uniqueid counts where it is in the name of one file alone that is not `taken`.
        """
        for other in self.others(name):
            if other not in taken:
                return other
        marked = [one for one in self.marked(marks) if one not in taken]
        return marked[0] if len({one.with_suffix("") for one in marked}) == 1 else None


class Spools:
    """Listings of folders, made anew when they are old; every call blocks: use a thread."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._listings: dict[Spool, tuple[float, Listing]] = {}

    def find(
        self,
        spool: Spool,
        name: PurePosixPath,
        marks: frozenset[str],
        taken: AbstractSet[tuple[Spool, PurePosixPath]] = frozenset(),
    ) -> PurePosixPath | None:
        """Return where the recording lies that is not at `name`, by the listing of `spool`."""
        others = {name for folder, name in taken if folder == spool}
        return self.of(spool).find(name, marks, others)

    def of(self, spool: Spool) -> Listing:
        """Return what lies in `spool`, as it was at most 15 seconds ago."""
        now = self._clock()
        made = self._listings.get(spool)
        if made is None or now - made[0] >= FRESH:
            listing = Listing()
            for name in spool.names():
                listing.add(name)
            made = self._listings[spool] = (now, listing)
        return made[1]


def names_beneath(root: Path, *, hidden: bool = False) -> Iterator[PurePosixPath]:
    """Give the name of every entry beneath `root` that is no folder; links are not followed.

    What begins with a dot is a file that somebody is still making. Raises OSError where `root`
    itself cannot be read.
    """
    os.close(os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
    given = 0
    for folder, folders, files in os.walk(root):
        beneath = PurePosixPath(folder).relative_to(PurePosixPath(root))
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        for name in (*files, *links):
            if name.startswith(".") and not hidden:
                continue
            given += 1
            if given > MOST_FILES:
                return
            yield beneath / name


def marks_in(name: str) -> frozenset[str]:
    """Return the uniqueids that a file's name holds, without the name of a system before them."""
    return frozenset(UNIQUEID.findall(name))


def _rank(name: PurePosixPath) -> tuple[int, str]:
    return ENDINGS.index(name.suffix), str(name)
