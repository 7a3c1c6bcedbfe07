"""A base of many customers for the pops' benchmark, written past SQLAlchemy to be quick."""

import asyncio
import sqlite3
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from storage.database import Database
from storage.secrets import SecretBox
from storage.sessions import hashed
from storage.tables import Base

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
STAMP = NOW.replace(tzinfo=None).isoformat(" ") + ".000000"
NEVER = (NOW + timedelta(days=3650)).replace(tzinfo=None).isoformat(" ") + ".000000"
INTERACTIONS = 5


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much there is."""

    customers: int
    screens: int
    callers: int  # of the customers, who call and have a history


def number_of(customer: int) -> str:
    """The first number of a customer; London, so that it is a valid one."""
    return f"+4420{30_000_000 + customer}"


def extension_of(screen: int) -> str:
    """The phone of a screen's agent."""
    return str(10_000 + screen)


def cookie_of(screen: int) -> str:
    """The log-in of a screen's agent."""
    return f"cookie-{screen}"


def key(kind: str, index: int) -> str:
    """A key as SQLite holds it: quick to make, and never equal to one of another kind."""
    return f"{zlib.crc32(kind.encode()):08x}{index:024x}"


def build(path: Path, sizes: Sizes, *, ami_port: int, box: SecretBox) -> UUID:
    """Fill the file; return the PBX's id."""
    assert Base.metadata.tables

    async def make() -> None:
        async with Database(f"sqlite+aiosqlite:///{path}") as database:
            await database.create_all()

    asyncio.run(make())
    base = sqlite3.connect(path)
    base.execute("PRAGMA synchronous=OFF")
    base.execute("PRAGMA foreign_keys=OFF")
    indexes = base.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall()
    with base:
        for name, _ in indexes:
            base.execute(f"DROP INDEX {name}")
        _insert(base, "roles", ("name",), [("agent",)])
        _add_office(base, sizes, ami_port, box)
        _add_customers(base, sizes.customers)
        _add_history(base, sizes.callers)
        for _, sql in indexes:  # at the end: much quicker
            base.execute(sql)
    base.execute("ANALYZE")
    base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    base.close()
    return UUID(key("pbx", 0))


def _insert(base: sqlite3.Connection, table: str, columns: tuple[str, ...], rows) -> None:
    marks = ", ".join("?" * len(columns))
    base.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)


def _add_office(base: sqlite3.Connection, sizes: Sizes, ami_port: int, box: SecretBox) -> None:
    columns = (
        "id", "name", "host", "port", "username", "secret", "tls", "encoding", "region",
        "internal_digits", "enabled", "from_file", "created_at",
    )  # fmt: skip
    row = (
        key("pbx", 0), "bench", "127.0.0.1", ami_port, "ringbook", box.close("s"), 0, "cp1252",
        "GB", 5, 1, 0, STAMP,
    )  # fmt: skip
    _insert(base, "pbxs", columns, [row])
    screens = range(sizes.screens)
    _insert(
        base,
        "users",
        ("id", "login", "name", "role", "must_change_password", "language", "active", "created_at"),
        ((key("user", i), f"a{i}", f"Agent {i}", "agent", 0, "en", 1, STAMP) for i in screens),
    )
    _insert(
        base,
        "agents",
        ("id", "user_id", "pbx_id", "extension", "interface", "created_at"),
        (
            (key("agent", i), key("user", i), key("pbx", 0), e, f"PJSIP/{e}", STAMP)
            for i in screens
            for e in [extension_of(i)]
        ),
    )
    now = datetime.now(UTC).replace(tzinfo=None).isoformat(" ")
    columns = (
        "id", "token_hash", "user_id", "created_at", "last_seen_at", "expires_at", "address",
        "browser",
    )  # fmt: skip
    rows = (
        (key("session", i), hashed(cookie_of(i)), key("user", i), now, now, NEVER, "", "")
        for i in screens
    )
    _insert(base, "sessions", columns, rows)


def _add_customers(base: sqlite3.Connection, count: int) -> None:
    _insert(
        base,
        "customers",
        ("id", "kind", "name", "sort_name", "about", "version", "created_at", "updated_at"),
        (
            (key("customer", i), "person", f"Customer {i}", f"customer {i}", "", 1, STAMP, STAMP)
            for i in range(count)
        ),
    )
    _insert(
        base,
        "numbers",
        ("id", "e164", "backwards", "written", "label", "customer_id", "created_at"),
        _numbers(count),
    )


def _numbers(count: int) -> Iterator[tuple[object, ...]]:
    """One number each, and a second one for every other customer."""
    for i in range(count):
        owner = key("customer", i)
        first = number_of(i)
        yield key("number", i), first, first[::-1], first, "", owner, STAMP
        if i % 2:
            second = f"+4479{10_000_000 + i:08d}"
            yield key("mobile", i), second, second[::-1], second, "", owner, STAMP


def _add_history(base: sqlite3.Connection, callers: int) -> None:
    columns = (
        "id", "pbx_id", "linkedid", "direction", "state", "number", "e164", "name", "dialled",
        "queue", "customer_id", "match", "matched_by_hand", "started_at", "ended_at", "result",
        "talk_seconds", "revision",
    )  # fmt: skip
    rows = (
        (
            key("call", caller * 100 + ago), key("pbx", 0), "x", "inbound", "ended",
            number_of(caller), number_of(caller), "", "4000", "sales", key("customer", caller),
            "known", 0, at, at, "answered", 60.0, 1,
        )
        for caller in range(callers)
        for ago in range(INTERACTIONS)
        for at in [(NOW - timedelta(days=ago + 1)).replace(tzinfo=None).isoformat(" ") + ".000000"]
    )  # fmt: skip
    _insert(base, "calls", columns, rows)
    _insert(
        base,
        "notes",
        ("id", "customer_id", "text", "created_at"),
        (
            (key("note", i), key("customer", i), "Prefers to be called in the morning.", STAMP)
            for i in range(callers)
        ),
    )
