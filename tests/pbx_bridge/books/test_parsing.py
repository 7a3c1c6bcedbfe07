"""Rows in all the shapes that a PBX writes them."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pbx_bridge.books import BookFolder, cdr_of, cel_of, parsing, read, zones

CAPTURED = Path(__file__).parents[2] / "streams" / "ringall_queue_answered_asterisk_22.cdr.csv"
YEAR = {
    "since": datetime(2026, 1, 1, tzinfo=UTC),
    "until": datetime(2026, 12, 31, tzinfo=UTC),
}
MIDSUMMER, AUTUMN = 1_782_000_000, 1_795_000_000  # seconds since 1970


def line(*fields: object) -> str:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow(fields)
    return out.getvalue()


def old_fields(start: int = AUTUMN, *, zone: int = 0, **more: str) -> dict[str, str]:
    """Return the 16 columns that every CDR has; `zone` in hours."""

    def at(seconds: int) -> str:
        moment = datetime.fromtimestamp(start + seconds + zone * 3600, UTC)
        return moment.strftime("%Y-%m-%d %H:%M:%S")

    fields = {
        "accountcode": "",
        "src": "+442071234567",
        "dst": "101",
        "dcontext": "from-trunk",
        "clid": '"Zoë O\'Brien" <+442071234567>',
        "channel": "PJSIP/trunk-00000001",
        "dstchannel": "PJSIP/101-00000002",
        "lastapp": "Dial",
        "lastdata": "PJSIP/101,20",
        "start": at(0),
        "answer": at(2),
        "end": at(9),
        "duration": "9",
        "billsec": "7",
        "disposition": "ANSWERED",
        "amaflags": "DOCUMENTATION",
    }
    return fields | more


@pytest.mark.parametrize(
    ("more", "uniqueid", "linkedid"),
    [
        ((), "", ""),
        (("1795000000.1",), "1795000000.1", ""),
        (("a note",), "", ""),
        (("1795000000.1", "a note"), "1795000000.1", ""),
        (("", "berlin-1795000000.1", "4"), "", "berlin-1795000000.1"),
        (("1795000000.1", "", "1795000000.0", "4"), "1795000000.1", "1795000000.0"),
        (("note", "", "1795000000.0", "4"), "", "1795000000.0"),
        (("ringbook-1", "", "", "1795000000.0", "4"), "ringbook-1", "1795000000.0"),
    ],
    ids=lambda it: "|".join(it) if isinstance(it, tuple) else "",
)
def test_every_layout_of_cdr_conf_is_read(more, uniqueid, linkedid):
    row = parsing.cdr(line(*old_fields().values(), *more))
    assert (row.uniqueid, row.linkedid) == (uniqueid, linkedid)
    assert (row.src, row.name, row.billsec) == ("+442071234567", "Zoë O'Brien", 7)
    assert row.answer == row.start + timedelta(seconds=2)


@pytest.mark.parametrize("more", [("x",) * 6, ("x",) * 9], ids=len)
def test_a_layout_that_is_nobody_s_is_not_guessed(more):
    assert parsing.cdr(line(*old_fields().values(), *more)) is None
    assert parsing.cdr(line(*list(old_fields().values())[:15])) is None


def test_withheld_numbers_are_nobody_s():
    fields = old_fields(src="anonymous", clid='"Anonymous" <anonymous>')
    row = parsing.cdr(line(*fields.values()))
    assert (row.src, row.name) == ("", "")


def test_names_may_hold_quotes_commas_and_line_ends(tmp_path):
    name = 'Ann "the\nvoice", of "Acme"'
    rows = [
        line(*old_fields(start=AUTUMN + n, clid=f'"{name}" <123456>').values(), f"{AUTUMN + n}.1")
        for n in range(5)
    ]
    book = tmp_path / "Master.csv"
    book.write_text("".join(rows))
    books = read(BookFolder(cdr=book), **YEAR)
    assert books.troubles == ()
    assert [row.name for row in books.cdrs] == ['Ann "the voice", of "Acme"'] * 5


def test_numbers_without_quotes_are_read_as_asterisk_writes_them():
    row = parsing.cdr(CAPTURED.read_text().splitlines()[0])
    assert (row.seconds, row.billsec, row.sequence) == (3, 3, "0")
    assert row.start == datetime(2026, 11, 22, 10, 21, 25, tzinfo=UTC)


@pytest.mark.parametrize("zone", [-9, 0, 3, 5.75, 13])
def test_local_times_are_found_out_by_the_uniqueid(zone, tmp_path):
    book = tmp_path / "Master.csv"
    book.write_text(
        "".join(
            line(*old_fields(start=AUTUMN + n, zone=zone).values(), f"pbx-{AUTUMN + n - late}.{n}")
            for n, late in ((0, 0), (100, 1), (500, 200), (900, 0))
        )
    )
    books = read(BookFolder(cdr=book), **YEAR)
    starts = [row.start.timestamp() for row in books.cdrs]
    assert starts == [AUTUMN, AUTUMN + 100, AUTUMN + 500, AUTUMN + 900]
    assert [row.answer - row.start for row in books.cdrs] == [timedelta(seconds=2)] * 4
    assert [row.end - row.start for row in books.cdrs] == [timedelta(seconds=9)] * 4
    assert len(books.troubles) == (zone != 0)
    assert all("usegmtime" in trouble for trouble in books.troubles)


def test_a_book_of_summer_and_winter_is_read_by_the_row():
    rows = [
        parsing.cdr(line(*old_fields(start=at, zone=zone).values(), f"{at}.1"))
        for at, zone in ((MIDSUMMER, 2), (MIDSUMMER + 50, 2), (AUTUMN, 1), (AUTUMN + 50, 1))
    ]
    settled, [trouble] = zones.settle(rows)
    assert [row.start.timestamp() - int(row.uniqueid[:-2]) for row in settled] == [0.0] * 4
    assert "usegmtime" in trouble


def test_a_book_in_utc_is_left_as_it_is_whatever_a_late_row_looks_like():
    late = parsing.cdr(line(*old_fields(start=AUTUMN + 3600).values(), f"{AUTUMN}.1"))
    prompt = parsing.cdr(line(*old_fields().values(), f"{AUTUMN}.1"))
    rows = [late, *[prompt] * 20]
    assert zones.settle(rows) == (rows, [])


def test_times_that_cannot_be_placed_are_said():
    row = parsing.cdr(line(*old_fields().values()))
    assert zones.settle([row]) == ([row], [zones._UNKNOWN])


def cel_fields(**more: str) -> dict[str, str]:
    fields = dict.fromkeys(parsing.CEL_COLUMNS, "")
    fields |= {
        "eventtype": "ANSWER",
        "eventtime": "1795000000.654321",
        "channame": "PJSIP/101-00000002",
        "uniqueid": "1795000000.2",
        "linkedid": "1795000000.1",
        "cid_name": "Иван",
        "cid_num": "Anonymous",
        "extra": '{"hangupcause":16,"dialstatus":""}',
    }
    return fields | more


@pytest.mark.parametrize(
    ("written", "second"),
    [
        ("1795000000.654321", 1795000000.654321),
        ("1795000000", 1795000000.0),
        ("2026-11-18 11:06:40", 1795000000.0),
        ("2026-11-18T11:06:40.5", 1795000000.5),
        ("2026-11-18T13:06:40+02:00", 1795000000.0),
    ],
)
def test_a_time_is_read_however_cel_conf_has_it_written(written, second):
    row = parsing.cel(line(*cel_fields(eventtime=written).values()))
    assert row.at.timestamp() == second


@pytest.mark.parametrize(
    "written",
    ["", "yesterday", "0001-01-01 00:00:00", "9999-12-31 23:59:59", "inf", "nan", "1e300"],
)
def test_a_time_that_is_none_makes_the_row_unreadable(written):
    assert parsing.cel(line(*cel_fields(eventtime=written).values())) is None


def test_cel_is_read_with_its_extra_column_and_without():
    row = parsing.cel(line(*cel_fields().values()))
    assert (row.number, row.name) == ("", "Иван")
    assert row.extra == {"hangupcause": "16", "dialstatus": ""}
    short = parsing.cel(line(*list(cel_fields().values())[:17]))
    assert short == replace(row, extra={})
    assert parsing.cel(line(*list(cel_fields().values())[:15])) is None
    for odd in ("[]", "{", "null", "[" * 100_000):
        assert parsing.cel(line(*cel_fields(extra=odd).values())).extra == {}


def test_a_row_without_linkedid_is_of_its_own_channel():
    row = parsing.cel(line(*cel_fields(linkedid="").values()))
    assert row.linkedid == row.uniqueid


def test_rows_of_sql_tables_are_read_by_the_names_of_their_columns():
    assert cel_of(cel_fields()) == parsing.cel(line(*cel_fields().values()))
    columns = old_fields() | {"uniqueid": "1795000000.1", "linkedid": "1795000000.0"}
    row = cdr_of(columns)
    assert (row.uniqueid, row.linkedid, row.dst_channel) == (
        "1795000000.1",
        "1795000000.0",
        "PJSIP/101-00000002",
    )
    assert cdr_of({}) is None
    assert cel_of({}) is None


def test_queue_log_is_read_with_whatever_follows():
    entry = parsing.queue_entry("1795000000|1795000000.1|sales|Agent 101|CONNECT|1|1795.2|1\n")
    assert (entry.callid, entry.queue, entry.event) == ("1795000000.1", "sales", "CONNECT")
    assert entry.data == ("1", "1795.2", "1")
    assert parsing.queue_entry("1795000000|NONE|NONE|NONE|QUEUESTART").data == ()
    for odd in ("", "|", "1795000000|NONE|NONE", "yesterday|NONE|NONE|NONE|QUEUESTART|"):
        assert parsing.queue_entry(odd) is None


@settings(deadline=None)
@given(st.text())
def test_no_text_hurts_a_parser(text):
    for parse in (parsing.cel, parsing.cdr, parsing.queue_entry):
        assert parse(text) is None or text
    assert "".join(parsing.records([text], parsing.cel_begins)) == text


@settings(deadline=None)
@given(st.lists(st.text(alphabet='a",\n', max_size=12), max_size=8))
def test_records_lose_nothing(texts):
    assert "".join(parsing.records(texts, parsing.cdr_begins)) == "".join(texts)
