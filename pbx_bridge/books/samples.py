"""The last rows of each book, to judge how the PBX keeps it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pbx_bridge.books import parsing
from pbx_bridge.books.rows import BookFolder, Cdr, Cel, QueueEntry

Row = TypeVar("Row", Cel, Cdr, QueueEntry)

_OCTETS = 128 * 1024  # at the end of a book


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample(Generic[Row]):
    """The end of one book; `why` says why it could not be read, "" where it could."""

    path: Path
    rows: tuple[Row, ...] = ()
    unreadable: int = 0  # lines
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """The ends of a PBX's books; None: no such book is named."""

    cel: Sample[Cel] | None
    cdr: Sample[Cdr] | None
    queue_log: Sample[QueueEntry] | None


def sample(folder: BookFolder) -> Samples:
    """Read the ends of the books; call it in a thread."""
    return Samples(
        cel=_sample(folder.cel, parsing.cel, parsing.cel_begins),
        cdr=_sample(folder.cdr, parsing.cdr, parsing.cdr_begins),
        queue_log=_sample(folder.queue_log, parsing.queue_entry, bool),
    )


def _sample(
    path: Path | None, parse: Callable[[str], Row | None], begins: Callable[[str], object]
) -> Sample[Row] | None:
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            start = max(0, file.seek(0, 2) - _OCTETS)
            file.seek(start)
            if start:
                file.readline()  # a part of one
            written = [line.decode("utf-8", "replace") for line in file]
    except OSError as error:
        return Sample(path=path, why=error.strerror or str(error))
    if written and not written[-1].endswith("\n"):
        written.pop()  # still being written
    rows = [parse(record) for record in parsing.records(written, begins) if record.strip()]
    read = tuple(row for row in rows if row is not None)
    return Sample(path=path, rows=read, unreadable=len(rows) - len(read))
