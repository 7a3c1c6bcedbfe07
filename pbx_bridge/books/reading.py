"""Read the books of a period from their files; what cannot be read is said, never raised."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile
from pathlib import Path
from typing import Generic, TypeVar

from pbx_bridge.books import parsing, volumes, zones
from pbx_bridge.books.rows import BookFolder, Books, Cdr, Cel, QueueEntry
from pbx_bridge.books.samples import sample

Row = TypeVar("Row", Cel, Cdr, QueueEntry)

LONGEST_CALL = timedelta(hours=24)  # how far beyond the period the rest of a call is looked for
_BEGIN, _END, _LAST = "CHAN_START", "CHAN_END", "LINKEDID_END"
_DISORDER = timedelta(minutes=1)  # by which rows may stand in another order than they happened
_NONE, _SECOND = timedelta(0), timedelta(seconds=1)
_ZONES = timedelta(hours=15)  # by which a CDR that is written in local time may be off


def read(folder: BookFolder, *, since: datetime, until: datetime) -> Books:
    """Return what the books say of the calls that touched a period, also before and after it.

    It reads files, so call it in a thread.
    """
    troubles: list[str] = []
    cels = _read_cels(folder.cel, since, until, troubles)
    first = min((row.at for row in cels), default=since)
    last = max((row.at for row in cels), default=until)
    cdrs = _read_cdrs(folder.cdr, min(first, since), max(last, until), troubles)
    log = _read_queue_log(folder.queue_log, min(first, since), max(last, until), troubles)
    ours = {row.uniqueid for row in cels}
    is_wanted = _is_within if _is_there(folder.cel) else _touches
    return Books(
        cels=tuple(cels),
        cdrs=tuple(row for row in cdrs if row.uniqueid in ours or is_wanted(row, since, until)),
        queue_log=tuple(e for e in log if e.callid in ours or since <= e.at <= until),
        troubles=tuple(troubles),
        has_cel=_is_there(folder.cel),
        has_cdr=_is_there(folder.cdr),
        has_queue_log=_is_there(folder.queue_log),
    )


@dataclass(slots=True)
class _Book(Generic[Row]):
    """One book on disk, and what was wrong with it."""

    name: str
    path: Path
    parse: Callable[[str], Row | None]
    begins: Callable[[str], object]
    at: Callable[[Row], datetime]
    troubles: list[str]

    def rows(self, since: datetime) -> Iterator[Row]:
        """Yield the rows from about `since` on, as they were written."""
        try:
            files = volumes.volumes(self.path, since)
        except OSError as error:
            self.troubles.append(f"{self.name} cannot be read: {error.strerror or error}.")
            return
        if self.path not in files:
            self.troubles.append(f"{self.name} is not there: {self.path}.")
        for file in files:
            yield from self._rows_of(file, since)

    def _rows_of(self, file: Path, since: datetime) -> Iterator[Row]:
        bad, is_first, last = 0, True, ""
        try:
            for record in parsing.records(volumes.lines(file, since, self._when), self.begins):
                last = record
                row = self.parse(record)
                if row is not None:
                    yield row
                elif not is_first or self.begins(record):
                    bad += bool(record.strip())
                is_first = False
        except volumes.BROKEN as error:
            self.troubles.append(f"{file.name} of {self.name} breaks off: {error}.")
        if bad and last and not last.endswith("\n") and self.parse(last) is None:
            bad -= 1
            self.troubles.append(f"The last line of {file.name} of {self.name} is half written.")
        if bad:
            noun = "line" if bad == 1 else "lines"
            self.troubles.append(f"{bad} {noun} of {file.name} of {self.name} cannot be read.")

    def _when(self, line: str) -> datetime | None:
        row = self.parse(line)
        return self.at(row) if row is not None else None


def _read_cels(
    path: Path | None, since: datetime, until: datetime, troubles: list[str]
) -> list[Cel]:
    if path is None:
        return []
    ahead = _ahead_of_utc(path)
    if ahead:
        named = zones.named(ahead)
        troubles.append(f"The CEL times are local, {named}: remove dateformat from cel.conf.")
    book = _Book("CEL", path, _cel_at_home(ahead), parsing.cel_begins, lambda row: row.at, troubles)
    kept = _with_what_follows(book.rows(since - _DISORDER), since, until)
    begun = {row.uniqueid for row in kept if row.type == _BEGIN}
    ours = {name for row in kept for name in (row.uniqueid, row.linkedid)}
    births = [at for name in ours - begun if (at := parsing.born(name)) is not None]
    birth = max(min(births, default=since), since - LONGEST_CALL)
    if birth < since:
        again = replace(book, troubles=[])
        kept += _what_came_before(again.rows(birth - _DISORDER), since, ours)
    return sorted(kept, key=lambda row: row.at)


def _ahead_of_utc(path: Path) -> timedelta:
    newest = sample(BookFolder(cel=path)).cel
    rows = newest.rows if newest is not None else ()
    begins = ((row.at, row.uniqueid) for row in rows if row.type == _BEGIN)
    return zones.usual_offset(begins) or _NONE


def _cel_at_home(ahead: timedelta) -> Callable[[str], Cel | None]:
    """Return a parser that takes the times back to UTC."""

    def parse(record: str) -> Cel | None:
        row = parsing.cel(record)
        return replace(row, at=row.at - ahead) if row is not None else None

    return parse if ahead else parsing.cel


def _with_what_follows(rows: Iterable[Cel], since: datetime, until: datetime) -> list[Cel]:
    """Keep the rows of the period, and those after it about channels that were up at its end."""
    kept: list[Cel] = []
    ours: set[str] = set()
    up: set[str] = set()
    for row in rows:
        if row.at > until + LONGEST_CALL or (row.at > until + _DISORDER and not up):
            break
        if since <= row.at <= until or (row.at > until and ours & {row.uniqueid, row.linkedid}):
            kept.append(row)
            ours |= {row.uniqueid, row.linkedid}
            if row.type == _END:
                up.discard(row.uniqueid)
            elif row.type != _LAST:
                up.add(row.uniqueid)
    return kept


def _what_came_before(rows: Iterable[Cel], since: datetime, ours: set[str]) -> list[Cel]:
    kept = []
    for row in rows:
        if row.at > since + _DISORDER:
            break
        if row.at < since and ours & {row.uniqueid, row.linkedid}:
            kept.append(row)
            ours.add(row.uniqueid)
    return kept


def _read_cdrs(
    path: Path | None, since: datetime, until: datetime, troubles: list[str]
) -> list[Cdr]:
    if path is None:
        return []
    book = _Book("CDR", path, parsing.cdr, parsing.cdr_begins, lambda row: row.end, troubles)
    newest = sample(BookFolder(cdr=path)).cdr
    begins = ((row.start, row.uniqueid) for row in newest.rows) if newest is not None else ()
    usual = zones.usual_offset(begins)
    ahead, around = (_NONE, _ZONES) if usual is None else (usual, zones.SUMMER + _DISORDER)
    last = until + ahead + around + LONGEST_CALL
    rows = takewhile(lambda row: row.end <= last, book.rows(since + ahead - around))
    settled, trouble = zones.settle(list(rows))
    troubles += trouble
    return sorted(settled, key=lambda row: (row.start, row.end))


def _read_queue_log(
    path: Path | None, since: datetime, until: datetime, troubles: list[str]
) -> list[QueueEntry]:
    if path is None:
        return []
    book = _Book("queue_log", path, parsing.queue_entry, _always, lambda row: row.at, troubles)
    rows = takewhile(lambda row: row.at <= until + _DISORDER, book.rows(since - _DISORDER))
    return sorted(rows, key=lambda row: row.at)


def _always(_line: str) -> bool:
    return True


def _touches(row: Cdr, since: datetime, until: datetime) -> bool:
    return row.start < until and row.end > since


def _is_within(row: Cdr, since: datetime, until: datetime) -> bool:
    """Tell of a call without CEL; at the edges it may just be out of what was read of that."""
    return since <= row.start and row.end + _SECOND <= until


def _is_there(path: Path | None) -> bool:
    return path is not None and path.is_file()
