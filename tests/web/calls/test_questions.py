"""The address of the list says what it shows; days are the company's, mistakes are named."""

from datetime import UTC, date, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from fixtures.calls import NOW
from pbx_bridge.call import CallResult, Direction
from pbx_bridge.matching import Level
from storage.calls import MISSED, Course, Place, Transferred
from web.calls import questions
from web.calls.questions import Question

TOKYO = ZoneInfo("Asia/Tokyo")
BERLIN = ZoneInfo("Europe/Berlin")


def midnight(month: int, day: int) -> datetime:
    """The beginning of the day in Tokyo."""
    return datetime(2026, month, day, tzinfo=TOKYO).astimezone(UTC)


@pytest.mark.parametrize(
    ("query", "since", "until"),
    [
        ({"period": "today"}, midnight(11, 22), midnight(11, 23)),
        ({"period": "yesterday"}, midnight(11, 21), midnight(11, 22)),
        ({}, midnight(11, 16), None),
        ({"period": "30"}, midnight(10, 24), None),
        ({"period": "all"}, None, None),
        ({"period": "custom"}, None, None),
        ({"period": "custom", "since": "2026-11-01"}, midnight(11, 1), None),
        ({"period": "custom", "until": "2026-11-01"}, None, midnight(11, 2)),
    ],
)
def test_a_period_begins_and_ends_at_midnight_where_the_company_is(query, since, until) -> None:
    filters = questions.read(query).question.filters(now=NOW, zone=TOKYO)
    assert (filters.since, filters.until) == (since, until)


def test_the_day_the_clocks_change_is_a_whole_day() -> None:
    question = Question(period="custom", since=date(2026, 10, 25), until=date(2026, 10, 25))
    filters = question.filters(now=NOW, zone=BERLIN)
    assert (filters.until - filters.since).total_seconds() == 25 * 3600


def test_each_field_reaches_the_storage() -> None:
    agent, customer, outcome = uuid4(), uuid4(), uuid4()
    asked = questions.read(
        {
            "agent": str(agent), "customer": str(customer), "outcome": str(outcome),
            "queue": "sales", "direction": "outbound", "result": "missed", "q": " Zoë ",
            "unknown": "left alone",
        }
    )  # fmt: skip
    filters = asked.question.filters(now=NOW, zone=TOKYO)
    assert asked.errors == {}
    assert (filters.user_ids, filters.customer_id) == (frozenset({agent}), customer)
    assert (filters.outcome_id, filters.queue) == (outcome, "sales")
    assert (filters.direction, filters.results) == (Direction.OUTBOUND, MISSED)
    assert filters.number == "Zoë"
    only = questions.read({"result": "busy"}).question.filters(now=NOW, zone=TOKYO)
    assert only.results == {CallResult.BUSY}


def test_empty_fields_are_no_filters() -> None:
    query = dict.fromkeys(
        ("agent", "customer", "outcome", "queue", "direction", "result", "q", "since", "until"), ""
    )
    asked = questions.read(query)
    assert asked.errors == {}
    assert asked.question.chosen() == {}


def test_what_cannot_be_understood_is_named_and_left_out() -> None:
    asked = questions.read({"period": "for ever", "agent": "Bob", "queue": "sales"})
    assert sorted(asked.errors) == ["agent", "period"]
    assert (asked.question.queue, asked.question.period) == ("sales", "7")


def test_a_period_that_ends_before_it_begins_is_named() -> None:
    asked = questions.read({"period": "custom", "since": "2026-11-02", "until": "2026-11-01"})
    assert asked.errors == {"until": "The last day is before the first."}


def test_what_was_chosen_can_be_asked_again() -> None:
    query = {"period": "30", "result": "busy", "q": "a&b", "agent": str(uuid4())}
    question = questions.read(query | {"after": "x"}).question
    assert question.chosen() == query
    assert questions.read(question.chosen()).question.chosen() == query


def test_a_place_survives_the_address() -> None:
    place = Place(NOW.replace(microsecond=123456), uuid4())
    assert questions.place_of(questions.written(place)) == place
    assert questions.written(None) == ""
    for text in ("", "x", "2026-11-22T09:30:00Z_x", "_", "2026_" + str(uuid4()) + "x"):
        assert questions.place_of(text) is None


def test_lengths_are_read_as_people_write_them_and_stand_in_the_address_in_seconds() -> None:
    asked = questions.read({"talk_from": "1:30", "talk_to": " 1:00:00 ", "wait_to": "45"})
    course = asked.question.filters(now=NOW, zone=TOKYO).course
    assert (course.talk_from, course.talk_to, course.wait_to) == (90, 3600, 45)
    assert asked.question.chosen() == {"talk_from": "90", "talk_to": "3600", "wait_to": "45"}
    assert asked.question.asks_for_more
    assert not Question(queue="sales").asks_for_more
    wrong = questions.read({"talk_from": "long", "wait_from": "9", "wait_to": "8"})
    assert sorted(wrong.errors) == ["talk_from"]
    assert sorted(questions.read({"wait_from": "9", "wait_to": "8"}).errors) == ["wait_to"]
    assert questions.read({"talk_from": "", "held": ""}).question.chosen() == {}


def test_how_calls_went_reaches_the_storage() -> None:
    pbx = uuid4()
    asked = questions.read(
        {"transferred": "lost", "held": "no", "match": "withheld", "pbx": str(pbx),
         "dialled": "0800", "note": "angry"}
    )  # fmt: skip
    assert asked.question.filters(now=NOW, zone=TOKYO).course == Course(
        transferred=Transferred.LOST, held=False, match=Level.WITHHELD, pbx_id=pbx,
        dialled="0800", note="angry",
    )  # fmt: skip
