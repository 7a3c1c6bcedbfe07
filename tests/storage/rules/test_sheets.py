"""Lines for spreadsheets hold no formula, whatever a stranger wrote."""

import csv
import io

import pytest

from storage.rules import sheets


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://x","y")', "+1+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3", "\t=1", "\r=1",
        "  =1", "\N{FULLWIDTH EQUALS SIGN}1", "|calc", "-1.2.3", "\n=1",
    ],
)  # fmt: skip
def test_what_would_be_reckoned_is_quoted(text: str) -> None:
    assert sheets.harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Zoë", "-5", "-5.25", "5", "a=b", "'s", "yes; no"])
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    assert sheets.harmless(text) == text


def test_a_file_begins_with_its_mark_and_its_cells_come_back() -> None:
    cells = ["a;b", 'say "x"', "two\nlines", "Zoë"]
    written = (sheets.line(["1"], begins=True) + sheets.line(cells)).decode("utf-8")
    assert written.startswith(sheets.MARK)
    rows = list(csv.reader(io.StringIO(written[1:], newline=""), delimiter=";"))
    assert rows == [["1"], cells]
