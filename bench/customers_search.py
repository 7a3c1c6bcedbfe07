"""Finding customers among a million, beside the same rows by bare sqlite3."""

import asyncio
import random
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import UUID

from sqlalchemy.engine import make_url

import storage.numbers
import storage.searches
from bench._rows import line
from pbx_bridge.ids import derived_uuid7
from storage.background import Background
from storage.customers import sort_name, word_rows
from storage.database import Database
from storage.numbers import Home
from storage.tables import Base

CUSTOMERS = 1_000_000
SEARCHES = 300  # of each sort
WARM_UP = 20
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
STAMP = "2026-11-22 08:00:00.000000"
HOME = Home("GB", 5)
SYLLABLES = ("ka", "lo", "mi", "ber", "stein", "ann", "ro", "vel", "tar", "ish", "on", "ger", "dan")
CHUNK = 20_000

BY_WORD = """
SELECT c.* FROM customer_words w JOIN customers c ON c.id = w.customer_id
WHERE w.word >= ? AND w.word < ? ORDER BY w.word, w.customer_id LIMIT 51"""
BY_TWO_WORDS = """
SELECT c.* FROM customer_words w JOIN customers c ON c.id = w.customer_id
WHERE w.word >= ? AND w.word < ? AND EXISTS (SELECT 1 FROM customer_words o
  WHERE o.customer_id = w.customer_id AND o.word >= ? AND o.word < ?)
ORDER BY w.word, w.customer_id LIMIT 51"""
BY_NUMBER = "SELECT c.* FROM numbers n JOIN customers c ON c.id = n.customer_id WHERE n.e164 = ?"
BY_END = """
SELECT c.* FROM numbers n JOIN customers c ON c.id = n.customer_id
WHERE n.backwards >= ? AND n.backwards < ? LIMIT 50"""
IN_ORDER = "SELECT * FROM customers WHERE sort_name >= ? ORDER BY sort_name, id LIMIT 51"
NUMBERS = "SELECT * FROM numbers WHERE customer_id IN ({marks})"

Search = Callable[[], Awaitable[object]]


def run(customers: int = CUSTOMERS, searches: int = SEARCHES) -> list[dict]:
    """Measure each sort of search with the numbers that its page shows."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ringbook.sqlite3"
        asyncio.run(_create(path))
        names = _names(customers)
        _fill(path, names)
        return asyncio.run(_measure(path, names, searches))


async def _create(path: Path) -> None:
    assert Base.metadata.tables
    async with Database(f"sqlite+aiosqlite:///{path}") as database:
        await database.create_all()


def _names(count: int) -> list[str]:
    """Names that some share: the choice among syllables is uneven, as among real names."""
    dice = random.Random(1)

    def name() -> str:
        first = "".join(dice.choices(SYLLABLES[: dice.randint(4, 13)], k=2))
        last = "".join(dice.choices(SYLLABLES, k=dice.randint(2, 4)))
        return f"{first.title()} {last.title()}"

    return [name() for _ in range(count)]


def _fill(path: Path, names: Sequence[str]) -> None:
    base = sqlite3.connect(path)
    base.execute("PRAGMA synchronous=OFF")
    base.execute("PRAGMA foreign_keys=OFF")
    for start in range(0, len(names), CHUNK):
        with base:
            _fill_chunk(base, start, names[start : start + CHUNK])
    base.execute("ANALYZE")
    base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    base.close()


def _fill_chunk(base: sqlite3.Connection, start: int, names: Sequence[str]) -> None:
    keys = [derived_uuid7(NOW, "customer", start + offset) for offset in range(len(names))]
    pairs = list(zip(keys, names, strict=True))
    base.executemany(
        "INSERT INTO customers (id, kind, name, sort_name, about, version, created_at, updated_at)"
        " VALUES (?, 'person', ?, ?, '', 1, ?, ?)",
        ((key.hex, name, sort_name(name), STAMP, STAMP) for key, name in pairs),
    )
    base.executemany(
        "INSERT INTO customer_words (word, customer_id) VALUES (?, ?)",
        (
            (row["word"], row["customer_id"].hex)
            for key, name in pairs
            for row in word_rows(key, name, None)
        ),
    )
    base.executemany(
        "INSERT INTO numbers (id, e164, backwards, written, label, customer_id, created_at)"
        " VALUES (?, ?, ?, ?, '', ?, ?)",
        (
            (derived_uuid7(NOW, "n", e164).hex, e164, e164[::-1], e164, key.hex, STAMP)
            for key, e164 in zip(keys, map(_number, range(start, start + len(names))), strict=True)
        ),
    )


def _number(index: int) -> str:
    return f"+4420{30_000_000 + index}"


async def _measure(path: Path, names: Sequence[str], searches: int) -> list[dict]:
    dice = random.Random(7)
    bare = sqlite3.connect(path)
    lines = []
    background = Background(make_url(f"sqlite+aiosqlite:///{path}"))
    try:
        for sort in ("three letters", "two words", "a number", "last four digits", "a list page"):
            pairs = [_pair(background, bare, sort, names, dice) for _ in range(WARM_UP + searches)]
            ours = await _times([search for search, _raw in pairs])
            floor = await _times([raw for _search, raw in pairs])
            for share in (50, 99):
                name = f"Customers by {sort}, p{share}"
                at = len(ours) * share // 100
                lines.append(line(name, len(names), ours[at], "ms", floor[at], digits=2))
    finally:
        await background.close()
        bare.close()
    return lines


def _pair(
    background: Background,
    bare: sqlite3.Connection,
    sort: str,
    names: Sequence[str],
    dice: random.Random,
) -> tuple[Search, Search]:
    """The same question to us and to bare sqlite3."""
    index = dice.randrange(len(names))
    first, last = names[index].casefold().split()
    number = _number(index)
    match sort:
        case "three letters":
            text, query, args = last[:3], BY_WORD, (last[:3], last[:3] + "\U0010ffff")
        case "two words":
            text, query = f"{first} {last[:4]}", BY_TWO_WORDS
            args = (first, first + "\U0010ffff", last[:4], last[:4] + "\U0010ffff")
        case "a number":
            text, query, args = number, BY_NUMBER, (number,)
        case "last four digits":
            end = number[:-5:-1]
            text, query, args = number[-4:], BY_END, (end, end + ":")
        case _:
            text, query, args = "", IN_ORDER, (names[index].casefold(),)
    place = storage.searches.Place(names[index].casefold(), UUID(int=0)) if not text else None
    ask = partial(_ask, text, place)
    return (lambda: background.run(ask)), (lambda: _ask_bare(bare, query, args))


async def _ask(text: str, place: storage.searches.Place | None, database: Database) -> None:
    async with database.reading() as session:
        if place:
            page = await storage.searches.listed(session, after=place)
        else:
            page = await storage.searches.search(session, text, home=HOME)
        await storage.numbers.of_customers(session, [one.id for one in page.customers])


async def _ask_bare(bare: sqlite3.Connection, query: str, args: Sequence[str]) -> None:
    def ask() -> None:
        rows = bare.execute(query, args).fetchall()[:50]
        marks = ", ".join("?" * len(rows))
        bare.execute(NUMBERS.format(marks=marks), [row[0] for row in rows]).fetchall()

    ask()


async def _times(searches: Sequence[Search]) -> list[float]:
    """Milliseconds of each search after the first few, the shortest first."""
    times = []
    for search in searches:
        began = time.perf_counter()
        await search()
        times.append((time.perf_counter() - began) * 1000)
    return sorted(times[WARM_UP:])
