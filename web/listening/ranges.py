"""Which bytes of a recording are asked for (RFC 9110, section 14); pure."""

import re
from dataclasses import dataclass

RANGE = re.compile(r"\s*bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.IGNORECASE | re.ASCII)


class Unsatisfiable(ValueError):
    """No byte of the file lies in the range: 416."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes of a file, the last one included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        """How many bytes these are."""
        return self.last - self.first + 1


def read_range(header: str | None, size: int) -> ByteRange | None:
    """Return the one range that is asked for, or None for the whole file.

    Several ranges, other units and what cannot be understood are answered with the whole file, as
    the standard allows: nobody can make us cut a file into a thousand parts. Raises Unsatisfiable.
    """
    asked = RANGE.fullmatch(header or "")
    if asked is None or asked.group(1) == asked.group(2) == "":
        return None
    first, last = asked.groups()
    if first == "":
        return _suffix(int(last), size)
    start = int(first)
    end = int(last) if last else size - 1
    if last and end < start:
        return None
    if start >= size:
        raise Unsatisfiable
    return ByteRange(start, min(end, size - 1))


def _suffix(length: int, size: int) -> ByteRange:
    if length == 0 or size == 0:
        raise Unsatisfiable
    return ByteRange(max(0, size - length), size - 1)


def still_same(if_range: str | None, etag: str) -> bool:
    """Whether a range may be given: the asker's part is of the file that we still have."""
    return if_range is None or if_range.strip() == etag
