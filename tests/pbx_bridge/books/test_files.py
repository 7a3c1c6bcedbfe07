"""Books on disk: rotated, compressed, torn, long, and about a short period."""

import bz2
import gzip
import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pbx_bridge.books import BookFolder, read

STREAMS = Path(__file__).parents[2] / "streams"
BEGIN = datetime(2026, 11, 20, tzinfo=UTC)
YEAR = {"since": BEGIN, "until": BEGIN + timedelta(days=365)}
STORIES = ("blind_twice_asterisk_22", "abandoned_in_queue_asterisk_16", "conference_asterisk_16")


def lines(suffix: str) -> list[str]:
    """Return the lines of some stories, one after the other as on one PBX."""
    found = []
    for story in sorted(STORIES, key=lambda story: (STREAMS / f"{story}.queue_log").read_text()):
        found += (STREAMS / f"{story}{suffix}").read_text().splitlines(keepends=True)
    return found


def folder(into: Path) -> BookFolder:
    return BookFolder(
        cdr=into / "Master.csv", cel=into / "cel" / "Master.csv", queue_log=into / "queue_log"
    )


@pytest.fixture
def books_folder(tmp_path):
    (tmp_path / "cel").mkdir()
    where = folder(tmp_path)
    where.cdr.write_text("".join(lines(".cdr.csv")))
    where.cel.write_text("".join(lines(".cel.csv")))
    where.queue_log.write_text("".join(lines(".queue_log")))
    return where


def rotate(book: Path, at: int, name: str, *, compress=None) -> None:
    """Move the first lines of a book to a volume of their own."""
    written = book.read_text().splitlines(keepends=True)
    old = "".join(written[:at]).encode()
    (book.parent / name).write_bytes(compress(old) if compress else old)
    book.write_text("".join(written[at:]))


def test_a_rotated_book_is_read_as_one(books_folder):
    whole = read(books_folder, **YEAR)
    rotate(books_folder.cel, 30, "Master.csv.2.gz", compress=gzip.compress)
    os.utime(books_folder.cel.parent / "Master.csv.2.gz", (2e9, 2e9))
    rotate(books_folder.cel, 20, "Master.csv.1")
    rotate(books_folder.cdr, 2, "Master.csv-20261122.bz2", compress=bz2.compress)
    rotate(books_folder.queue_log, 3, "queue_log-20261122")
    (books_folder.cel.parent / "Master.csv.bak").write_text("nothing of ours\n")
    (books_folder.cel.parent / "Master.csv.1.swp").write_text("nothing of ours\n")
    assert read(books_folder, **YEAR) == whole
    assert len(whole.cels) == len(lines(".cel.csv"))


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cuts=st.lists(st.integers(0, 90), min_size=1, max_size=3), packed=st.booleans())
def test_a_book_rotated_anywhere_is_read_as_one(tmp_path_factory, cuts, packed):
    into = tmp_path_factory.mktemp("rotated")
    written = lines(".cel.csv")
    places = [0, *sorted(cut for cut in cuts if cut <= len(written)), len(written)]
    names = [f"Master.csv.{number}" for number in range(len(places) - 2, 0, -1)]
    for name, (start, end) in zip([*names, "Master.csv"], pairwise(places), strict=True):
        text = "".join(written[start:end]).encode()
        if packed and name != "Master.csv":
            (into / f"{name}.gz").write_bytes(gzip.compress(text))
        else:
            (into / name).write_bytes(text)
    whole = into / "whole"
    whole.write_text("".join(written))
    rotated = read(BookFolder(cel=into / "Master.csv"), **YEAR)
    assert rotated == read(BookFolder(cel=whole), **YEAR)
    assert len(rotated.cels) == len(written)


def test_a_volume_that_was_written_before_the_period_is_not_opened(books_folder):
    rotate(books_folder.cel, 30, "Master.csv.1")
    old = books_folder.cel.parent / "Master.csv.1"
    os.utime(old, (1e9, 1e9))
    old.write_bytes(b"not\nopened\n")
    os.utime(old, (1e9, 1e9))
    books = read(books_folder, **YEAR)
    assert books.troubles == ()
    assert len(books.cels) == len(lines(".cel.csv")) - 30


def test_a_book_that_is_not_there_is_said(tmp_path):
    books = read(folder(tmp_path), **YEAR)
    assert (books.has_cel, books.has_cdr, books.has_queue_log) == (False, False, False)
    assert len(books.troubles) == 3
    assert all("is not there" in trouble for trouble in books.troubles)
    assert read(BookFolder(), **YEAR).troubles == ()


