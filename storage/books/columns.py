"""Which of Asterisk's columns a table of books has: each PBX's maker leaves some out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Any

from sqlalchemy import Column, Connection, DateTime, Integer, MetaData, String, Table, inspect
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TIMESTAMP

CEL_COLUMNS = (
    *("eventtype", "eventtime", "cid_name", "cid_num", "exten", "context", "channame"),
    *("appname", "appdata", "uniqueid", "linkedid", "peer", "extra"),
)
CDR_COLUMNS = (
    *("clid", "src", "dst", "dcontext", "channel", "dstchannel", "lastapp", "lastdata"),
    *("start", "answer", "end", "duration", "billsec", "disposition", "uniqueid", "linkedid"),
)
TIMES = {"eventtime", "start", "answer", "end"}
KEY = "id"  # where rows are numbered as they are written


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What the table of a book may hold, when its rows begin and end, and what others say for it.

    FreePBX writes `calldate` where Asterisk says `start`, and no `answer` and `end`.
    """

    columns: Sequence[str]
    first: str
    last: str
    aliases: Mapping[str, str] = field(default_factory=dict)


CEL = Kind(
    columns=CEL_COLUMNS, first="eventtime", last="eventtime", aliases={"extra": "eventextra"}
)
CDR = Kind(columns=CDR_COLUMNS, first="start", last="end", aliases={"start": "calldate"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The columns of a table by Asterisk's names for them, and the zones of its times."""

    by_word: Mapping[str, Column[Any]]
    zones: Mapping[str, tzinfo]

    @property
    def key(self) -> Column[Any] | None:
        """What numbers the rows as they are written."""
        return self.by_word.get(KEY)

    @property
    def call(self) -> Column[Any]:
        """What the rows of one call have in common, as far as the table tells."""
        return self.by_word.get("linkedid", self.by_word["uniqueid"])


async def columns_of(base: AsyncConnection, name: str, kind: Kind, zone: tzinfo) -> Columns | None:
    """Return the columns of a table, None where there is no such table."""
    schema, _, bare = name.rpartition(".")
    there = await base.run_sync(_reflected, bare, schema or None)
    if there is None:
        return None
    named = {
        word: name
        for word in kind.columns
        for name in (kind.aliases.get(word), word)
        if name in there
    }
    if isinstance(there.get(KEY), Integer):
        named[KEY] = KEY
    table = Table(bare, MetaData(), schema=schema or None)
    engine = base.dialect.name
    for word, column in named.items():
        is_time = word in TIMES and engine != "sqlite"
        kept: Any = DateTime() if is_time else Integer() if word == KEY else String()
        table.append_column(Column(column, kept))
    return Columns(
        by_word={word: table.c[column] for word, column in named.items()},
        zones={
            word: UTC if _is_absolute(there[named[word]], engine) else zone
            for word in TIMES & named.keys()
        },
    )


def _reflected(sync: Connection, name: str, schema: str | None) -> dict[str, Any] | None:
    found = inspect(sync)
    if not found.has_table(name, schema):
        return None
    return {column["name"]: column["type"] for column in found.get_columns(name, schema)}


def _is_absolute(kind: object, engine: str) -> bool:
    """Tell whether times of this type are moments, whatever the PBX's zone."""
    is_moment = engine == "mysql" and isinstance(kind, TIMESTAMP)
    return is_moment or bool(getattr(kind, "timezone", False))
