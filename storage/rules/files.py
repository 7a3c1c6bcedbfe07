"""A text file of rows: its encoding, its separator, its limits. From bytes to cells."""

import codecs
import csv
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from pbx_bridge.matching import msgid
from storage.errors import Refused

LONGEST_LINE = 1_000_000  # characters
LONGEST_ROW = 200  # lines: a longer row is a quotation mark that was never closed
MOST_COLUMNS = 200
DELIMITERS = (";", ",", "\t", "|")
ENCODINGS = ("utf-8", "utf-16", "cp1251", "cp1252", "koi8-r", "cp866", "latin-1")
_NO_TEXT = {
    b"PK": msgid(
        "This file is a workbook or an archive, not a list. Save it as CSV and upload that."
    ),
    b"\x1f\x8b": msgid("This file is an archive, not a list. Save it as CSV and upload that."),
    b"\xd0\xcf\x11\xe0": msgid(
        "This file is a workbook, not a list. Save it as CSV and upload that."
    ),
    b"%PDF": msgid("This file is a PDF, not a list. Save it as CSV and upload that."),
}
_FIRST_HIGH = 0x80
_SAMPLE = 65_536  # bytes or characters: enough to guess by


class Row(NamedTuple):
    """The cells of a row and the line where it begins, counted from 1."""

    line: int
    cells: list[str]


def guess_encoding(content: bytes) -> str:
    """Return the encoding a file is likely to have; raises Refused for what is no text file."""
    for beginning, what in _NO_TEXT.items():
        if content.startswith(beginning):
            raise Refused(what)
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return _guess_code_page(content[:_SAMPLE])
    return "utf-8"


def decode(content: bytes, encoding: str) -> str:
    """Return the file as text; raises Refused where it has another encoding or is no text."""
    if encoding not in ENCODINGS:
        raise Refused("{encoding} is no encoding that we can read.", encoding=encoding)
    try:
        text = content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeError as error:
        at = getattr(error, "start", 0)
        raise Refused(
            "This file is not {encoding}: byte {at} means nothing in it.", encoding=encoding, at=at
        ) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise Refused("Line {line} holds a NUL character: this is no text file.", line=line)
    if not text.strip():
        raise Refused("The file is empty.")
    return text if "\n" in text else text.replace("\r", "\n")


def guess_delimiter(text: str) -> str:
    """Return what separates the cells: the sign that parts the first lines alike, and most."""
    lines = [line for line in text[:_SAMPLE].splitlines()[:20] if line.strip()]
    return max(DELIMITERS, key=lambda sign: _evenness(lines, sign))


def rows(text: str, delimiter: str) -> Iterator[Row]:
    """Yield the rows that hold anything; raises Refused naming the line that breaks a limit."""
    reader = csv.reader(_lines(text), delimiter=delimiter)
    begins = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Refused("Line {line} cannot be read: {why}.", line=begins, why=error) from None
        if len(cells) > MOST_COLUMNS:
            raise Refused(
                "Line {line} has more than {most} columns.", line=begins, most=MOST_COLUMNS
            )
        if reader.line_num - begins >= LONGEST_ROW:
            raise Refused("A quotation mark that opens in line {line} is not closed.", line=begins)
        if any(cell.strip() for cell in cells):
            yield Row(begins, cells)
        begins = reader.line_num + 1


def _lines(text: str) -> Iterator[str]:
    """Yield line by line without a second copy of the whole text."""
    start, number = 0, 1
    while start < len(text):
        found = text.find("\n", start)
        end = len(text) if found < 0 else found + 1
        if end - start > LONGEST_LINE:
            raise Refused(
                "Line {line} is longer than {most} characters.", line=number, most=LONGEST_LINE
            )
        yield text[start:end]
        start, number = end, number + 1


def _evenness(lines: Sequence[str], sign: str) -> tuple[int, int]:
    counts = [len(next(csv.reader([line], delimiter=sign), [])) - 1 for line in lines]
    usual = max(set(counts), key=lambda count: (counts.count(count), count), default=0)
    return (counts.count(usual) if usual else 0, usual)


def _guess_code_page(sample: bytes) -> str:
    """Cyrillic words are runs of high bytes; in western ones an accent stands alone."""
    high = [byte >= _FIRST_HIGH for byte in sample]
    in_runs = sum(a and b for a, b in pairwise(high))
    guesses = ("cp1251", "cp1252") if in_runs * 2 > sum(high) else ("cp1252", "cp1251")
    for guess in guesses:
        try:
            sample.decode(guess)
        except UnicodeDecodeError:
            continue
        return guess
    return "latin-1"
