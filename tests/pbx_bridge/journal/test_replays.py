"""A period told again from the journal is what was told live, change by change."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from pbx_bridge import events
from pbx_bridge.ami.message import Message
from pbx_bridge.call import CallResult
from pbx_bridge.changes import CallChanged, CallEnded, CallsJoined, Change
from pbx_bridge.journal import Entry, Kind, Retelling, differences, retell
from pbx_bridge.tracker import Tracker
from pbx_bridge.translate import translate

PBX = UUID(int=7)
PHONES = {f"PJSIP/{n}": str(n) for n in range(101, 250)} | {"SIP/101-desk": "101"}
STREAMS = sorted((Path(__file__).parents[2] / "streams").glob("*.ami"))
STREAM = next(path for path in STREAMS if path.stem == "hunting_queue_reoffered_asterisk_22")
Feed = Callable[[events.Event], None]


def raws_of(stream: Path) -> list[bytes]:
    return [raw for raw in stream.read_bytes().split(b"\r\n\r\n") if raw]


def entries_of(stream: Path) -> list[Entry]:
    raws = [raw for raw in raws_of(stream) if b"\r\nTimestamp: " in raw]
    times = [Message(raw, 0.0).at.timestamp() for raw in raws]
    return [
        Entry(n, at, Kind.MESSAGE, raw)
        for n, (at, raw) in enumerate(zip(times, raws, strict=True), 1)
    ]


def note(n: int, kind: Kind, **facts: object) -> Entry:
    return Entry(n, 1e9 + n, kind, json.dumps(facts).encode())


def live(raws: list[bytes], feed: Feed) -> None:
    for raw in raws:
        message = Message(raw, 0.0)
        event = translate(message) if message.is_event else None
        if event is not None:
            feed(event)


def live_changes(stream: Path) -> list[Change]:
    tracker, changes = Tracker(PBX, PHONES), []
    live(raws_of(stream), lambda event: changes.extend(tracker.feed(event)))
    return changes


@pytest.mark.parametrize("stream", STREAMS, ids=lambda path: path.stem)
def test_a_captured_stream_is_told_from_the_journal_as_live(stream: Path, desk: Any) -> None:
    journal = desk.journal()
    journal.phones(PHONES)
    journal.note(Kind.UP)
    for raw in raws_of(stream):
        journal.hear(raw)
    assert journal.close()
    told: list[Change] = []
    retelling = Retelling(PBX, on_change=told.append)
    calls = list(retell(desk.reader().entries(), retelling))
    expected = live_changes(stream)
    assert told == expected
    last = {c.call.id: c.call for c in expected if isinstance(c, CallChanged)}
    ended = {c.call.id for c in expected if isinstance(c, CallEnded)}
    assert {one.call.id: one.call for one in calls} == {
        key: call for key, call in last.items() if key in ended and call.ended_at
    }


def test_what_was_heard_before_the_link_was_up_counts_after_it() -> None:
    began = note(1, Kind.BEGAN)
    first = note(2, Kind.UP, startup="2026-11-22T08:00:00", at="2026-11-22T08:00:01+00:00")
    down = note(3, Kind.DOWN, at="2026-11-22T09:00:00+00:00")
    up = note(900, Kind.UP, startup="2026-11-22T09:00:30", at="2026-11-22T09:00:31+00:00")
    told: list[Change] = []
    retelling = Retelling(PBX, phones=PHONES, on_change=told.append)
    entries = entries_of(STREAM)
    for entry in (began, first, *entries[:20], down, *entries[20:]):
        retelling.feed(entry)
    before = len(told)
    retelling.feed(up)

    tracker, expected = Tracker(PBX, PHONES), []

    def feed(event: events.Event) -> None:
        expected.extend(tracker.feed(event))

    live([entry.raw for entry in entries[:20]], feed)
    feed(events.LinkLost(at=datetime(2026, 11, 22, 9, tzinfo=UTC)))
    assert len(expected) == before > 0
    feed(events.PbxRestarted(at=datetime(2026, 11, 22, 9, 0, 31, tzinfo=UTC)))
    assert len(expected) > before
    live([entry.raw for entry in entries[20:]], feed)
    assert told == expected


def test_other_phones_count_from_where_they_stand() -> None:
    entries = entries_of(STREAM)
    seats = note(1, Kind.PHONES, phones={})
    moved = note(2, Kind.PHONES, phones=PHONES)
    with_phones = list(retell([moved, *entries], Retelling(PBX)))
    without = list(retell([seats, *entries], Retelling(PBX)))
    later = list(retell([seats, entries[0], moved, *entries[1:]], Retelling(PBX)))
    assert with_phones[0].call.offers
    assert not without[0].call.offers
    assert later[0].call.offers == with_phones[0].call.offers


def test_a_call_that_became_part_of_another_is_not_told() -> None:
    (one,) = retell(entries_of(STREAM), Retelling(PBX, phones=PHONES))
    keep, gone = one.call, replace(one.call, id=UUID(int=9))
    retelling = Retelling(PBX)
    for change in (CallChanged(keep), CallChanged(gone), CallsJoined(keep, gone.id)):
        retelling._take(change)
    assert [one.call.id for one in retelling.rest()] == [keep.id]


def test_a_call_whose_beginning_was_not_heard_is_not_whole() -> None:
    entries = entries_of(STREAM)
    (whole,) = retell(entries, Retelling(PBX, phones=PHONES))
    begun = next(n for n, entry in enumerate(entries) if b"Event: Newchannel" in entry.raw)
    parts = list(retell(entries[begun + 1 :], Retelling(PBX, phones=PHONES)))
    assert whole.is_whole
    assert parts
    assert not any(part.is_whole for part in parts)


def test_a_period_is_read_on_until_its_calls_have_ended() -> None:
    entries = entries_of(STREAM)
    middle = datetime.fromtimestamp(entries[len(entries) // 2].at, UTC)
    calls = list(retell(entries, Retelling(PBX, phones=PHONES), until=middle))
    assert [one.call.result for one in calls] == [CallResult.ANSWERED]
    retelling = Retelling(PBX, phones=PHONES)
    early = list(retell(entries, retelling, until=middle, most=timedelta(0)))
    assert early == []


def test_a_settled_call_is_told_while_the_replay_goes_on() -> None:
    later = (b"Event: DeviceStateChange\r\nDevice: PJSIP/101\r\nState: INUSE\r\n"
             b"Timestamp: 1999999999.0")  # fmt: skip
    retelling = Retelling(PBX, phones=PHONES)
    for entry in entries_of(STREAM):
        retelling.feed(entry)
    assert retelling.told() == []
    retelling.feed(Entry(9000, 2e9, Kind.MESSAGE, later))
    assert len(retelling.told()) == 1
    assert retelling.rest() == []


def test_two_tellings_of_one_call_differ_in_nothing() -> None:
    (one,) = retell(entries_of(STREAM), Retelling(PBX, phones=PHONES))
    (two,) = retell(entries_of(STREAM), Retelling(PBX, phones=PHONES))
    assert differences(one.call, replace(two.call, revision=99)) == []


def test_each_field_that_is_told_otherwise_is_named() -> None:
    ((one),) = retell(entries_of(STREAM), Retelling(PBX, phones=PHONES))
    call = one.call
    told = replace(
        call,
        result=CallResult.ABANDONED,
        name="Zo\x1b[2J",
        answered_at=None,
        segments=call.segments[:1],
        offers=(replace(call.offers[0], end=None), *call.offers[1:]),
        legs=(replace(call.legs[0], hangup_cause=17), *call.legs[1:]),
    )
    found = {one.field: one for one in differences(call, told)}
    assert str(found["result"]) == "result: answered → abandoned"
    assert found["name"].told == r"Zo\x1b[2J"
    assert found["answered"].told == "none"
    assert found["offer 103/1 end"].stored == "missed"
    assert found["segment 2 kind"].told == "none"
    assert any(name.startswith("leg ") and name.endswith(" cause") for name in found)


def test_a_text_that_storage_cut_is_no_difference() -> None:
    ((one),) = retell(entries_of(STREAM), Retelling(PBX, phones=PHONES))
    long = replace(one.call, name="x" * 400)
    assert differences(replace(long, name="x" * 255), long) == []
    assert differences(replace(long, name="y" * 255), long) != []
