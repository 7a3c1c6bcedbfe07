"""What doctor concludes from the ends of a PBX's books."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pbx_bridge import checkup
from pbx_bridge.books import BookFolder, Sample, Samples, sample
from pbx_bridge.checkup import Mark

STREAMS = Path(__file__).parents[2] / "streams"
STORY = STREAMS / "voicemail_left_asterisk_22"
MORE = STREAMS / "conference_asterisk_22"  # of before cel.conf named the applications


@pytest.fixture
def folder(tmp_path):
    """The books of a PBX that is set up as doctor prints."""
    where = BookFolder(
        cel=tmp_path / "cel.csv", cdr=tmp_path / "cdr.csv", queue_log=tmp_path / "queue_log"
    )
    for path, suffix in (
        (where.cel, ".cel.csv"),
        (where.cdr, ".cdr.csv"),
        (where.queue_log, ".queue_log"),
    ):
        again = 20 if suffix == ".cel.csv" else 1
        written = MORE.with_suffix(suffix).read_text() + STORY.with_suffix(suffix).read_text()
        path.write_text(written * again)
    return where


def marks(findings):
    return [finding.mark for finding in findings]


def told(findings):
    return "\n".join(f"{finding.mark} {finding.what}" for finding in findings)


def test_books_that_are_kept_well_are_good(folder):
    found = checkup.of_books(sample(folder))
    assert marks(found) == [Mark.GOOD] * 3, told(found)
    assert "CEL can be read; its last row is of 2026-11-2" in told(found)


def test_no_books_at_all_is_one_warning_with_what_it_costs():
    [finding] = checkup.of_books(sample(BookFolder()))
    assert finding.mark is Mark.WARNING
    assert "are lost" in finding.what
    assert "--print" in finding.advice


@pytest.mark.parametrize(
    ("name", "costs"),
    [("cel", "who rang"), ("cdr", "a call is missing"), ("queue_log", "which members let it ring")],
)
def test_a_book_that_is_not_named_is_warned_of_with_what_stays_uncertain(folder, name, costs):
    found = checkup.of_books(sample(replace(folder, **{name: None})))
    [warning] = [finding for finding in found if finding.mark is not Mark.GOOD]
    assert warning.mark is Mark.WARNING
    assert costs in warning.what


def test_books_in_a_database_need_no_file(folder):
    samples = sample(replace(folder, cel=None, cdr=None))
    assert marks(checkup.of_books(samples, in_sql=frozenset({"CEL", "CDR"}))) == [Mark.GOOD]
    nothing = checkup.of_books(sample(BookFolder()), in_sql=frozenset({"CEL", "CDR"}))
    assert "queue_log is not named" in told(nothing)


def test_a_file_that_is_not_there_is_bad(folder):
    folder.cel.unlink()
    found = checkup.of_books(sample(folder))
    assert marks(found) == [Mark.BAD, Mark.GOOD, Mark.GOOD]
    assert str(folder.cel) in found[0].what
    assert "cel_custom.conf" in found[0].advice


def test_an_empty_book_is_unproven(folder):
    folder.cdr.write_text("")
    assert marks(checkup.of_books(sample(folder))) == [Mark.GOOD, Mark.UNPROVEN, Mark.GOOD]


def test_other_columns_are_bad_and_a_torn_line_is_a_warning(folder):
    lines = folder.cel.read_text().splitlines(keepends=True)
    folder.cel.write_text("".join([*lines[:-1], "torn\n", lines[-1]]))
    assert checkup.of_books(sample(folder))[0].mark is Mark.WARNING
    folder.cel.write_text("1795000000,CHAN_START,101\n" * 9)
    [bad, *_] = checkup.of_books(sample(folder))
    assert bad.mark is Mark.BAD
    assert "9 lines of CEL" in bad.what


def test_a_line_that_is_being_written_is_no_trouble(folder):
    folder.cel.write_text(folder.cel.read_text() + '"CHAN_START","17953')
    assert marks(checkup.of_books(sample(folder))) == [Mark.GOOD] * 3


def spoilt(folder, **change):
    """Return the samples with each row of CEL changed."""
    samples = sample(folder)
    rows = tuple(replace(row, **change) for row in samples.cel.rows)
    return replace(samples, cel=replace(samples.cel, rows=rows))


def without(folder, *kinds):
    samples = sample(folder)
    rows = tuple(row for row in samples.cel.rows if row.type not in kinds)
    return replace(samples, cel=replace(samples.cel, rows=rows))


def test_cel_without_its_last_column_is_warned_of(folder):
    found = checkup.of_books(spoilt(folder, extra={}))
    assert "CEL lacks its last column" in told(found)


def test_cel_without_applications_is_warned_of(folder):
    found = checkup.of_books(without(folder, "APP_START", "APP_END"))
    [warning] = [finding for finding in found if finding.mark is not Mark.GOOD]
    assert "names no application" in warning.what
    assert "cel.conf" in warning.advice


def test_cel_without_bridges_is_bad(folder):
    found = checkup.of_books(without(folder, "BRIDGE_ENTER", "BRIDGE_EXIT"))
    [bad] = [finding for finding in found if finding.mark is Mark.BAD]
    assert "BRIDGE_ENTER, BRIDGE_EXIT" in bad.what


def test_cel_in_local_time_is_warned_of(folder):
    samples = sample(folder)
    rows = tuple(replace(row, at=row.at + timedelta(hours=3)) for row in samples.cel.rows)
    found = checkup.of_books(replace(samples, cel=replace(samples.cel, rows=rows)))
    assert "dateformat" in "".join(finding.advice for finding in found)


def test_cdr_names_the_settings_that_it_lacks(folder):
    samples = sample(folder)
    rows = tuple(
        replace(row, linkedid="", start=row.start + timedelta(hours=3)) for row in samples.cdr.rows
    )
    found = checkup.of_books(replace(samples, cdr=replace(samples.cdr, rows=rows)))
    [warning] = [finding for finding in found if finding.mark is Mark.WARNING]
    assert "newcdrcolumns and usegmtime" in warning.what


def test_a_few_rows_prove_nothing_of_what_is_rare():
    written = sample(BookFolder(cel=STREAMS / "extension_busy_asterisk_22.cel.csv")).cel
    found = checkup.of_books(Samples(cel=written, cdr=None, queue_log=None))
    assert [finding.mark for finding in found if finding.what.startswith("CEL")] == [Mark.GOOD]


def test_only_the_end_of_a_long_book_is_read(tmp_path):
    book = tmp_path / "queue_log"
    line = "1795000000|1795000000.1|sales|Agent 101|CONNECT|1|1795000000.2|1\n"
    book.write_text("nonsense\n" * 50_000 + line * 3000)
    found = sample(BookFolder(queue_log=book)).queue_log
    assert isinstance(found, Sample)
    assert 1500 < len(found.rows) <= 3000
    assert found.unreadable == 0
    assert found.rows[0].at == datetime.fromtimestamp(1795000000, UTC)
