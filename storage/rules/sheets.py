"""Lines for spreadsheets: what a stranger wrote is a text there too, and never a formula."""

import csv
import io
from collections.abc import Sequence

MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"  # begins a file: by it spreadsheets know UTF-8
_WIDE = "\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}"
_BEGINNINGS = tuple(f"=+-@\t\r\n|%{_WIDE}\N{FULLWIDTH COMMERCIAL AT}")


def harmless(cell: str) -> str:
    """Return the cell with a quote before what a spreadsheet would reckon; a number stays one."""
    if not cell.lstrip(" ").startswith(_BEGINNINGS) or _is_number(cell):
        return cell
    return f"'{cell}"


def line(cells: Sequence[str], *, begins: bool = False) -> bytes:
    """Return one line of the file, the first one where it `begins`."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";").writerow([harmless(cell) for cell in cells])
    return f"{MARK if begins else ''}{buffer.getvalue()}".encode()


def _is_number(cell: str) -> bool:
    digits = cell[1:].replace(".", "", 1)
    return cell[:1] == "-" and digits.isascii() and digits.isdecimal()
