"""A journal in a folder of its own, with a clock that a test sets."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.fernet import Fernet

from pbx_bridge.journal import Entry, Journal, Kind, Reader, Writer

PBX = UUID(int=7)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()


class Desk:
    """Opens journals of one folder, and reads what is in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pbx = PBX
        self.keys = [Fernet.generate_key().decode()]
        self.now = NOON
        self.open_journals: list[Journal] = []

    def journal(self, *, days: int = 30, bounds: Any = None, **more: Any) -> Journal:
        """Open it; groups are written at once."""
        writer = Writer(self.folder, PBX, self.keys, days=days, **more)
        journal = Journal(writer, bounds=bounds, clock=lambda: self.now, group_seconds=0.001)
        self.open_journals.append(journal)
        return journal

    def keep(self, *raws: bytes, **more: Any) -> list[int]:
        """Keep messages in a journal that is closed again; return their numbers."""
        journal = self.journal(**more)
        numbers = [journal.hear(raw) for raw in raws]
        assert journal.close()
        return numbers

    def reader(self, keys: list[str] | None = None) -> Reader:
        return Reader(self.folder, PBX, keys or self.keys)

    def entries(self, *kinds: Kind) -> list[Entry]:
        return [entry for entry in self.reader().entries() if not kinds or entry.kind in kinds]

    def messages(self) -> list[bytes]:
        return [entry.raw for entry in self.entries(Kind.MESSAGE)]

    def files(self, suffix: str = ".journal") -> list[Path]:
        return sorted(self.folder.glob(f"*{suffix}"))


def said(uniqueid: str, text: str = "hello", event: str = "Newstate") -> bytes:
    return f"Event: {event}\r\nUniqueid: {uniqueid}\r\nCallerIDName: {text}".encode()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "journal")
    yield desk
    for journal in desk.open_journals:
        journal.close(within=1.0)


@pytest.fixture
def say() -> Callable[..., bytes]:
    """A message about a channel."""
    return said
