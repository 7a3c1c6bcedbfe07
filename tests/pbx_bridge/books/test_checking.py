"""Our calls held against the books: right ones pass, and each fault is found as what it is."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from pbx_bridge.books import FindingKind, check
from pbx_bridge.call import CallResult, SegmentKind

STREAMS = Path(__file__).parents[2] / "streams"
NAMES = sorted(path.name.removesuffix(".cel.csv") for path in STREAMS.glob("*.cel.csv"))
SECONDS = timedelta(seconds=5)


def without(books, *kept):
    """Return only these of the books."""
    return replace(
        books,
        cels=books.cels if "cel" in kept else (),
        cdrs=books.cdrs if "cdr" in kept else (),
        queue_log=books.queue_log if "queue_log" in kept else (),
    )


@pytest.mark.parametrize(
    "kept",
    [
        ("cel", "cdr", "queue_log"),
        ("cel", "queue_log"),
        ("cel", "cdr"),
        ("cdr", "queue_log"),
        ("cdr",),
        (),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("name", NAMES)
def test_a_call_that_is_told_right_agrees_with_whatever_books_there_are(name, kept, live, written):
    assert check(live(name), without(written(name), *kept)) == ()


def drop_the_call(calls):
    return []


def double_the_call(calls):
    return [*calls, replace(calls[0], id=UUID(int=1))]


def drop_a_leg(calls):
    return [replace(calls[0], legs=calls[0].legs[:-1])]


def add_a_leg(calls):
    leg = replace(calls[0].legs[-1], uniqueid="1.1", channel="PJSIP/999-00000001")
    return [replace(calls[0], legs=(*calls[0].legs, leg))]


def shift_the_talk(calls):
    [call] = calls
    return [
        replace(
            call,
            segments=tuple(
                replace(s, ended_at=s.ended_at + SECONDS) if s.kind is SegmentKind.TALK else s
                for s in call.segments
            ),
        )
    ]


def change_the_result(calls):
    return [replace(calls[0], result=CallResult.ABANDONED)]


def forget_the_queue(calls):
    kept = tuple(s for s in calls[0].segments if s.kind is not SegmentKind.QUEUE)
    return [replace(calls[0], segments=kept)]


def forget_an_offer(calls):
    return [replace(calls[0], offers=calls[0].offers[1:])]


def invent_a_call(calls):
    legs = tuple(
        replace(leg, uniqueid=f"7.{n}", channel=f"PJSIP/777-{n:08}")
        for n, leg in enumerate(calls[0].legs)
    )
    return [*calls, replace(calls[0], id=UUID(int=1), legs=legs)]


FAULTS = [
    (drop_the_call, {FindingKind.CALL_MISSING}),
    (double_the_call, {FindingKind.CALL_TWICE}),
    (drop_a_leg, {FindingKind.LEGS_DIFFER}),
    (add_a_leg, {FindingKind.LEGS_DIFFER}),
    (shift_the_talk, {FindingKind.TALK_DIFFERS}),
    (change_the_result, {FindingKind.RESULT_DIFFERS}),
    (forget_the_queue, {FindingKind.QUEUE_DIFFERS}),
    (forget_an_offer, {FindingKind.OFFERS_DIFFER}),
    (invent_a_call, {FindingKind.NOT_ON_THE_PBX, FindingKind.CDR_MISSING}),
]


@pytest.mark.parametrize(("spoil", "kinds"), FAULTS, ids=lambda it: getattr(it, "__name__", ""))
@pytest.mark.parametrize(
    "name",
    ["hunting_queue_reoffered_asterisk_22", "blind_twice_asterisk_16", "two_queues_asterisk_22"],
)
def test_each_fault_gives_exactly_its_finding(name, spoil, kinds, live, written):
    found = check(spoil(live(name)), written(name))
    assert {finding.kind for finding in found} == kinds
    assert len(found) == len(kinds)
    assert all(finding.said != finding.books for finding in found)


def test_a_finding_says_both_sides(live, written):
    name = "hunting_queue_reoffered_asterisk_22"
    [call] = live(name)
    [finding] = check(shift_the_talk([call]), written(name))
    assert finding.call == call.id
    assert finding.linkedid == call.legs[0].linkedid
    assert abs(finding.at - call.started_at) < timedelta(seconds=1)
    assert (finding.said, finding.books) == ("7.0 s", "2.0 s")


def test_a_row_of_cdr_that_no_call_explains_is_found(live, written):
    name = "extension_answered_asterisk_22"
    books = written(name)
    foreign = replace(books.cdrs[0], channel="PJSIP/trunk-00000099", dst_channel="", uniqueid="9.9")
    foreign = replace(foreign, linkedid="9.9")
    [finding] = check(live(name), replace(books, cels=(), cdrs=(*books.cdrs, foreign)))
    assert finding.kind is FindingKind.CALL_MISSING
    known = replace(foreign, channel=books.cdrs[0].channel, dst_channel="PJSIP/301-00000001")
    [finding] = check(live(name), replace(books, cdrs=(*books.cdrs, known)))
    assert finding.kind is FindingKind.CDR_UNEXPLAINED
    assert "PJSIP/301-00000001" in finding.books


def test_a_call_without_its_row_of_cdr_is_found(live, written):
    first, second = "extension_answered_asterisk_22", "internal_answered_asterisk_22"
    books = [written(name) for name in (first, second)]
    calls = [*live(first), *live(second)]
    both = replace(
        books[0],
        cels=books[0].cels + books[1].cels,
        cdrs=books[0].cdrs + books[1].cdrs,
        queue_log=books[0].queue_log + books[1].queue_log,
    )
    assert check(calls, both) == ()
    spoilt = replace(
        both,
        cdrs=(
            *books[0].cdrs,
            replace(books[0].cdrs[0], start=books[1].cdrs[0].start, end=books[1].cdrs[0].end),
        ),
    )
    assert FindingKind.CDR_MISSING in {finding.kind for finding in check(calls, spoilt)}


def test_whether_cdr_has_calls_that_nobody_took_is_the_pbx_s_own_choice(live, written):
    name, other = "abandoned_in_queue_asterisk_22", "extension_answered_asterisk_22"
    books = replace(written(name), cdrs=written(other).cdrs)
    minute = timedelta(minutes=1)
    begin, end = books.cels[0].at - minute, books.cels[-1].at + minute
    foreign = replace(books.cdrs[0], channel="PJSIP/x-00000001", dst_channel="", uniqueid="")
    around = [replace(foreign, start=at, end=at) for at in (begin, end)]
    found = check(live(name), replace(books, cdrs=tuple(around)))
    assert FindingKind.CDR_MISSING not in {finding.kind for finding in found}


def test_calls_that_are_still_up_are_left_alone(live, written):
    name = "extension_answered_asterisk_22"
    books = written(name)
    up = replace(
        books, cels=tuple(row for row in books.cels if row.type not in {"HANGUP", "CHAN_END"})
    )
    assert check([], up) == ()
    assert [finding.kind for finding in check([], books)] == [FindingKind.CALL_MISSING]


def test_two_halves_of_one_conversation_are_one_call_too_many(live, written):
    name = "attended_by_refer_asterisk_22"
    [call] = live(name)
    halves = [
        replace(call, legs=call.legs[:2]),
        replace(call, id=UUID(int=1), legs=call.legs[2:]),
    ]
    [finding] = check(halves, written(name))
    assert finding.kind is FindingKind.CALL_TWICE
