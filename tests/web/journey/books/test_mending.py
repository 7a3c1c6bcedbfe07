"""A call heard in part and told whole by the books: its ids stay, and it is told but once."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from fixtures.calls import FOLDER, Teller, after
from fixtures.tellings import as_books_tell
from pbx_bridge.books import Recovered
from pbx_bridge.call import Call, CallResult, CallState, OfferEnd, Party, Segment, SegmentKind
from pbx_bridge.journal import differences
from web.journey.books.mending import closed, mended, new_answers

PBX = UUID(int=7)
BLINK = timedelta(milliseconds=3)


def cut(call: Call, seconds: float) -> Call:
    """The call as it is stored after a gap swallowed its end."""
    return replace(
        closed(replace(call, ended_at=None), at=after(seconds)),
        result=CallResult.ANSWERED if call.answered_at else CallResult.FAILED,
    )


def test_a_call_that_was_heard_whole_comes_out_as_it_is_stored() -> None:
    stored = Teller(PBX).ended()
    call = mended([stored], Recovered(call=as_books_tell(stored)), deaf_since=after(30))
    assert differences(stored, call) == []
    assert call.id == stored.id
    assert [leg.id for leg in call.legs] == [leg.id for leg in stored.legs]
    assert [offer.id for offer in call.offers] == [offer.id for offer in stored.offers]
    assert [s.id for s in call.segments] == [s.id for s in stored.segments]
    assert call.recordings == stored.recordings


def test_what_a_gap_swallowed_is_added_under_the_ids_there_are() -> None:
    whole = Teller(PBX).ended()
    stored = cut(Teller(PBX).ringing(), 300)
    told = Recovered(call=as_books_tell(whole))
    call = mended([stored], told, deaf_since=after(5))
    assert (call.id, call.result, call.state) == (whole.id, CallResult.ANSWERED, CallState.ENDED)
    assert call.answered_at == whole.answered_at
    assert call.talk_seconds == pytest.approx(61, abs=0.1)
    ends = {offer.extension: offer.end for offer in call.offers}
    assert ends == {"101": OfferEnd.ELSEWHERE, "102": OfferEnd.ANSWERED, "103": OfferEnd.ELSEWHERE}
    assert {offer.id for offer in call.offers} == {offer.id for offer in stored.offers}
    assert [file.path for file in call.recordings] == [file.path for file in whole.recordings]
    assert call.recordings[0].leg == stored.legs[0].id
    talk = call.segments[-1]
    assert {party.leg for party in talk.parties} == {call.legs[0].id, call.legs[2].id}


def test_telling_it_again_changes_nothing() -> None:
    stored = cut(Teller(PBX).ringing(), 300)
    told = Recovered(call=as_books_tell(Teller(PBX).ended()))
    once = mended([stored], told, deaf_since=after(5))
    assert differences(once, mended([once], told, deaf_since=after(5))) == []


@pytest.mark.parametrize("path", ["in-1.0.wav", f"{FOLDER}/in-1.0.wav"])
def test_a_file_that_we_know_is_no_second_one_however_the_books_name_it(path: str) -> None:
    stored = Teller(PBX).ended()
    told = as_books_tell(stored)
    other = replace(told.recordings[0], id=UUID(int=5), path="more.wav")
    told = replace(told, recordings=(replace(told.recordings[0], path=path), other))
    call = mended([stored], Recovered(call=told), deaf_since=None)
    assert call.recordings[0] == stored.recordings[0]
    assert [file.path for file in call.recordings[1:]] == ["more.wav"]
    assert call.recordings[1].leg == stored.legs[0].id


def test_a_hold_that_we_heard_stays_for_no_book_tells_of_it() -> None:
    stored = Teller(PBX).ended()
    hold = Segment(
        id=UUID(int=1), kind=SegmentKind.HOLD, started_at=after(20), ended_at=after(25),
        parties=(Party(leg=stored.legs[2].id, extension="102", number="102"),),
    )  # fmt: skip
    stored = replace(stored, segments=(*stored.segments, hold))
    call = mended([stored], Recovered(call=as_books_tell(Teller(PBX).ended())), deaf_since=None)
    assert hold in call.segments
    assert differences(stored, call) == []


def test_who_called_holds_as_we_heard_it_unless_the_call_began_unheard() -> None:
    stored = replace(Teller(PBX).ended(), number="+441", name="Zoe")
    told = Recovered(call=replace(as_books_tell(stored), number="102", name=""))
    assert mended([stored], told, deaf_since=after(30)).number == "+441"
    assert mended([stored], told, deaf_since=None).number == "+441"
    call = mended([stored], told, deaf_since=after(-1))
    assert (call.number, call.name) == ("102", "Zoe")


def test_what_the_books_do_not_know_stays_as_we_heard_it_but_outlasts_no_call() -> None:
    stored = cut(Teller(PBX).talking(), 300)
    told = as_books_tell(Teller(PBX).ended())
    bare = replace(told, segments=told.segments[1:], offers=told.offers[:1], result=None)
    told = Recovered(call=bare, uncertain=frozenset({"segments", "offers", "result"}))
    call = mended([stored], told, deaf_since=after(20))
    assert call.result is CallResult.ANSWERED
    assert call.ended_at == after(70)
    assert [s.id for s in call.segments] == [s.id for s in stored.segments]
    assert max(s.ended_at for s in call.segments if s.ended_at) == after(70)
    assert [o.end for o in call.offers] == [o.end for o in stored.offers]


def test_two_calls_that_the_books_tell_as_one_are_joined_under_the_older() -> None:
    whole = Teller(PBX).ended()
    first = replace(whole, legs=whole.legs[:2], offers=whole.offers[:1], segments=())
    second = replace(
        whole, id=UUID(int=9), legs=whole.legs[2:], offers=whole.offers[1:], segments=()
    )
    call = mended([first, second], Recovered(call=as_books_tell(whole)), deaf_since=None)
    assert (call.id, call.aliases) == (first.id, (second.id,))
    assert [leg.id for leg in call.legs] == [leg.id for leg in whole.legs]
    assert {offer.id for offer in call.offers} == {offer.id for offer in whole.offers}


def test_a_leg_of_which_the_books_lack_the_rows_stays() -> None:
    stored = Teller(PBX).ended()
    told = as_books_tell(stored)
    told = replace(told, legs=told.legs[:-1])
    call = mended([stored], Recovered(call=told), deaf_since=None)
    assert [leg.uniqueid for leg in call.legs] == [leg.uniqueid for leg in stored.legs]


def test_a_call_that_died_with_its_pbx_ends_when_that_showed() -> None:
    call = closed(Teller(PBX).talking(), at=after(40))
    assert (call.state, call.ended_at, call.result) == (
        CallState.ENDED,
        after(40),
        CallResult.ANSWERED,
    )
    assert all(part.ended_at for part in (*call.legs, *call.segments))
    ringing = closed(Teller(PBX).ringing(), at=after(40))
    assert ringing.result is CallResult.FAILED
    assert {offer.end for offer in ringing.offers} == {OfferEnd.WITHDRAWN}


def test_no_card_is_shown_for_what_was_answered_unseen() -> None:
    whole = Teller(PBX).ended()
    answered = next(offer.id for offer in whole.offers if offer.answered_at)
    assert new_answers([], whole) == [answered]
    assert new_answers([Teller(PBX).ringing()], whole) == [answered]
    assert new_answers([whole], whole) == []
