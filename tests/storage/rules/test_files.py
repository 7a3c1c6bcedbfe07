"""Any usual text file is read; what is none is refused with the line that shows it."""
# ruff: noqa: RUF001 - letters of other scripts are what these tests are about

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import Refused
from storage.rules import files

RUSSIAN = "Имя;Телефон\nСемён Петров;+7 495 123-45-67\nАнна Жукова;+7 495 123-45-68\n"
GERMAN = "Name;Telefon\nJürgen Müller;030 1234567\nZoë Weiß;030 1234568\n"


@pytest.mark.parametrize(
    ("text", "encoding", "guessed"),
    [
        (GERMAN, "utf-8", "utf-8"),
        (GERMAN, "utf-8-sig", "utf-8"),
        (GERMAN, "utf-16", "utf-16"),
        (GERMAN, "cp1252", "cp1252"),
        (RUSSIAN, "utf-8", "utf-8"),
        (RUSSIAN, "utf-16", "utf-16"),
        (RUSSIAN, "cp1251", "cp1251"),
        ("a,b\n", "ascii", "utf-8"),
        ("\x81\x98,b\n", "latin-1", "latin-1"),
    ],
)
def test_the_encoding_is_guessed_and_the_text_comes_back_whole(
    text: str, encoding: str, guessed: str
) -> None:
    content = text.encode(encoding)
    assert files.guess_encoding(content) == guessed
    assert files.decode(content, guessed) == text


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"PK\x03\x04rest", "workbook or an archive"),
        (b"\x1f\x8brest", "an archive"),
        (b"%PDF-1.7", "a PDF"),
        (b"\xd0\xcf\x11\xe0", "a workbook"),
    ],
)
def test_a_file_that_is_no_text_is_named(content: bytes, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        files.guess_encoding(content)


@pytest.mark.parametrize(
    ("content", "encoding", "sentence"),
    [
        (b"one\ntwo\nthr\0ee", "utf-8", "Line 3 holds a NUL"),
        (b" \n ", "utf-8", "is empty"),
        (b"", "utf-8", "is empty"),
        (b"caf\xe9", "utf-8", "is not utf-8: byte 3"),
        (b"x", "utf-7", "no encoding that we can read"),
        (b"\xff\xfex", "utf-16", "is not utf-16"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_place(
    content: bytes, encoding: str, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        files.decode(content, encoding)


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a;b;c\n1;2,5;3\n", ";"),
        ("a,b,c\n1,2,3\n", ","),
        ("a\tb\n1, 2\t3\n", "\t"),
        ('a,b\n"x;y;z;w",2\n', ","),
        ("a|b|c\n1|2|3\n", "|"),
    ],
)
def test_the_separator_is_what_parts_the_lines_alike(text: str, delimiter: str) -> None:
    assert files.guess_delimiter(text) == delimiter


def test_rows_carry_the_line_where_they_begin_and_empty_ones_are_left_out() -> None:
    text = 'a;b\n\n"two\nlines";c\n;\nlast;one'
    found = [(row.line, row.cells) for row in files.rows(text, ";")]
    assert found == [(1, ["a", "b"]), (3, ["two\nlines", "c"]), (6, ["last", "one"])]


def test_old_mac_line_ends_are_read_too() -> None:
    text = files.decode(b"a;b\rc;d\r", "utf-8")
    assert [row.cells for row in files.rows(text, ";")] == [["a", "b"], ["c", "d"]]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a\n" + "x" * (files.LONGEST_LINE + 1), "Line 2 is longer than 1000000"),
        ("a\n" + "x" * 200_000, "Line 2 cannot be read"),
        ("a\n" + ";" * files.MOST_COLUMNS, "Line 2 has more than 200 columns"),
        ('a\n"open' + "\nx" * files.LONGEST_ROW, "opens in line 2 is not closed"),
    ],
)
def test_a_file_that_breaks_a_limit_is_refused_with_its_line(text: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        list(files.rows(text, ";"))


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=20)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), max_size=6))
def test_what_a_spreadsheet_writes_is_read_back(table: list[list[str]]) -> None:
    written = io.StringIO()
    csv.writer(written, delimiter=";").writerows(table)
    read = [row.cells for row in files.rows(written.getvalue(), ";")]
    assert read == [row for row in table if any(cell.strip() for cell in row)]
