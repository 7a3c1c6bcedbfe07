"""A period of a book: little is read for it, and nothing of its neighbours is told."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from pbx_bridge.books import BookFolder, read
from pbx_bridge.books import volumes as volumes_

DAY = datetime(2026, 11, 22, tzinfo=UTC)
STREAMS = Path(__file__).parents[2] / "streams"


def fill(book: Path, calls: int, apart: timedelta) -> datetime:
    """Fill a CEL book with a call that comes again and again; return when the first begins."""
    story = (STREAMS / "ringall_queue_answered_asterisk_22.cel.csv").read_text()
    first, places = 1795342885, range(4)
    for place in places:
        story = story.replace(str(first + place), f"@{place}@")
    with book.open("w") as file:
        for number in range(calls):
            begin, text = first + number * int(apart.total_seconds()), story
            for place in places:
                text = text.replace(f"@{place}@", str(begin + place))
            file.write(text)
    return datetime.fromtimestamp(first, UTC)


def test_a_short_period_of_a_long_book_costs_little(tmp_path, monkeypatch):
    book = tmp_path / "Master.csv"
    begin = fill(book, 4000, timedelta(minutes=1))
    assert book.stat().st_size > 12_000_000
    parsed = 0
    parse = volumes_.lines

    def counting(*args):
        nonlocal parsed
        for line in parse(*args):
            parsed += 1
            yield line

    monkeypatch.setattr(volumes_, "lines", counting)
    for minutes in (0, 1999, 3990):
        since = begin + timedelta(minutes=minutes)
        books = read(BookFolder(cel=book), since=since, until=since + timedelta(minutes=5))
        callers = [row for row in books.cels if row.channel == "PJSIP/anonymous-00000000"]
        assert [row.type for row in callers].count("CHAN_START") == 5
        assert books.troubles == ()
    assert parsed < 8000


def test_calls_at_the_edges_of_a_period_are_not_told_from_cdr_alone(tmp_path):
    """A row of CDR has whole seconds, so it may touch a period that the call itself does not."""
    story = STREAMS / "ringall_queue_answered_asterisk_22"  # from 10:21:25.43 to 10:21:28.44
    where = BookFolder(cel=story.with_suffix(".cel.csv"), cdr=story.with_suffix(".cdr.csv"))
    ended = datetime(2026, 11, 22, 10, 21, 28, 440_000, tzinfo=UTC)
    begun = datetime(2026, 11, 22, 10, 21, 25, 420_000, tzinfo=UTC)
    hour = timedelta(hours=1)
    for since, until in ((ended, ended + hour), (begun - hour, begun)):
        assert read(where, since=since, until=until).cels == ()
        assert read(where, since=since, until=until).cdrs == ()
    assert len(read(where, since=begun, until=ended).cdrs) == 2


def test_a_caller_of_whom_the_period_says_nothing_is_read_from_the_begin(tmp_path):
    """The second phone rings and stops within the period, and its caller waits all the time."""
    story = STREAMS / "hunting_queue_reoffered_asterisk_16.cel.csv"
    lines = story.read_text().splitlines(keepends=True)
    (begin, end) = (i for i, line in enumerate(lines) if "104-" in line and "CHAN_" in line)
    book = tmp_path / "Master.csv"
    book.write_text("".join(lines[: end + 1]))
    whole = read(BookFolder(cel=book), since=DAY, until=DAY + timedelta(days=1)).cels
    second = timedelta(seconds=0.5)
    where = {"since": whole[begin].at - second, "until": whole[-1].at + second}
    assert read(BookFolder(cel=book), **where).cels == whole
