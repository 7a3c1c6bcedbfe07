"""What a call is told from: its own messages, and what concerns every call of that time."""

from datetime import UTC, datetime, timedelta
from typing import Any

from pbx_bridge.journal import Kind, Range, erase

LISTED = b"Event: CoreShowChannelsComplete\r\nEventList: Complete"
ALL = Range()


def kept(desk: Any, say: Any) -> Any:
    """A day of a journal: phones, the link, two calls, a list, other phones."""
    journal = desk.journal()
    journal.phones({"PJSIP/101": "101"})
    journal.note(Kind.UP)
    for n in range(600):
        journal.hear(say(f"{n % 2 + 1}.{n % 3}"))
    journal.hear(LISTED)
    journal.phones({"PJSIP/102": "102"})
    assert journal.close()
    return datetime.fromtimestamp(desk.now, UTC)


def test_a_call_is_told_from_its_messages_and_the_turns_of_its_time(desk: Any, say: Any) -> None:
    at = kept(desk, say)
    told = desk.reader().telling({"1.0", "1.1", "1.2"}, at, ALL, most=1000)
    messages = [e.raw for e in told if e.kind is Kind.MESSAGE]
    assert len(messages) == 301
    assert messages[-1] == LISTED
    assert not any(b"Uniqueid: 2." in raw for raw in messages)
    kinds = [e.kind for e in told if e.kind is not Kind.MESSAGE]
    assert kinds == [Kind.BEGAN, Kind.PHONES, Kind.UP, Kind.PHONES, Kind.CLOSED]
    assert [e.n for e in told] == sorted(e.n for e in told)


def test_of_very_many_messages_the_first_are_told(desk: Any, say: Any) -> None:
    at = kept(desk, say)
    told = desk.reader().telling({"1.0", "1.1", "1.2"}, at, ALL, most=10)
    assert len([e for e in told if b"Uniqueid" in e.raw]) == 10


def test_of_a_call_that_was_erased_or_never_heard_nothing_is_told(desk: Any, say: Any) -> None:
    at = kept(desk, say)
    ids = {"1.0", "1.1", "1.2"}
    assert erase(desk.folder, desk.pbx, desk.keys, ids) == 300
    assert desk.reader().telling(ids, at, ALL, most=10) == []
    assert desk.reader().telling({"9.9"}, at, ALL, most=10) == []
    assert len(desk.reader().telling({"2.0"}, at, ALL, most=10)) == 16


def test_what_was_noted_after_the_period_is_left_out(desk: Any, say: Any) -> None:
    journal = desk.journal()
    journal.hear(say("1.1"))
    desk.now += 3600
    journal.phones({"PJSIP/102": "102"})
    assert journal.close()
    at = datetime.fromtimestamp(desk.now - 3600, UTC)
    told = desk.reader().telling({"1.1"}, at, Range(until=at + timedelta(minutes=5)), most=10)
    assert [e.kind for e in told] == [Kind.BEGAN, Kind.MESSAGE]
