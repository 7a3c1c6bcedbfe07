"""Who waits in which queue, and what its members do."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pbx_bridge import events
from pbx_bridge.queues import Queues

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PHONES = {"PJSIP/101": "101", "PJSIP/102": "102"}


def view(name: str) -> events.LegView:
    return events.LegView(uniqueid=name, number=f"+44{name}")


def join(queues: Queues, name: str, queue: str = "sales", position: int = 0) -> Any:
    return queues.feed(events.QueueJoined(at=NOON, leg=view(name), queue=queue, position=position))


def member(queues: Queues, interface: str = "PJSIP/101", **more: Any) -> Any:
    told = {"name": "Ada", "device": interface, "state": "NOT_INUSE", **more}
    return queues.feed(events.MemberChanged(at=NOON, queue="sales", interface=interface, **told))


def waiting(queues: Queues, queue: str = "sales") -> list[str]:
    return [waiter.uniqueid for waiter in queues.queues[queue].waiters]


@pytest.fixture
def queues() -> Queues:
    return Queues(PHONES)


def test_callers_wait_in_the_order_of_their_positions(queues: Queues) -> None:
    join(queues, "1", position=1)
    join(queues, "2", position=2)
    join(queues, "vip", position=1)
    assert waiting(queues) == ["vip", "1", "2"]


def test_a_caller_who_leaves_waits_no_longer(queues: Queues) -> None:
    join(queues, "1")
    join(queues, "2")
    (queue,) = queues.feed(events.QueueLeft(at=NOON, leg=view("1"), queue="sales"))
    assert [waiter.number for waiter in queue.waiters] == ["+442"]
    assert queues.feed(events.QueueLeft(at=NOON, leg=view("1"), queue="sales")) == ()


def test_a_caller_whose_leg_ends_waits_no_longer(queues: Queues) -> None:
    join(queues, "1")
    queues.feed(events.LegEnded(at=NOON, leg=view("1")))
    assert waiting(queues) == []


def test_a_caller_waits_in_one_queue_at_a_time(queues: Queues) -> None:
    join(queues, "1", "sales")
    changed = join(queues, "1", "support")
    assert [queue.name for queue in changed] == ["sales", "support"]
    assert (waiting(queues, "sales"), waiting(queues, "support")) == ([], ["1"])


def test_a_listed_caller_has_waited_for_a_while(queues: Queues) -> None:
    listed = events.QueueListed(at=NOON, leg=view("1"), queue="sales", position=1, seconds=30)
    (queue,) = queues.feed(listed)
    assert queue.waiters[0].since == NOON - timedelta(seconds=30)


@pytest.mark.parametrize(
    ("state", "paused", "free"),
    [
        ("NOT_INUSE", False, 1),
        ("NOT_INUSE", True, 0),
        ("INUSE", False, 0),
        ("UNAVAILABLE", False, 0),
        ("WHAT", False, 1),
    ],
)
def test_a_member_is_free_who_is_idle_and_not_paused(
    queues: Queues, state: str, paused: bool, free: int
) -> None:
    (queue,) = member(queues, state=state, paused=paused)
    assert queue.free == free


@pytest.mark.parametrize(
    ("interface", "device", "extension"),
    [
        ("PJSIP/101", "PJSIP/101", "101"),
        ("Local/102@from-queue/n", "hint:102@ext-local", "102"),
        ("Local/102@from-queue/n", "Local/102@from-queue/n", "102"),
        ("Local/102@from-queue/n", "Custom:x", "102"),
        ("Local/900@from-queue/n", "Local/900@from-queue/n", None),
        ("PJSIP/trunk", "PJSIP/trunk", None),
    ],
)
def test_a_member_is_known_by_the_phone_behind_it(
    queues: Queues, interface: str, device: str, extension: str | None
) -> None:
    (queue,) = member(queues, interface, device=device)
    assert queue.members[0].extension == extension


def test_a_member_that_is_told_again_unchanged_changes_nothing(queues: Queues) -> None:
    member(queues)
    assert member(queues) == ()


def test_a_removed_member_is_gone(queues: Queues) -> None:
    member(queues)
    gone = events.MemberRemoved(at=NOON, queue="sales", interface="PJSIP/101")
    (queue,) = queues.feed(gone)
    assert queue.members == ()
    assert queues.feed(gone) == ()


def test_phones_that_are_told_later_hold_for_later_news(queues: Queues) -> None:
    queues.feed(events.PhonesKnown(at=NOON, phones={"PJSIP/201": "201"}))
    (queue,) = member(queues, "PJSIP/201")
    assert queue.members[0].extension == "201"


def test_a_member_is_of_a_phone_that_is_known_later(queues: Queues) -> None:
    member(queues, "PJSIP/201")
    (queue,) = queues.feed(events.PhonesKnown(at=NOON, phones={"PJSIP/201": "201"}))
    assert queue.members[0].extension == "201"
    (queue,) = queues.feed(events.PhonesKnown(at=NOON, phones={}))
    assert queue.members[0].extension is None


def test_members_that_the_list_after_a_gap_does_not_name_are_gone(queues: Queues) -> None:
    member(queues)
    member(queues, "PJSIP/102")
    queues.feed(events.LinkLost(at=NOON))
    member(queues, "PJSIP/102")
    (queue,) = queues.feed(events.QueuesListed(at=NOON))
    assert [each.interface for each in queue.members] == ["PJSIP/102"]
    assert queues.feed(events.QueuesListed(at=NOON)) == ()


@pytest.mark.parametrize("event", [events.LinkLost, events.PbxRestarted])
def test_who_waits_is_unknown_after_a_gap(queues: Queues, event: Any) -> None:
    join(queues, "1")
    member(queues)
    queues.feed(event(at=NOON))
    assert waiting(queues) == []
    assert len(queues.queues["sales"].members) == 1
    assert join(queues, "1") != ()


def test_news_that_name_nothing_change_nothing(queues: Queues) -> None:
    assert join(queues, "", "sales") == ()
    assert join(queues, "1", "") == ()
    assert member(queues, "") == ()
    assert queues.feed(events.LegChanged(at=NOON, leg=view("1"))) == ()
    assert queues.queues == {}


def test_the_captured_queue_is_empty_after_its_calls(stream_events: Any) -> None:
    queues = Queues(PHONES)
    most = 0
    for event in stream_events("queue_ringall_asterisk_22"):
        for queue in queues.feed(event):
            most = max(most, len(queue.waiters))
    assert most == 1
    sales = queues.queues["sales"]
    assert sales.waiters == ()
    assert [(m.name, m.extension, m.calls_taken) for m in sales.members] == [
        ("Agent 101", "101", 3),
        ("Agent 102", "102", 0),
    ]
