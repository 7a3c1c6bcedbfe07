"""What a real PBX wrote down of a whole evening is what was heard of it, call by call."""

import re
from datetime import timedelta

import pytest

from lab import folders, layout
from lab.evenings import SYSTEM_NAMES
from lab.tellings import tell_all
from pbx_bridge.books import BookFolder, check, read, tell

pytestmark = [pytest.mark.asterisk, pytest.mark.xdist_group("lab")]  # one evening for all
PHONES = {f"PJSIP/{number}": number for number in layout.agents()}


@pytest.fixture(scope="module")
def heard(evening):
    return tell_all(evening.heard, layout.agents())[0]


@pytest.fixture(scope="module")
def books(evening, heard, tmp_path_factory):
    folder = tmp_path_factory.mktemp("books")
    for name, text in evening.written.items():
        (folder / name).write_bytes(text)
    begun = [call.started_at for call in heard]
    return read(
        BookFolder(**{name: folder / name for name in evening.written}),
        since=min(begun),
        until=max(begun) + timedelta(hours=1),
    )


def nature(call):
    return call.direction, call.number, call.dialled, call.queue, call.result


def offers(call):
    return sorted((o.extension, o.attempt, o.end, o.queue or "", o.outgoing) for o in call.offers)


def test_the_ids_of_one_evening_begin_with_the_name_of_its_system(evening, heard):
    name = SYSTEM_NAMES.get(evening.version)
    begin = re.escape(f"{name}-") if name else ""
    ids = {leg.uniqueid for call in heard for leg in call.legs}
    named = re.compile(rf"{begin}\d+\.\d+|ringbook-[\w-]+")  # we name those that we place
    assert [one for one in ids if not named.fullmatch(one)] == []
    assert set(SYSTEM_NAMES) < set(folders.SUITES)


def test_an_evening_is_told_from_the_books_as_it_was_heard(heard, books):
    recovered = tell(heard[0].pbx, PHONES, books)
    ours = {one.call.legs[0].uniqueid: one.call for one in recovered}
    assert books.troubles == ()
    assert len(ours) == len(recovered) == len(heard)
    for call in heard:
        told = ours[call.legs[0].uniqueid]
        assert nature(told) == nature(call)
        assert offers(told) == offers(call)
        assert {leg.uniqueid for leg in told.legs} == {leg.uniqueid for leg in call.legs}
        assert told.talk_seconds == pytest.approx(call.talk_seconds, abs=1)
        assert len(told.recordings) == len(call.recordings)


def test_the_books_leave_nothing_open_and_nothing_but_holds_in_doubt(heard, books):
    recovered = tell(heard[0].pbx, PHONES, books)
    assert {one.is_open for one in recovered} == {False}
    assert {word for one in recovered for word in one.uncertain} <= {"hold"}


def test_the_calls_of_an_evening_pass_the_check(heard, books):
    assert check(heard, books) == ()
    assert len(check(heard[1:], books)) == 1
