"""The statements that write calls, compiled once per engine: a busy hour writes nothing else.

They go to the driver as they are: binding row by row through SQLAlchemy costs more than SQLite.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Table, and_, case, or_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from storage.calls.rows import Rows, Spelling
from storage.calls.tables import (
    CallAgent,
    CallRecord,
    LegRecord,
    OfferRecord,
    SegmentParty,
    SegmentRecord,
)
from storage.database import Base
from storage.recording_pauses import RecordingPause
from storage.recordings import Recording

# parents first; what people or the pickup wrote is not in the list of what is told again
TOLD: tuple[tuple[type[Base], tuple[str, ...]], ...] = (
    (CallRecord, ("matched_by_hand",)),
    (LegRecord, ()),
    (SegmentRecord, ()),
    (SegmentParty, ()),
    (OfferRecord, ("dismissed_at",)),
    (
        Recording,
        (
            *("state", "cause", "shelf_key", "media_type", "size", "seconds", "sha256"),
            *("created_at", "path_found", "reason"),
        ),
    ),
    (RecordingPause, ()),
    (CallAgent, ()),
)


UTC_SUFFIX = len("+00:00")


def _sqlite_key(key: UUID | None) -> str | None:
    return key.hex if key else None


def _sqlite_time(at: datetime | None) -> str | None:
    if at is None:
        return None
    if at.tzinfo is None:
        raise ValueError(f"a time without a zone cannot be stored: {at}")
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    return at.isoformat(" ", "microseconds")[:-UTC_SUFFIX]


def _as_is(value: Any) -> Any:  # noqa: ANN401 - the driver takes keys and times as they are
    return value


SPELLINGS = {
    "sqlite": Spelling(_sqlite_key, _sqlite_time),
    "postgresql": Spelling(_as_is, _as_is),
}
INSERTS: dict[str, Callable[[Table], Any]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


async def write(connection: AsyncConnection, rows: Rows) -> None:
    """Insert or update every row, parents before children."""
    for table, statement in _statements(connection.dialect):
        if parameters := getattr(rows, table):
            await connection.exec_driver_sql(statement, parameters)


@lru_cache(maxsize=8)
def _statements(dialect: Dialect) -> tuple[tuple[str, str], ...]:
    return tuple(
        (model.__tablename__, _upsert(model.__table__, kept, dialect)) for model, kept in TOLD
    )


def _upsert(table: Any, kept: tuple[str, ...], dialect: Dialect) -> str:  # noqa: ANN401 - a Table, which mypy sees as FromClause
    insert = INSERTS[dialect.name](table)
    keys = [column.name for column in table.primary_key]
    changes = {
        column.name: insert.excluded[column.name]
        for column in table.columns
        if column.name not in keys and column.name not in kept
    }
    if table.name == "calls":
        changes |= _match_kept_or_new(table, insert.excluded)
        condition = table.c.revision <= insert.excluded.revision
    else:  # most of what is told again is as it was: that costs no write
        condition = or_(*(table.c[name].is_distinct_from(new) for name, new in changes.items()))
    statement = insert.on_conflict_do_update(index_elements=keys, set_=changes, where=condition)
    return str(statement.compile(dialect=dialect))


def _match_kept_or_new(stored: Any, told: Any) -> dict[str, ColumnElement[Any]]:  # noqa: ANN401
    """A match by hand stays; a later "unknown" about the same number takes no customer away.

    A telling without a reason has looked nobody up, and takes nothing away that has one.
    """
    looked_nobody_up = and_(
        told.customer_id.is_(None),
        told.match_why.is_(None),
        stored.c.match_why.is_not(None),
        stored.c.number == told.number,
    )
    keeps = or_(
        looked_nobody_up,
        stored.c.matched_by_hand,
        and_(
            told.customer_id.is_(None),
            stored.c.customer_id.is_not(None),
            stored.c.e164.is_not_distinct_from(told.e164),
        ),
    )
    kept = dict.fromkeys(("customer_id", "match", "match_why"), keeps)
    kept["e164"] = looked_nobody_up
    return {
        name: case((is_kept, stored.c[name]), else_=told[name]) for name, is_kept in kept.items()
    }
