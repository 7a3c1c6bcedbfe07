"""Books are read from their files."""

from pathlib import Path

import pytest

STREAMS = Path(__file__).parents[2] / "streams"
NAMES = sorted(path.name.removesuffix(".cel.csv") for path in STREAMS.glob("*.cel.csv"))


@pytest.mark.parametrize("name", NAMES)
def test_every_line_of_a_captured_book_is_read(name, written):
    books = written(name)
    assert books.troubles == ()
    assert (books.has_cel, books.has_cdr, books.has_queue_log) == (True, True, True)
    for rows, suffix in (
        (books.cels, ".cel.csv"),
        (books.cdrs, ".cdr.csv"),
        (books.queue_log, ".queue_log"),
    ):
        lines = (STREAMS / name).with_suffix(suffix).read_text().splitlines()
        assert len(rows) == len(lines)
