"""One table of books, and its rows of a period."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, Float, and_, cast, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from pbx_bridge.books import Cdr, Cel, zones
from storage.books import hours
from storage.books.columns import Columns, Kind, columns_of

Row = TypeVar("Row", Cel, Cdr)

AT_ONCE = 400  # calls in one question
BEFORE, AFTER = "1990", "9999"  # as texts: years, and no seconds since 1970
A_YEAR = 10_000.0  # below it, a number is the year of a text
LONGEST_CALL = timedelta(hours=24)
DISORDER = timedelta(hours=1)  # by which numbered rows may be in another order than their times
_WHOLE_SECOND = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+00:00")
_EPOCH = re.compile(r"\d{9,11}(\.\d*)?")


class Shelf:
    """One table of books in a database, whose local times are of `zone`."""

    def __init__(
        self, base: AsyncConnection, name: str, kind: Kind, zone: tzinfo, troubles: list[str]
    ) -> None:
        self._base, self._name, self._kind, self._zone = base, name, kind, zone
        self._is_sqlite = base.dialect.name == "sqlite"
        self._troubles = troubles

    async def rows(
        self, parse: Callable[[Mapping[str, str]], Row | None], since: datetime, until: datetime
    ) -> list[Row] | None:
        """Return every row of the calls that touched the period; None where they cannot be read."""
        columns = await columns_of(self._base, self._name, self._kind, self._zone)
        if columns is None:
            self._troubles.append(f"The database of books has no table {self._name}.")
            return None
        missing = [word for word in (self._kind.first, "uniqueid") if word not in columns.by_word]
        if missing:
            self._troubles.append(f"The table {self._name} has no column {missing[0]}.")
            return None
        found = [parse(row) for row in await self._texts(columns, since, until)]
        if bad := found.count(None):
            self._troubles.append(f"{bad} rows of the table {self._name} cannot be read.")
        rows = [row for row in found if row is not None]
        return rows if self._fits(rows) else None

    async def _texts(
        self, columns: Columns, since: datetime, until: datetime
    ) -> list[dict[str, str]]:
        """Return the rows as their columns would stand in a file, as they were written."""
        call = columns.call
        touches = await self._touches(columns, since, until)
        calls = (await self._base.scalars(select(call).where(touches).distinct())).all()
        found: list[dict[str, str]] = []
        for start in range(0, len(calls), AT_ONCE):
            query = select(*(column.label(word) for word, column in columns.by_word.items()))
            query = query.where(call.in_(calls[start : start + AT_ONCE]))
            if columns.key is not None:
                query = query.order_by(columns.key)
            result = await self._base.execute(query)
            found += [self._text(row, columns) for row in result.mappings()]
        return _apart(found, self._kind.first) if self._kind.first == self._kind.last else found

    async def _touches(
        self, columns: Columns, since: datetime, until: datetime
    ) -> ColumnElement[bool]:
        first, last = columns.by_word[self._kind.first], columns.by_word.get(self._kind.last)
        zone = columns.zones[self._kind.first]
        begins = self._to(first, hours.latest(until, zone), until)
        if last is None:  # it may have begun long before
            return begins & self._from(first, hours.earliest(since - LONGEST_CALL, zone), since)
        ends = self._from(last, hours.earliest(since, columns.zones[self._kind.last]), since)
        return begins & ends & await self._numbered(columns, hours.earliest(since - DISORDER, zone))

    async def _numbered(self, columns: Columns, wanted: datetime) -> ColumnElement[bool]:
        """Say from which number on rows are of a time or later, by halving.

        FreePBX keeps no index of its CEL's times, and a PBX is not to read years of it for us.
        """
        key, time = columns.key, columns.by_word[self._kind.first]
        if key is None or self._is_sqlite or self._kind.first != self._kind.last:
            return true()
        low, high = (await self._base.execute(select(func.min(key), func.max(key)))).one()
        if low is None:
            return true()
        while low < high:
            middle = (low + high) // 2
            query = select(key, time).where(key >= middle).order_by(key).limit(1)
            number, written = (await self._base.execute(query)).one()
            if isinstance(written, datetime) and written < wanted:
                low = number + 1
            else:
                high = middle
        return key >= int(low)

    def _from(self, column: Column[Any], local: datetime, at: datetime) -> ColumnElement[bool]:
        if not self._is_sqlite:
            return column >= local
        return or_(and_(column >= str(local), column < AFTER), _epoch(column) >= at.timestamp())

    def _to(self, column: Column[Any], local: datetime, at: datetime) -> ColumnElement[bool]:
        if not self._is_sqlite:
            return column <= local
        return or_(
            and_(column <= str(local), column > BEFORE),
            and_(_epoch(column) <= at.timestamp(), _epoch(column) > A_YEAR),
        )

    def _text(self, row: Mapping[Any, object], columns: Columns) -> dict[str, str]:
        text = {str(word): "" if value is None else str(value) for word, value in row.items()}
        for word, zone in columns.zones.items():
            text[word] = self._moment(row[word], zone, text["uniqueid"])
        if self._kind.last not in columns.by_word:
            text |= _ends(text)
        return text

    def _moment(self, value: object, zone: tzinfo, uniqueid: str) -> str:
        """Return a time in UTC; what is none stays as it is."""
        written = str(value) if value is not None else ""
        if _EPOCH.fullmatch(written):
            return written
        try:
            at = hours.moment(datetime.fromisoformat(written.strip()), zone, uniqueid)
        except (ValueError, OverflowError):
            return written
        # cel_odbc writes 1,234 microseconds as .1234: only whole seconds keep the rows' order
        return str(at.replace(microsecond=0) if self._base.dialect.name == "mysql" else at)

    def _fits(self, rows: Sequence[Row]) -> bool:
        """Tell whether the times are those of the uniqueids, else say so."""
        ahead = zones.usual_offset(_begins(rows))
        if ahead:
            self._troubles.append(
                f"The table {self._name} is not read: beside its uniqueids its times are "
                f"{zones.named(ahead)}. Say in which time zone this PBX writes its database."
            )
        return not ahead


def _begins(rows: Sequence[Cel] | Sequence[Cdr]) -> Iterator[tuple[datetime, str]]:
    for row in rows:
        if isinstance(row, Cdr):
            yield row.start, row.uniqueid
        elif row.type == "CHAN_START":
            yield row.at, row.uniqueid


def _apart(rows: Sequence[dict[str, str]], time: str) -> list[dict[str, str]]:
    """Put rows of one whole second a millisecond apart, in their order: what is between counts."""
    apart: list[dict[str, str]] = []
    seen: Counter[str] = Counter()
    for row in rows:
        written = row[time]
        if _WHOLE_SECOND.fullmatch(written):
            later = timedelta(milliseconds=min(seen[written], 999))
            seen[written] += 1
            apart.append(row | {time: str(datetime.fromisoformat(written) + later)})
        else:
            apart.append(row)
    return apart


def _ends(text: Mapping[str, str]) -> dict[str, str]:
    """Work out when an attempt ended and was answered, from its begin and its lengths."""
    try:
        start = datetime.fromisoformat(text["start"])
        end = start + timedelta(seconds=int(text["duration"]))
        answer = end - timedelta(seconds=int(text["billsec"]))
    except (KeyError, ValueError, OverflowError):
        return {}
    is_answered = text.get("disposition") == "ANSWERED" or answer < end
    return {"end": str(end), "answer": str(answer) if is_answered else ""}


def _epoch(column: Column[Any]) -> ColumnElement[float]:
    """SQLite's tables hold text: a time as it is written, or seconds since 1970."""
    return cast(column, Float)
