"""The files of one book: the one that is written now, and those that were rotated away.

Rows stand in the order in which they were written, so the place of a time is found by halving: a
short period of a book of a gigabyte costs little. A compressed volume is read from its beginning.
"""

import bz2
import gzip
import lzma
import re
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

_OPENERS: dict[str, Callable[..., Any]] = {
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
}
_ROTATED = re.compile(r"(?:[.-]\d[\d.-]*|\.old)?(?:\.gz|\.bz2|\.xz)?")
_NEAR = 256 * 1024  # octets: no more halving
BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError)  # what a file may do to its reader

When = Callable[[str], datetime | None]  # when the row was written that begins with this line


def volumes(book: Path, since: datetime) -> list[Path]:
    """Return the files of a book that were written to after `since`, the oldest first."""
    name = len(book.name)
    dated = []
    for path in book.parent.glob(f"{_literal(book.name)}*"):
        if _ROTATED.fullmatch(path.name[name:]) and path.is_file():
            written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            if path == book or written_at >= since:
                dated.append((path == book, written_at, path.name, path))
    return [path for *_, path in sorted(dated)]


def lines(volume: Path, since: datetime, when: When) -> Iterator[str]:
    """Yield the lines of a volume from about `since` on; a partial row may come first."""
    opener = _OPENERS.get(volume.suffix)
    with opener(volume) if opener else volume.open("rb") as file:
        if opener is None:
            _seek(file, since, when)
        for line in file:
            yield line.decode("utf-8", "replace")


def _seek(file: IO[bytes], since: datetime, when: When) -> None:
    low, high = 0, file.seek(0, 2)
    while high - low > _NEAR:
        middle = (low + high) // 2
        at = _first_time(file, middle, when)
        if at is None:
            break
        if at < since:
            low = middle
        else:
            high = middle
    file.seek(low)
    if low:
        file.readline()


def _first_time(file: IO[bytes], offset: int, when: When) -> datetime | None:
    file.seek(offset)
    block = file.read(_NEAR // 2).decode("utf-8", "replace")
    _partial, *whole = block.split("\n")
    times = (when(line) for line in whole[:-1])
    return next((at for at in times if at is not None), None)


def _literal(name: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", name)
