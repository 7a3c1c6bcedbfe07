"""What is asked of a spool on another host, and what is known of it; shared by two threads."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from recordings.naming import BadName
from recordings.sftp.copies import Copies
from recordings.sftp.links import as_os_error
from recordings.sftp.reading import OF_THE_FILE, Folder
from recordings.sources import NotSeen
from recordings.verdicts import Look

RECENT = 40.0  # seconds: what is waited for is asked for more often
FORGOTTEN = 600.0  # seconds
SHARE = 10.0  # of the time goes into listings at most: one in so many


@dataclass(slots=True)
class Asked:
    """One file that somebody waits for."""

    at: float = field(default_factory=time.monotonic)  # when it was asked for last
    answered: tuple[Look | None, Exception | None] | None = None
    wanted: Look | None = None  # to be copied
    failed: bool = False  # there was no room for the copy

    def answer(self) -> Look | None:
        """Give what was last seen; raises NotSeen, BadName, OSError."""
        if self.answered is None:
            raise NotSeen
        look, error = self.answered
        if error is not None:
            raise error
        return look


class Asking:
    """Files that are asked for; one thread asks, the link's loop answers."""

    def __init__(self) -> None:
        self.clears: deque[Look] = deque()  # files there that may go
        self._asked: dict[PurePosixPath, Asked] = {}
        self._names: list[PurePosixPath] | None = None
        self._names_asked = self._names_until = 0.0

    def ask(self, name: PurePosixPath) -> Asked:
        """Somebody waits for a file."""
        asked = self._asked.setdefault(name, Asked())
        asked.at = time.monotonic()
        return asked

    def want(self, look: Look) -> None:
        """What was seen is to be copied; raises OSError where that failed on our side."""
        asked = self.ask(look.name or PurePosixPath())
        asked.wanted = look
        if asked.failed:
            asked.failed = False
            raise OSError("there is no room for a copy")

    def names(self) -> list[PurePosixPath]:
        """Give the last listing; raises NotSeen."""
        self._names_asked = time.monotonic()
        if self._names is None:
            raise NotSeen
        return self._names

    def forget(self, name: PurePosixPath) -> None:
        """Nobody waits for a file any more."""
        self._asked.pop(name, None)

    def all(self) -> list[PurePosixPath]:
        """Return every file that somebody waits for or did."""
        return list(self._asked)

    def is_asked(self) -> bool:
        """Whether there is anything to do."""
        recent = time.monotonic() - RECENT
        return bool(self.clears) or self._names_asked > recent or bool(self.due())

    def due(self) -> list[PurePosixPath]:
        """Return the files to look at now."""
        recent = time.monotonic() - RECENT
        return [name for name, asked in list(self._asked.items()) if asked.at > recent]

    async def see(self, name: PurePosixPath, folder: Folder, clock: Callable[[], float]) -> None:
        """Look at a file over the link; raises what a lost link raises."""
        asked = self._asked.get(name)
        if asked is None:
            return
        last = asked.answered[0] if asked.answered else None
        try:
            asked.answered = (await folder.look(name, last, clock()), None)
        except NotSeen:
            return
        except BadName as error:
            asked.answered = (None, error)
        except OF_THE_FILE as error:
            asked.answered = (None, as_os_error(error))

    def unsee(self) -> None:
        """The link is lost: nothing is known any more."""
        for asked in list(self._asked.values()):
            asked.answered = None
        self._names = None

    def next_wanted(self, copies: Copies) -> Look | None:
        """Return what is to be copied next."""
        for asked in list(self._asked.values()):
            if asked.wanted is not None and copies.of(asked.wanted) is None:
                return asked.wanted
        return None

    def fetched(self, look: Look, *, failed: bool = False) -> None:
        """What was seen is copied, or could not be."""
        asked = self._asked.get(look.name or PurePosixPath())
        if asked is not None:
            asked.wanted, asked.failed = None, failed

    def lacks_names(self, counts: float) -> bool:
        """Whether somebody waits for a listing, and the last is older than `counts` seconds."""
        now = time.monotonic()
        return self._names_asked > now - RECENT and self._names_until < now - counts

    def listed(self, names: list[PurePosixPath], *, took: float) -> None:
        """A listing was made, in so many seconds."""
        self._names, self._names_until = names, time.monotonic() + took * SHARE

    def tidy(self, copies: Copies) -> None:
        """Forget what nobody asked for in a long time, and copies of it."""
        old = time.monotonic() - FORGOTTEN
        for name, asked in list(self._asked.items()):
            if asked.at < old:
                copies.drop(name)
                self.forget(name)
