"""The PBX's own books, read row by row: what it says happened, to hold against what we say."""

import csv
from pathlib import Path

CDR_COLUMNS = (
    *("accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp"),
    *("lastdata", "start", "answer", "end", "duration", "billsec", "disposition", "amaflags"),
    *("uniqueid", "userfield", "peeraccount", "linkedid", "sequence"),
)
CEL_COLUMNS = (
    *("eventtype", "eventtime", "cid_name", "cid_num", "cid_ani", "cid_rdnis", "cid_dnid"),
    *("exten", "context", "channame", "appname", "appdata", "amaflags", "accountcode"),
    *("uniqueid", "linkedid", "bridgepeer", "userfield", "userdeftype", "eventextra"),
)
QUEUE_LOG_COLUMNS = ("time", "callid", "queue", "agent", "event")

Row = dict[str, str]


def cdr_rows(book: Path) -> list[Row]:
    """Return the rows of cdr-csv/Master.csv; none while there is no book yet."""
    return _rows(book, CDR_COLUMNS)


def cel_rows(book: Path) -> list[Row]:
    """Return the rows of cel-custom/Master.csv; none while there is no book yet."""
    return _rows(book, CEL_COLUMNS)


def queue_log_rows(book: Path) -> list[Row]:
    """Return the rows of queue_log, what follows the event in data1, data2 and so on."""
    lines = _text(book).splitlines()
    return [_queue_log_row(line.split("|")) for line in lines]


def _queue_log_row(fields: list[str]) -> Row:
    known = len(QUEUE_LOG_COLUMNS)
    data = {f"data{n}": value for n, value in enumerate(fields[known:], start=1)}
    return dict(zip(QUEUE_LOG_COLUMNS, fields[:known], strict=True)) | data


def _rows(book: Path, columns: tuple[str, ...]) -> list[Row]:
    rows = csv.reader(_text(book).splitlines())
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _text(book: Path) -> str:
    return book.read_text("utf-8", "replace") if book.exists() else ""
