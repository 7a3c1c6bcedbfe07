"""What can be known without CEL, without queue_log, and of what the lab did not play."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from pbx_bridge.books import Books, tell
from pbx_bridge.call import CallResult, OfferEnd, SegmentKind

STREAMS = Path(__file__).parents[2] / "streams"
NAMES = sorted(path.name.removesuffix(".cel.csv") for path in STREAMS.glob("*.cel.csv"))
PBX = UUID(int=7)
PHONES = {f"PJSIP/{n}": str(n) for n in range(101, 250)}


def calls_of(books):
    return [one.call for one in tell(PBX, PHONES, books)]


@pytest.mark.parametrize("name", NAMES)
def test_cel_and_cdr_name_the_queue_where_queue_log_does_not(name, live, written):
    told = calls_of(replace(written(name), queue_log=(), has_queue_log=False))
    heard = live(name)
    assert [call.queue for call in told] == [call.queue for call in heard]
    assert [call.result for call in told] == [call.result for call in heard]


@pytest.mark.parametrize("version", [16, 22])
def test_a_conference_is_one_call_of_three_by_cdr_alone(version, written):
    books = written(f"conference_asterisk_{version}")
    [call] = calls_of(Books(cdrs=books.cdrs))
    most = max(len(s.parties) for s in call.segments if s.kind is SegmentKind.TALK)
    assert most == 3
    assert call.result is CallResult.ANSWERED


def test_queue_log_says_when_a_member_answered_where_cdr_does_not(written):
    books = written("hunting_queue_reoffered_asterisk_22")
    [call] = calls_of(Books(cdrs=books.cdrs, queue_log=books.queue_log))
    connect = next(entry for entry in books.queue_log if entry.event == "CONNECT")
    assert call.answered_at == connect.at
    assert connect.data[1] in {leg.uniqueid for leg in call.legs}
    [alone] = calls_of(Books(cdrs=books.cdrs))
    assert alone.answered_at < connect.at


def test_a_name_that_is_used_again_is_another_channel(written):
    books = written("extension_answered_asterisk_22")
    later = timedelta(hours=1)
    again = tuple(
        replace(
            row,
            start=row.start + later,
            answer=row.answer + later if row.answer else None,
            end=row.end + later,
            uniqueid=f"{row.uniqueid}9",
            linkedid=f"{row.linkedid}9",
        )
        for row in books.cdrs
    )
    one, two = calls_of(Books(cdrs=books.cdrs + again))
    assert two.started_at - one.started_at == later
    assert len(one.legs) == len(two.legs) == 2
    assert {leg.channel for leg in one.legs} == {leg.channel for leg in two.legs}
    assert one.talk_seconds == two.talk_seconds > 0


@pytest.mark.parametrize("name", ["two_queues_asterisk_22", "attended_by_refer_asterisk_16"])
def test_ids_that_a_clock_made_twice_are_two_calls(name, live, written):
    """The clock stepped back, and Asterisk began to count anew."""
    books = written(name)
    later = timedelta(hours=1)
    twice = Books(
        cels=books.cels + tuple(replace(row, at=row.at + later) for row in books.cels),
        queue_log=books.queue_log + tuple(replace(e, at=e.at + later) for e in books.queue_log),
    )
    [heard] = live(name)
    told = calls_of(twice)
    assert [call.result for call in told] == [heard.result] * 2
    assert [call.queue for call in told] == [heard.queue] * 2
    for call in told:
        assert len(call.legs) == len(heard.legs)
        assert call.talk_seconds == pytest.approx(heard.talk_seconds, abs=0.3)
        assert [o.end for o in call.offers] == [o.end for o in told[0].offers]


def test_a_phone_that_sends_its_caller_on_did_not_miss_the_call(written):
    """The one to whom it was sent lets it ring for five seconds before answering."""
    books = written("forwarded_by_the_phone_asterisk_16")
    forwarded = next(row for row in books.cels if row.type == "FORWARD")
    answered = next(row for row in books.cels if row.type == "ANSWER")
    later = timedelta(seconds=5)
    rows = tuple(replace(r, at=r.at + later) if r.at >= answered.at else r for r in books.cels)
    [call] = calls_of(replace(books, cels=rows))
    assert forwarded.at < answered.at
    assert [(offer.extension, offer.end) for offer in call.offers] == [
        ("131", OfferEnd.CANCELLED),
        ("132", OfferEnd.ANSWERED),
    ]


@pytest.mark.parametrize("late", [0.02, 0.5])
def test_a_phone_that_sent_its_caller_on_lost_to_nobody(late, written):
    """Its channel is there for a while longer, until the other phone has answered."""
    books = written("forwarded_by_the_phone_asterisk_22")
    gone = next(row for row in books.cels if row.type == "HANGUP")
    later = timedelta(seconds=late)
    rows = [
        replace(row, at=row.at + later)
        if row.uniqueid == gone.uniqueid and row.at >= gone.at
        else row
        for row in books.cels
    ]
    [call] = calls_of(replace(books, cels=tuple(sorted(rows, key=lambda row: row.at))))
    assert call.answered_at is not None
    assert [offer.end for offer in call.offers] == [OfferEnd.CANCELLED, OfferEnd.ANSWERED]


@pytest.mark.parametrize("late", [0.0, 0.02, 0.2])
def test_that_a_phone_sends_its_caller_on_may_be_told_after_its_hang_up(late, written):
    """The one to whom it was sent lets it ring for five seconds before answering."""
    books = written("forwarded_by_the_phone_asterisk_22")
    forward = next(row for row in books.cels if row.type == "FORWARD")
    answered = next(row for row in books.cels if row.type == "ANSWER")
    gone = next(row for row in books.cels if row.type == "CHAN_END")
    told = replace(forward, at=gone.at + timedelta(seconds=late))
    rest = [row for row in books.cels if row is not forward]
    later = timedelta(seconds=5)
    rows = [replace(r, at=r.at + later) if r.at >= answered.at else r for r in rest]
    cels = tuple(sorted([*rows, told], key=lambda row: row.at))
    [call] = calls_of(replace(books, cels=cels))
    assert [offer.end for offer in call.offers] == [OfferEnd.CANCELLED, OfferEnd.ANSWERED]


def test_that_a_phone_sends_its_caller_on_may_be_told_when_another_has_answered(written):
    """Three threads of a busy PBX write these rows, in whatever order they come to it."""
    books = written("forwarded_by_the_phone_asterisk_22")
    gone = next(row for row in books.cels if row.type == "HANGUP")
    answered = next(row for row in books.cels if row.type == "ANSWER")

    def late(row):
        if row.uniqueid == gone.uniqueid and row.at >= gone.at:
            return replace(row, at=answered.at + timedelta(seconds=0.01))
        at = answered.at + timedelta(seconds=0.02)
        return replace(row, at=at) if row.type == "FORWARD" else row

    cels = tuple(sorted(map(late, books.cels), key=lambda row: row.at))
    [call] = calls_of(replace(books, cels=cels))
    assert [offer.end for offer in call.offers] == [OfferEnd.CANCELLED, OfferEnd.ANSWERED]


def test_what_is_held_and_what_is_never_in_the_books(live, written):
    name = "held_and_resumed_asterisk_22"
    [one] = tell(PBX, PHONES, written(name))
    held = [s for s in live(name)[0].segments if s.kind is SegmentKind.HOLD]
    assert len(held) == 2
    assert [s for s in one.call.segments if s.kind is SegmentKind.HOLD] == []
    assert "hold" in one.uncertain


def test_a_recording_is_named_as_the_application_was_told(live, written):
    name = "listened_to_asterisk_22"
    [ours, _] = calls_of(written(name))
    [heard, _] = live(name)
    [told], [recording] = ours.recordings, heard.recordings
    assert recording.path.endswith("/" + told.path)
    assert abs(recording.started_at - told.started_at) < timedelta(seconds=0.1)
