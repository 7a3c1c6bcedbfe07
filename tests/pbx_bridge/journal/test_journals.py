"""What was heard is read back: all of it, in order, numbered for ever, day by day."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from pbx_bridge.journal import (
    Entry,
    JournalBusy,
    JournalError,
    Kind,
    Range,
    blocks,
    erase_day,
    mask,
)

STREAMS = Path(__file__).parents[2] / "streams"
DAY = timedelta(days=1).total_seconds()
Say = Callable[..., bytes]


def moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def captured() -> list[bytes]:
    raw = (STREAMS / "queue_ringall_asterisk_22.ami").read_bytes()
    return [block for block in raw.split(b"\r\n\r\n") if block]


def test_everything_is_read_back_in_order(desk: Any) -> None:
    raws = captured() * 5
    numbers = desk.keep(*raws)
    assert desk.messages() == [mask(raw) for raw in raws]
    assert numbers == list(range(numbers[0], numbers[0] + len(raws)))
    assert [entry.n for entry in desk.entries(Kind.MESSAGE)] == numbers


def test_a_message_keeps_the_moment_it_was_heard_to_the_microsecond(desk: Any, say: Say) -> None:
    desk.now = 1_795_337_634.123457
    desk.keep(say("1.1"))
    (entry,) = desk.entries(Kind.MESSAGE)
    assert entry.at == pytest.approx(desk.now, abs=1e-7)


def test_any_bytes_are_kept(desk: Any) -> None:
    raws = [b"", b"\x00\xff", "Иванов".encode(), b"Event: X\r\nA: " + b"x" * 100_000]
    desk.keep(*raws)
    assert desk.messages() == raws


def test_numbers_go_on_where_they_stopped(desk: Any, say: Say) -> None:
    first = desk.keep(say("1.1"), say("1.2"))
    second = desk.keep(say("1.3"))
    assert second[0] == first[-1] + 3  # its end and the new beginning are entries too
    everything = [entry.n for entry in desk.entries()]
    assert everything == list(range(1, len(everything) + 1))


def test_a_pbx_that_said_nothing_yet_has_an_empty_journal(desk: Any) -> None:
    reader = desk.reader()
    assert list(reader.entries()) == []
    assert reader.story({"1.1"}) == []
    assert reader.phones(moment(desk.now)) == {}


def test_a_journal_tells_when_we_came_and_went(desk: Any, say: Say) -> None:
    desk.keep(say("1.1"))
    assert [entry.kind for entry in desk.entries()] == [Kind.BEGAN, Kind.MESSAGE, Kind.CLOSED]


def test_two_do_not_write_one_journal(desk: Any) -> None:
    desk.journal()
    with pytest.raises(JournalBusy, match="another Ringbook"):
        desk.journal()


def test_it_is_read_while_it_is_written(desk: Any, say: Say) -> None:
    journal = desk.journal()
    for number in range(50):
        journal.hear(say(f"1.{number}"))
        assert journal.flush()
        assert len(desk.messages()) == number + 1


def test_midnight_and_size_begin_new_volumes(desk: Any, say: Say) -> None:
    journal = desk.journal(volume_bytes=2_000)
    for number in range(40):
        desk.now += DAY if number == 20 else 1
        journal.hear(say(f"1.{number}", text=str(hash(number)) * 20))
        journal.flush()
    journal.close()
    days = {path.name[:10] for path in desk.files()}
    assert days == {"2026-11-22", "2026-11-23"}
    assert len(desk.files()) > 2
    assert len(desk.messages()) == 40


def test_one_batch_over_midnight_is_two_days(desk: Any, say: Say) -> None:
    journal = desk.journal()
    desk.now += DAY
    journal.hear(say("1.1"))
    journal.close()
    assert {path.name[:10] for path in desk.files()} == {"2026-11-22", "2026-11-23"}


def test_each_volume_tells_which_phones_are_ours(desk: Any, say: Say) -> None:
    journal = desk.journal(volume_bytes=500)
    journal.phones({"PJSIP/101": "101"})
    for number in range(6):
        journal.hear(say(f"1.{number}"))
        journal.flush()
    journal.close()
    told = desk.entries(Kind.PHONES)
    assert len(told) > 1
    assert all(entry.facts == {"phones": {"PJSIP/101": "101"}} for entry in told)


def test_what_is_too_old_goes_with_its_salt(desk: Any, say: Say) -> None:
    for _ in range(5):
        desk.keep(say("1.1"), days=2)
        desk.now += DAY
    days = {path.name[:10] for path in desk.files()}
    assert days == {path.name[:10] for path in desk.files(".salt")}
    assert days == {"2026-11-24", "2026-11-25", "2026-11-26"}


def test_numbers_go_on_when_everything_was_too_old(desk: Any, say: Say) -> None:
    last = desk.keep(say("1.1"), days=2)[-1]
    desk.now += 100 * DAY
    assert desk.keep(say("1.2"), days=2)[0] > last
    assert len(desk.messages()) == 1


def test_a_range_is_cut_by_time_and_by_number(desk: Any, say: Say) -> None:
    journal = desk.journal()
    numbers = []
    for number in range(10):
        desk.now += 3600
        numbers.append(journal.hear(say(f"1.{number}")))
        journal.flush()
    journal.close()
    start = desk.now - 9 * 3600
    between = Range(since=moment(start + 2 * 3600), until=moment(start + 5 * 3600))
    found = [entry.n for entry in desk.reader().entries(between)]
    assert found == numbers[2:5]
    numbered = Range(first=numbers[3], last=numbers[6])
    assert [entry.n for entry in desk.reader().entries(numbered)] == numbers[3:7]


def test_a_range_begins_and_ends_inside_a_block(desk: Any, say: Say) -> None:
    numbers = desk.keep(*(say(f"1.{number}") for number in range(100)))
    within = Range(first=numbers[30], last=numbers[60])
    assert [entry.n for entry in desk.reader().entries(within)] == numbers[30:61]


def test_a_call_s_messages_are_found_by_its_channels(desk: Any, say: Say) -> None:
    desk.keep(*(say(f"1.{number % 100}") for number in range(1000)))
    found = [entry.raw for entry in desk.reader().about({"1.7", "1.70"})]
    assert found == [say("1.7"), say("1.70")] * 10


def test_a_day_whose_salt_was_erased_is_gone_for_ever(desk: Any, say: Say) -> None:
    desk.keep(say("1.1"))
    desk.now += DAY
    desk.keep(say("1.2"))
    with pytest.raises(JournalError, match="not over"):
        erase_day(desk.folder, "2026-11-23", today="2026-11-23")
    assert erase_day(desk.folder, "2026-11-22", today="2026-11-23") == 1
    reader = desk.reader()
    assert [entry.raw for entry in reader.entries() if entry.kind is Kind.MESSAGE] == [say("1.2")]
    assert reader.troubles == ["the journal of 2026-11-22 was erased"]


def test_another_installation_s_key_reads_nothing(desk: Any, say: Say) -> None:
    desk.keep(say("1.1"))
    reader = desk.reader([Fernet.generate_key().decode()])
    assert list(reader.entries()) == []
    assert "another RINGBOOK_SECRET_KEY" in reader.troubles[0]


def test_a_new_key_writes_and_the_old_one_still_reads(desk: Any, say: Say) -> None:
    desk.keep(say("1.1"))
    old, new = desk.keys[0], Fernet.generate_key().decode()
    desk.keys = [new, old]
    desk.keep(say("1.2"))
    assert desk.messages() == [say("1.1"), say("1.2")]
    alone = desk.reader([new])
    assert [e.raw for e in alone.entries() if e.kind is Kind.MESSAGE] == [say("1.2")]


def test_nothing_of_a_message_stands_in_the_files_or_their_names(desk: Any, say: Say) -> None:
    desk.keep(*(say("1795337634.77", text="Canary Zoë") for _ in range(200)))
    for path in desk.folder.iterdir():
        content = path.read_bytes() + path.name.encode()
        for piece in (b"Canary", b"1795337634.77", b"Uniqueid", b"Newstate"):
            assert piece not in content


def test_a_block_that_was_changed_is_told_and_skipped(desk: Any, say: Say) -> None:
    journal = desk.journal()
    for number in range(3):
        journal.hear(say(f"1.{number}"))
        journal.flush()
    journal.close()
    (path,) = desk.files()
    raw = bytearray(path.read_bytes())
    raw[-40] ^= 1
    path.write_bytes(raw)
    reader = desk.reader()
    assert Kind.CLOSED not in [entry.kind for entry in reader.entries()]
    assert "are not what was written" in reader.troubles[0]


@pytest.mark.parametrize("at", [0, 20, 60, -1])
def test_a_block_opens_only_as_and_where_it_was_written(at: int, say: Say) -> None:
    key = blocks.AESGCM(bytes(32))
    block = blocks.seal([Entry(5, 1e9, Kind.MESSAGE, say("1.1"))], key, b"volume")
    header, content = blocks.read_header(block), bytearray(block[blocks.HEADER.size :])
    assert header is not None
    assert len(blocks.open_body(header, bytes(content), key, b"volume")) == 1
    with pytest.raises(JournalError):
        blocks.open_body(header, bytes(content), key, b"other")
    with pytest.raises(JournalError):
        blocks.open_body(replace(header, first=6), bytes(content), key, b"volume")
    content[at] ^= 1
    part = blocks.open_index if 0 <= at < header.index_size else blocks.open_body
    with pytest.raises(JournalError):
        part(header, bytes(content), key, b"volume")


def test_a_journal_that_is_closed_is_closed_quickly(desk: Any, say: Say) -> None:
    journal = desk.journal()
    journal.hear(say("1.1"))
    begun = time.monotonic()
    assert journal.close()
    assert journal.close()
    assert time.monotonic() - begun < 5
