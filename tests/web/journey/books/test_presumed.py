"""Ends that nobody heard give way to what the books tell; those that were heard do not."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from fixtures.calls import Teller, after
from fixtures.tellings import as_books_tell
from pbx_bridge.books import Recovered
from pbx_bridge.call import Call, OfferEnd
from pbx_bridge.journal import differences
from web.journey.books.mending import closed, mended

PBX = UUID(int=7)


def heard(call: Call) -> Call:
    """The call with the causes that a PBX names as its legs end."""
    return replace(
        call,
        legs=tuple(replace(leg, hangup_cause=16 if leg.ended_at else None) for leg in call.legs),
    )


@pytest.mark.parametrize("deaf_since", [after(70.2), None])
@pytest.mark.parametrize("lost", [{"after": 0.4}, {"after": -0.4}])
def test_an_end_that_was_only_presumed_gives_way_to_what_the_books_tell(
    deaf_since: datetime | None, lost: dict[str, float]
) -> None:
    whole = Teller(PBX).ended()
    assert whole.ended_at is not None
    moment = whole.ended_at + timedelta(seconds=lost["after"])
    talking = heard(Teller(PBX).talking())
    stored = closed(talking, at=moment)
    [file] = stored.recordings
    stored = replace(stored, recordings=(replace(file, ended_at=moment),))
    call = mended([stored], Recovered(call=as_books_tell(whole)), deaf_since=deaf_since)
    assert (call.ended_at, call.segments[-1].ended_at) == (whole.ended_at, whole.ended_at)
    assert [leg.ended_at for leg in call.legs] == [leg.ended_at for leg in whole.legs]
    assert call.recordings == whole.recordings
    again = mended([call], Recovered(call=as_books_tell(whole)), deaf_since=deaf_since)
    assert differences(call, again) == []


def test_an_end_that_was_heard_stays_as_it_was_heard() -> None:
    stored = heard(Teller(PBX).ended())
    told = as_books_tell(stored)
    assert stored.ended_at is not None
    moment = stored.ended_at + timedelta(seconds=0.3)
    told = replace(
        told, ended_at=moment, legs=tuple(replace(leg, ended_at=moment) for leg in told.legs)
    )
    call = mended([stored], Recovered(call=told), deaf_since=None)
    assert call.ended_at == stored.ended_at
    assert call.legs[0].ended_at == stored.legs[0].ended_at


@pytest.mark.parametrize("reason", ["gap", "restart"])
def test_a_segment_whose_end_the_books_tell_does_not_say_that_nobody_heard_it(reason: str) -> None:
    whole = heard(Teller(PBX).ended())
    waits, talk = whole.segments
    assert waits.ended_at is not None
    lost = replace(waits, ended_at=waits.ended_at + timedelta(seconds=0.5), exit_reason=reason)
    told = as_books_tell(whole)
    quiet = replace(told, segments=(replace(told.segments[0], exit_reason=None), told.segments[1]))
    stored = replace(whole, segments=(lost, talk))
    call = mended([stored], Recovered(call=quiet), deaf_since=None)
    assert (call.segments[0].ended_at, call.segments[0].exit_reason) == (waits.ended_at, None)


def test_a_talk_that_was_left_as_the_link_broke_ended_when_the_books_say() -> None:
    whole = heard(Teller(PBX).ended())
    waits, talk = whole.segments
    assert talk.ended_at is not None
    lost = talk.ended_at - timedelta(seconds=0.5)
    stored = replace(whole, segments=(waits, replace(talk, ended_at=lost)))
    told = Recovered(call=as_books_tell(whole))
    assert mended([stored], told, deaf_since=lost).segments[1].ended_at == talk.ended_at
    assert mended([stored], told, deaf_since=after(-5)).segments[1].ended_at == lost


def test_an_offer_whose_end_nobody_heard_ended_when_the_books_say() -> None:
    whole = heard(Teller(PBX).ended())
    first, *others = whole.offers
    assert first.ended_at is not None
    lost = first.ended_at + timedelta(seconds=0.5)
    withdrawn = replace(first, ended_at=lost, end=OfferEnd.WITHDRAWN)
    stored = replace(whole, offers=(withdrawn, *others))
    call = mended([stored], Recovered(call=as_books_tell(whole)), deaf_since=None)
    assert (call.offers[0].ended_at, call.offers[0].end) == (first.ended_at, first.end)
