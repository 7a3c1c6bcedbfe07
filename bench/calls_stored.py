"""Calls of six legs stored per second, in groups, beside the same rows by bare sqlite3."""

import asyncio
import gc
import sqlite3
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from statistics import median

import storage.calls
from bench._rows import line
from fixtures import bases
from fixtures.calls import NOW, Stage, Teller, set_stage
from pbx_bridge.call import Call
from storage.calls import upserts
from storage.calls.rows import Rows, add_call
from storage.database import Database

CALLS = 2000
PHONES = 5  # with the caller's leg: six legs
REPETITIONS = 3
BATCHES = (1, 10, 100)
TABLES = tuple(Rows.__slots__)


def run(calls: int = CALLS) -> list[dict]:
    """Measure tellings and retellings at each size of group; values are calls per second of CPU."""
    lines = []
    for batch in BATCHES:
        n = max(batch, calls * batch // (batch + 20)) // batch * batch
        rates = [asyncio.run(_measure(n, batch)) for _ in range(REPETITIONS)]
        floor, first, again = (median(rate) for rate in zip(*rates, strict=True))
        lines += [
            line(f"Call stored, {batch} a commit", n, first, "calls/s", floor, digits=None),
            line(f"Call told again, {batch} a commit", n, again, "calls/s", floor, digits=None),
        ]
    return lines


async def _measure(n: int, batch: int) -> tuple[float, float, float]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        template = path / "template"
        template.mkdir()
        async with Database(f"sqlite+aiosqlite:///{template}/base.sqlite3") as database:
            await bases.fill(database)
            stage = await set_stage(database)
            tellers = [_teller(stage, number) for number in range(n)]
            ended = [teller.ended() for teller in tellers]
            groups = [_rows(stage, ended[at : at + batch]) for at in range(0, n, batch)]
            floor = n / await asyncio.to_thread(_bare, template / "base.sqlite3", groups)
            talking = [teller.talking() for teller in tellers]
            first = n / await _ours(database, stage, talking, batch)
            again = n / await _ours(database, stage, ended, batch)
    return floor, first, again


def _teller(stage: Stage, number: int) -> Teller:
    start = NOW + timedelta(seconds=number)
    return Teller(stage.pbx, start, tag=f"{number}.0", rings=PHONES)


async def _ours(database: Database, stage: Stage, calls: list[Call], batch: int) -> float:
    context = stage.context()
    gc.collect()
    begun = time.process_time()
    for at in range(0, len(calls), batch):
        async with database.writing() as session:
            told = [(call, context) for call in calls[at : at + batch]]
            await storage.calls.save_many(session, told)
    return time.process_time() - begun


def _bare(base: Path, groups: list[Rows]) -> float:
    """The very same rows, ready made, into the same tables of another file."""
    path = base.with_name("bare.sqlite3")
    with sqlite3.connect(base) as source, sqlite3.connect(path) as target:
        source.backup(target)
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    gc.collect()
    begun = time.process_time()
    for rows in groups:
        connection.execute("BEGIN IMMEDIATE")
        for table in TABLES:
            if some := getattr(rows, table):
                marks = ",".join("?" * len(some[0]))
                connection.executemany(f"INSERT INTO {table} VALUES ({marks})", some)
        connection.execute("COMMIT")
    took = time.process_time() - begun
    connection.close()
    return took


def _rows(stage: Stage, calls: list[Call]) -> Rows:
    rows = Rows()
    for call in calls:
        add_call(
            rows,
            call,
            stage.context(),
            revision=call.revision,
            stored={},
            spell=upserts.SPELLINGS["sqlite"],
        )
    return rows


if __name__ == "__main__":
    for each in run():
        print(f"{each['name']:32} {each['value']:>8,} {each['unit']}  {each['ratio']:>5}x of bare")
