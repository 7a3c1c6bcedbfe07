"""What fewer books tell: either it is right, or it is said to be uncertain."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pbx_bridge.books import Books, tell
from pbx_bridge.call import SegmentKind

STREAMS = Path(__file__).parents[2] / "streams"
NAMES = sorted(path.name.removesuffix(".cel.csv") for path in STREAMS.glob("*.cel.csv"))
PBX = UUID(int=7)
PHONES = {f"PJSIP/{n}": str(n) for n in range(101, 250)}
NEAR = 0.3  # seconds
SETS = [("cel", "queue_log"), ("cel", "cdr"), ("cel",), ("cdr", "queue_log"), ("cdr",)]


def only(books, *kept):
    """Return only these of the books."""
    return replace(
        books,
        cels=books.cels if "cel" in kept else (),
        cdrs=books.cdrs if "cdr" in kept else (),
        queue_log=books.queue_log if "queue_log" in kept else (),
    )


def without_extras(books):
    """Return the books of a PBX whose cel_custom.conf lacks the last column."""
    return replace(books, cels=tuple(replace(row, extra={}) for row in books.cels))


def told(call):
    """Return what there is of a call, under the words that may call it uncertain."""
    names = {leg.id: leg.channel for leg in call.legs}
    return {
        "direction": call.direction,
        "number": call.number,
        "queue": call.queue,
        "result": call.result,
        "legs": {leg.channel for leg in call.legs},
        "offers": sorted((o.extension, o.attempt, o.end) for o in call.offers),
        "hold": [s for s in call.segments if s.kind is SegmentKind.HOLD] != [],
        "segments": sorted(
            (s.kind, sorted(names[party.leg] for party in s.parties))
            for s in call.segments
            if s.kind in {SegmentKind.VOICEMAIL, SegmentKind.IVR}
        ),
        "recordings": len(call.recordings),
    }


@pytest.mark.parametrize("kept", SETS, ids=" ".join)
@pytest.mark.parametrize("name", NAMES)
def test_what_fewer_books_tell_is_right_or_uncertain(name, kept, live, written):
    recovered = tell(PBX, PHONES, only(written(name), *kept))
    assert len(recovered) == len(live(name))
    for one, heard in zip(recovered, live(name), strict=True):
        ours, theirs = told(one.call), told(heard)
        wrong = {word for word, value in ours.items() if value != theirs[word]}
        if abs(one.call.talk_seconds - heard.talk_seconds) > NEAR:
            wrong.add("talk")
        assert wrong <= one.uncertain


@pytest.mark.parametrize("name", NAMES)
def test_cel_without_its_last_column_is_told_as_far_as_it_goes(name, live, written):
    recovered = tell(PBX, PHONES, without_extras(written(name)))
    assert len(recovered) >= 1
    assert all({"talk", "segments", "offers"} <= one.uncertain for one in recovered)
    known = {leg.uniqueid for one in recovered for leg in one.call.legs}
    assert known == {leg.uniqueid for call in live(name) for leg in call.legs}


def test_all_books_leave_hardly_a_doubt(written):
    [one] = tell(PBX, PHONES, written("voicemail_left_asterisk_22"))
    assert one.uncertain == frozenset()
    [one] = tell(PBX, PHONES, written("queue_timed_out_asterisk_22"))
    assert one.uncertain == {"recordings"}
    [one] = tell(PBX, PHONES, written("extension_answered_asterisk_22"))
    assert one.uncertain == {"hold", "recordings"}


def test_a_call_whose_begin_is_not_in_the_books_says_so(written):
    books = written("blind_twice_asterisk_22")
    [one] = tell(PBX, PHONES, replace(books, cels=books.cels[8:]))
    assert "started_at" in one.uncertain


def test_a_phone_that_rang_for_nobody_known_says_so(written):
    books = written("hunting_queue_reoffered_asterisk_22")
    caller = books.cels[0].uniqueid
    rest = tuple(row for row in books.cels if row.uniqueid != caller)
    recovered = tell(PBX, PHONES, replace(books, cels=rest, cdrs=()))
    assert recovered
    assert all("started_at" in one.uncertain for one in recovered)


def test_a_call_that_is_still_up_is_open(written):
    books = written("blind_twice_asterisk_22")
    ended = [number for number, row in enumerate(books.cels) if row.type == "HANGUP"]
    [one] = tell(PBX, PHONES, replace(books, cels=books.cels[: ended[-1]]))
    assert one.is_open
    [one] = tell(PBX, PHONES, books)
    assert not one.is_open


def test_a_pbx_that_began_anew_ends_what_was_up(written):
    books = written("blind_twice_asterisk_22")
    cut = books.cels[:14]
    again = cut[-1].at.replace(microsecond=0) + timedelta(seconds=9)
    restart = replace(books.queue_log[0], at=again)
    [one] = tell(PBX, PHONES, replace(books, cels=cut, queue_log=(*books.queue_log, restart)))
    assert not one.is_open
    assert one.call.ended_at == again
    assert all(leg.ended_at is not None for leg in one.call.legs)


def test_a_line_of_a_restart_ends_nothing_that_goes_on(written):
    books = written("blind_twice_asterisk_22")
    middle = books.cels[14].at.replace(microsecond=0)
    restart = replace(books.queue_log[0], at=middle)
    restarted = tell(PBX, PHONES, replace(books, queue_log=(*books.queue_log, restart)))
    assert restarted == tell(PBX, PHONES, books)


def test_no_books_tell_no_calls():
    assert tell(PBX, PHONES, Books()) == ()


@settings(deadline=None, max_examples=80)
@given(data=st.data())
def test_any_rows_of_any_books_are_told_without_error(data, request):
    written = request.getfixturevalue("written")
    books = written(data.draw(st.sampled_from(NAMES)))
    cut = {}
    for kind in ("cels", "cdrs", "queue_log"):
        rows = getattr(books, kind)
        kept = data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
        cut[kind] = tuple(row for row, is_kept in zip(rows, kept, strict=True) if is_kept)
    recovered = tell(PBX, PHONES, replace(books, **cut))
    legs = [leg.id for one in recovered for leg in one.call.legs]
    assert len(legs) == len(set(legs))
    for one in recovered:
        talks = [s for s in one.call.segments if s.kind is SegmentKind.TALK and s.ended_at]
        assert all(s.started_at <= s.ended_at for s in talks)


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_the_order_of_rows_in_the_book_does_not_matter(data, request):
    written = request.getfixturevalue("written")
    books = written(data.draw(st.sampled_from(NAMES)))
    shuffled = replace(
        books,
        cels=tuple(data.draw(st.permutations(books.cels))),
        cdrs=tuple(data.draw(st.permutations(books.cdrs))),
    )
    assert tell(PBX, PHONES, shuffled) == tell(PBX, PHONES, books)


def test_two_calls_at_once_stay_two(live, written):
    names = ("blind_twice_asterisk_22", "two_queues_asterisk_22")
    first, second = (written(name) for name in names)
    apart = second.cels[0].at - first.cels[0].at - timedelta(seconds=1)
    moved = tuple(replace(row, at=row.at - apart) for row in second.cels)
    log = tuple(replace(entry, at=entry.at - apart) for entry in second.queue_log)
    renamed = tuple(replace(row, channel=f"{row.channel}x", peer=f"{row.peer}x") for row in moved)
    both = Books(cels=first.cels + renamed, queue_log=first.queue_log[1:] + log[1:])
    recovered = tell(PBX, PHONES, both)
    assert len(recovered) == 2
    results = [call.result for name in names for call in live(name)]
    assert [one.call.result for one in recovered] == results
    assert all(one.at <= two.at for one, two in pairwise(first.cels))
