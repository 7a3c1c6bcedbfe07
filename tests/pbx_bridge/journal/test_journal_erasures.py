"""An erased call leaves numbers and times; every other message stays what it was."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pbx_bridge.journal import Entry, Kind, NotErased, Range, blocks, erase, erasures

STREAMS = Path(__file__).parents[2] / "streams"
Say = Callable[..., bytes]


def gone(desk: Any, *ids: str, within: Range | None = None) -> int:
    return erase(desk.folder, desk.pbx, desk.keys, ids, within=within)


def test_an_erased_call_s_messages_are_tombstones(desk: Any, say: Say) -> None:
    numbers = desk.keep(*(say(f"1.{number % 3}", text="Canary") for number in range(30)))
    sizes = [path.stat().st_size for path in desk.files()]
    assert gone(desk, "1.1") == 10
    assert desk.messages() == [say(f"1.{n % 3}", text="Canary") for n in range(30) if n % 3 != 1]
    stones = desk.entries(Kind.ERASED)
    assert [entry.n for entry in stones] == numbers[1::3]
    assert {entry.raw for entry in stones} == {b""}
    assert list(desk.reader().about({"1.1"})) == []
    assert [path.stat().st_size for path in desk.files()] == sizes
    assert gone(desk, "1.1") == 0


def test_a_call_is_erased_while_others_are_written(desk: Any, say: Say) -> None:
    journal = desk.journal()
    for number in range(60):
        journal.hear(say(f"1.{number % 3}"))
        journal.flush()
        if number == 29:
            assert gone(desk, "1.0") == 10
    assert journal.close()
    assert [entry.kind for entry in desk.entries()].count(Kind.ERASED) == 10
    assert len(desk.messages()) == 50
    assert desk.reader().troubles == []


def test_messages_of_another_call_with_the_same_linkedid_stay(desk: Any, say: Say) -> None:
    other = say("2.1") + b"\r\nLinkedid: 1.1"
    desk.keep(say("1.1"), other)
    assert gone(desk, "1.1") == 1
    assert desk.messages() == [other]


def test_days_outside_the_range_stay(desk: Any, say: Say) -> None:
    desk.keep(say("1.1"))
    desk.now += 3 * 86400
    desk.keep(say("1.1"))
    since = datetime.fromtimestamp(desk.now, UTC)
    assert gone(desk, "1.1", within=Range(since=since)) == 1
    assert desk.messages() == [say("1.1")]


def test_an_erasure_that_a_crash_interrupted_is_finished(
    desk: Any, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.keep(say("1.1"), say("1.2"))
    (path,) = desk.files()
    before = path.read_bytes()

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(erasures, "_overwrite", crash)
        with pytest.raises(KeyboardInterrupt):
            gone(desk, "1.1")
    at = before.index(blocks.MAGIC)
    path.write_bytes(before[: at + 60] + bytes(40) + before[at + 100 :])  # half overwritten
    desk.keep(say("1.3"))
    assert desk.messages() == [say("1.2"), say("1.3")]
    assert not list(desk.folder.glob("*.mend"))


def test_half_an_intention_changes_nothing(desk: Any, say: Say) -> None:
    desk.keep(say("1.1"))
    (path,) = desk.files()
    path.with_name(path.name + ".mend").write_bytes(b"\0" * 30)
    desk.keep(say("1.2"))
    assert desk.messages() == [say("1.1"), say("1.2")]


def test_a_block_without_room_is_told_and_kept(
    desk: Any, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.keep(say("1.1"), say("1.2"))
    monkeypatch.setattr(blocks, "_packed", lambda entries, level: bytes(10_000))
    with pytest.raises(NotErased, match="has no room"):
        gone(desk, "1.1")
    monkeypatch.undo()
    assert len(desk.messages()) == 2


def captured() -> list[bytes]:
    found = [
        raw
        for path in sorted(STREAMS.glob("*_asterisk_22.ami"))
        for raw in path.read_bytes().split(b"\r\n\r\n")
        if raw.startswith(b"Event: ")
    ]
    return found[:3000]


RAWS = captured()
KEY = blocks.AESGCM(bytes(32))


@settings(max_examples=200, deadline=None)
@given(
    start=st.integers(0, len(RAWS) - 1),
    count=st.integers(1, 256),
    erased=st.sets(st.integers(0, 255), min_size=1),
)
def test_there_is_always_room_for_what_is_left(start: int, count: int, erased: set[int]) -> None:
    raws = RAWS[start : start + count]
    entries = [Entry(7 + n, 1e9 + n / 7, Kind.MESSAGE, raw) for n, raw in enumerate(raws)]
    left = [
        Entry(entry.n, entry.at, Kind.ERASED, b"") if n in erased else entry
        for n, entry in enumerate(entries)
    ]
    block = blocks.seal(entries, KEY, b"name")
    header = blocks.read_header(block)
    assert header is not None
    again = blocks.reseal(left, KEY, b"name", header)
    assert len(again) == len(block)
    found = blocks.read_header(again)
    assert found is not None
    told = blocks.open_body(found, again[blocks.HEADER.size :], KEY, b"name")
    assert [(e.n, e.kind, e.raw) for e in told] == [(e.n, e.kind, e.raw) for e in left]
