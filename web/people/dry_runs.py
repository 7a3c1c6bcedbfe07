"""Reading an uploaded customer file: a first look, and the dry run, in a thread."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

import storage.imports
from storage.database import Database
from storage.imports import ImportRun
from storage.numbers import Home
from storage.rules import columns, drafts, files
from storage.rules.drafts import Column, Draft
from storage.rules.imports import Seen, judge

BATCH = 500  # rows: the thread gives way after each
SAMPLE = 50  # rows to guess by
SHOWN = 4  # rows on the page where the columns are named
_one_at_a_time = asyncio.Lock()  # a large file takes a core for a while


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a file reads at first sight."""

    encoding: str
    delimiter: str
    has_header: bool
    region: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """The first rows of a file, to name its columns by."""

    header: list[str]
    rows: list[list[str]]


async def look(content: bytes, region: str) -> Look:
    """Guess how a file is to be read; raises Refused for what cannot be."""
    return await asyncio.to_thread(_look, content, region)


async def sample(run: ImportRun) -> Sample:
    """The titles and first rows of a file as it is said to be read."""
    return await asyncio.to_thread(_sample, run)


async def make(database: Database, run_id: UUID, *, home: Home, now: datetime) -> ImportRun:
    """Judge every row of the file against the base and keep what came of it."""
    async with _one_at_a_time:
        async with database.reading() as session:
            run = await storage.imports.get(session, run_id, now=now, with_content=True)
        batches = _batches(run, home)
        seen = Seen()
        while batch := await asyncio.to_thread(next, batches, None):
            async with database.reading() as session:
                await storage.imports.remember(session, batch, seen)
            judged = [judge(one, seen) for one in batch]
            async with database.writing() as session:
                await storage.imports.keep_rows(session, run_id, judged)
        async with database.writing() as session:
            return await storage.imports.conclude(session, run_id, now=now)


def _look(content: bytes, region: str) -> Look:
    encoding = files.guess_encoding(content)
    text = files.decode(content, encoding)
    delimiter = files.guess_delimiter(text)
    first = [row.cells for row in islice(files.rows(text, delimiter), SAMPLE)]
    has_header = columns.has_header(first[0], region=region)
    header = first[0] if has_header else [""] * len(first[0])
    guessed = columns.guess(header, first[has_header:], region=region)
    return Look(
        encoding=encoding,
        delimiter=delimiter,
        has_header=has_header,
        region=region,
        columns=guessed,
    )


def _sample(run: ImportRun) -> Sample:
    text = files.decode(run.content, run.encoding)
    first = [row.cells for row in islice(files.rows(text, run.delimiter), SHOWN + 1)]
    width = max(map(len, first), default=0)
    header = first[0] if run.has_header else []
    rows = first[1:] if run.has_header else first[:SHOWN]
    return Sample([*header, *[""] * (width - len(header))], rows)


def _batches(run: ImportRun, home: Home) -> Iterator[list[Draft]]:
    rows = files.rows(files.decode(run.content, run.encoding), run.delimiter)
    header = next(rows).cells if run.has_header else []
    header += [""] * (len(run.columns) - len(header))
    held = [Column(name) for name in run.columns]
    while batch := list(islice(rows, BATCH)):
        yield [
            drafts.draft(
                row.line,
                row.cells,
                held,
                header,
                region=run.region,
                internal_digits=home.internal_digits,
            )
            for row in batch
        ]