def test_a_half_written_line_is_said_and_the_others_are_read(books_folder):
    text = books_folder.cel.read_text().rstrip("\n")
    books_folder.cel.write_text(text[:-40])
    books = read(books_folder, **YEAR)
    assert len(books.cels) == len(lines(".cel.csv")) - 1
    assert books.troubles == ("The last line of Master.csv of CEL is half written.",)


def test_a_torn_line_in_the_midst_takes_no_other_with_it(books_folder):
    written = lines(".cel.csv")
    written[10] = written[10][:90] + "\n"
    books_folder.cel.write_text("".join(written))
    books = read(books_folder, **YEAR)
    assert len(books.cels) == len(written) - 1
    assert books.troubles == ("1 line of Master.csv of CEL cannot be read.",)


def test_a_compressed_volume_that_breaks_off_is_said(books_folder):
    rotate(books_folder.cel, 30, "Master.csv.1.gz", compress=gzip.compress)
    torn = books_folder.cel.parent / "Master.csv.1.gz"
    torn.write_bytes(torn.read_bytes()[:-30])
    books = read(books_folder, **YEAR)
    assert len(books.cels) >= len(lines(".cel.csv")) - 30
    assert "breaks off" in "".join(books.troubles)


def test_a_book_that_may_not_be_read_is_said(books_folder):
    books_folder.cel.unlink()
    books_folder.cel.mkdir()
    books = read(books_folder, **YEAR)
    assert books.cels == ()
    assert not books.has_cel
    assert books.troubles


def test_a_call_that_began_before_the_period_is_read_from_its_begin(tmp_path, books_folder):
    whole = read(books_folder, **YEAR)
    middle = next(row.at for row in whole.cels if row.type == "BLINDTRANSFER")
    part = read(books_folder, since=middle, until=middle + timedelta(milliseconds=1))
    uniqueids = {row.uniqueid for row in part.cels}
    begun = {row.uniqueid for row in part.cels if row.type == "CHAN_START"}
    ended = {row.uniqueid for row in part.cels if row.type == "CHAN_END"}
    assert uniqueids == begun == ended
    assert len(uniqueids) == 4
    assert {row.linkedid for row in part.cdrs} == {row.linkedid for row in part.cels}
    assert {entry.callid for entry in part.queue_log} <= uniqueids


@pytest.mark.parametrize("hours", [-5, 3])
def test_cel_in_local_time_is_taken_home(books_folder, hours):
    whole = read(books_folder, **YEAR)

    def local(found: re.Match) -> str:
        moment = datetime.fromtimestamp(float(found[1]), UTC) + timedelta(hours=hours)
        return f',"{moment:%Y-%m-%d %H:%M:%S.%f}",'

    text = re.sub(r',"(\d{10}\.\d{6})",', local, books_folder.cel.read_text())
    books_folder.cel.write_text(text)
    first = whole.cels[0].at
    books = read(books_folder, since=first, until=first + timedelta(minutes=1))
    assert books.cels == tuple(row for row in whole.cels if row.at < first + timedelta(minutes=1))
    [trouble] = books.troubles
    assert "dateformat" in trouble


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_book_cut_anywhere_is_read_as_far_as_it_goes(tmp_path, data):
    suffix = data.draw(st.sampled_from([".cel.csv", ".cdr.csv", ".queue_log"]))
    written = "".join(lines(suffix)).encode()
    start = data.draw(st.integers(0, len(written)))
    end = data.draw(st.integers(start, len(written)))
    book = tmp_path / "book"
    book.write_bytes(written[start:end])
    name = {".cel.csv": "cel", ".cdr.csv": "cdr", ".queue_log": "queue_log"}[suffix]
    books = read(BookFolder(**{name: book}), **YEAR)
    rows = books.cels or books.cdrs or books.queue_log
    whole = written[start:end].count(b"\n")
    assert whole - 1 <= len(rows) <= whole + 1


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(junk=st.binary(max_size=400), at=st.integers(0, 60))
def test_junk_between_lines_is_counted_and_hurts_at_most_one(tmp_path, junk, at):
    written = lines(".cel.csv")
    before, after = "".join(written[:at]).encode(), "".join(written[at:]).encode()
    book = tmp_path / "Master.csv"
    book.write_bytes(before + junk + b"\n" + after)
    books = read(BookFolder(cel=book), **YEAR)
    assert len(written) - 1 <= len(books.cels) <= len(written)
    assert replace(books, cels=(), troubles=()).cdrs == ()
