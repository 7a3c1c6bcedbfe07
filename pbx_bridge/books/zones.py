"""In which time zone a book is written: a setting decides, and nothing in a row says it.

The uniqueid does: it holds the second in which the channel was made, in UTC, and most rows start in
that second. The rows vote; a row may differ from the others by the hour of summer time.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pbx_bridge.books.parsing import born
from pbx_bridge.books.rows import Cdr

_QUARTER = timedelta(minutes=15)  # every time zone is a multiple of it
_AT_ONCE = timedelta(seconds=3)  # after the channel was made
SUMMER = timedelta(hours=1)
_FARTHEST = timedelta(hours=14)
_NONE = timedelta(0)
_UNKNOWN = "The CDR rows have no uniqueid: set loguniqueid = yes. Their times are taken for UTC."


def settle(rows: Sequence[Cdr]) -> tuple[list[Cdr], list[str]]:
    """Return the rows with their times in UTC, and a sentence where those had to be found out."""
    usual = usual_offset((row.start, row.uniqueid) for row in rows)
    if usual is None:
        return list(rows), [_UNKNOWN] if rows and not any(row.uniqueid for row in rows) else []
    offsets = [_offset(row.start, row.uniqueid) for row in rows]
    votes = Counter(offset for offset in offsets if offset is not None)
    usable = {usual, usual - SUMMER, usual + SUMMER}
    settled = [
        _moved(row, offset if offset in usable and votes[offset] * 10 > len(rows) else usual)
        for row, offset in zip(rows, offsets, strict=True)
    ]
    if usual == _NONE:
        return settled, []
    return settled, [f"The CDR times are local, {named(usual)}: set usegmtime = yes in cdr.conf."]


def usual_offset(begins: Iterable[tuple[datetime, str]]) -> timedelta | None:
    """Return by how much most times are ahead of UTC, None where the uniqueids do not tell."""
    offsets = (_offset(at, uniqueid) for at, uniqueid in begins)
    votes = Counter(offset for offset in offsets if offset is not None)
    return next((offset for offset, _ in votes.most_common(1)), None)


def named(offset: timedelta) -> str:
    """Return UTC+3:00 and the like."""
    minutes = int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    return f"UTC{sign}{abs(minutes) // 60}:{abs(minutes) % 60:02}"


def _offset(at: datetime, uniqueid: str) -> timedelta | None:
    made_at = born(uniqueid)
    if made_at is None:
        return None
    apart = at - made_at
    offset = round(apart / _QUARTER) * _QUARTER
    is_near = -_AT_ONCE <= apart - offset <= _AT_ONCE and abs(offset) <= _FARTHEST
    return offset if is_near else None


def _moved(row: Cdr, offset: timedelta) -> Cdr:
    if offset == _NONE:
        return row
    answer = row.answer - offset if row.answer is not None else None
    return replace(row, start=row.start - offset, answer=answer, end=row.end - offset)
