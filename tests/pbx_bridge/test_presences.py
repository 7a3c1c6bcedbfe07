"""What an agent is for the queues: what the PBX says, and who brought it about."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pbx_bridge import events
from pbx_bridge.changes import PhoneState
from pbx_bridge.presences import (
    AUTO_PAUSE,
    WRAP_UP,
    AgentState,
    Holder,
    Kind,
    Presence,
    Presences,
    Source,
    Wish,
    WrapUp,
)

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
PHONES = {"PJSIP/101": "101", "PJSIP/102": "102"}


class Board:
    """One PBX with two phones of ours; `now` is what agent 101 is."""

    def __init__(self) -> None:
        self.presences = Presences(PHONES)
        self.phone = PhoneState.IDLE
        self.at = NOON

    def member(self, queue: str = "sales", interface: str = "PJSIP/101", **more: Any) -> None:
        told = {"name": "Ann", "device": interface, "state": "NOT_INUSE", **more}
        self.presences.feed(
            events.MemberChanged(at=self.at, queue=queue, interface=interface, **told)
        )

    def listed(self) -> None:
        self.presences.feed(events.QueuesListed(at=self.at))

    def wish(self, kind: Kind, queue: str | None = None, reason: str = "") -> None:
        self.presences.wish("101", Wish(kind=kind, queue=queue, reason=reason, at=self.at))

    @property
    def now(self) -> Presence:
        self.at += timedelta(seconds=1)
        self.presences.touch("101")
        list(self.presences.changes(lambda _: self.phone, self.at))
        told = self.presences.told("101")
        assert told is not None
        return told


@pytest.fixture
def board() -> Board:
    """An agent who is in one queue, and whom the PBX has listed."""
    board = Board()
    board.member()
    board.listed()
    return board


def test_nothing_is_claimed_before_the_pbx_has_listed_its_queues() -> None:
    board = Board()
    board.member(paused=True, reason="Tea")
    assert board.now.state is AgentState.UNKNOWN
    board.listed()
    assert (board.now.state, board.now.why) == (AgentState.PAUSED, "Tea")


@pytest.mark.parametrize("gap", [events.LinkLost, events.PbxRestarted])
def test_a_gap_makes_it_unknown_and_the_list_puts_it_right(board: Board, gap: Any) -> None:
    assert board.now.state is AgentState.AVAILABLE
    board.presences.feed(gap(at=NOON))
    assert board.now.state is AgentState.UNKNOWN
    board.member(paused=True, reason="Lunch")
    board.listed()
    assert (board.now.state, board.now.why) == (AgentState.PAUSED, "Lunch")


def test_who_left_a_queue_during_a_gap_is_not_in_it(board: Board) -> None:
    board.presences.feed(events.LinkLost(at=NOON))
    board.member("support", membership="dynamic")
    board.listed()
    assert [each.queue for each in board.now.standings] == ["support"]


def test_a_wish_changes_nothing_until_the_pbx_says_so(board: Board) -> None:
    board.wish(Kind.PAUSE, reason="Lunch")
    now = board.now
    assert (now.state, now.wish.reason) == (AgentState.AVAILABLE, "Lunch")
    board.member(paused=True, reason="Lunch", paused_at=NOON)
    now = board.now
    assert (now.state, now.why, now.wish, now.by) == ("paused", "Lunch", None, Source.DESK)
    assert now.since == NOON


@pytest.mark.parametrize(
    ("reason", "source"),
    [("Lunch", Source.PHONE), ("", Source.PHONE), (AUTO_PAUSE, Source.PBX)],
)
def test_a_pause_that_nobody_asked_for_here_came_from_elsewhere(
    board: Board, reason: str, source: Source
) -> None:
    assert board.now.state is AgentState.AVAILABLE
    board.member(paused=True, reason=reason)
    assert (board.now.state, board.now.by) == (AgentState.PAUSED, source)


def test_another_pause_than_the_one_asked_for_does_not_fulfil_the_wish(board: Board) -> None:
    board.wish(Kind.PAUSE, reason="Lunch")
    board.member(paused=True, reason=AUTO_PAUSE)
    now = board.now
    assert (now.by, now.wish.reason) == (Source.PBX, "Lunch")


def test_a_pause_in_all_queues_waits_for_each_of_them(board: Board) -> None:
    board.member("support")
    board.wish(Kind.PAUSE, reason="Lunch")
    board.member(paused=True, reason="Lunch")
    assert board.now.wish is not None
    assert board.now.state is AgentState.AVAILABLE
    board.member("support", paused=True, reason="Lunch")
    assert (board.now.wish, board.now.state) == (None, AgentState.PAUSED)


def test_a_log_in_and_a_log_out_are_true_when_told(board: Board) -> None:
    board.wish(Kind.JOIN, "support")
    assert board.now.wish is not None
    board.member("support", membership="dynamic")
    now = board.now
    assert now.wish is None
    [_, support] = now.standings
    assert (support.queue, support.is_static, support.by) == ("support", False, Source.DESK)
    board.wish(Kind.LEAVE, "support")
    gone = events.MemberRemoved(at=NOON, queue="support", interface="PJSIP/101")
    board.presences.feed(gone)
    assert (board.now.wish, len(board.now.standings)) == (None, 1)


def test_a_resumption_by_the_phone_is_followed(board: Board) -> None:
    board.member(paused=True, reason="Lunch")
    assert board.now.state is AgentState.PAUSED
    board.member()
    assert (board.now.state, board.now.by) == (AgentState.AVAILABLE, Source.PHONE)


def test_a_wrap_up_that_holds_calls_shows_only_while_the_pbx_pauses(board: Board) -> None:
    after = WrapUp(queue="sales", since=NOON, until=NOON, holder=Holder.RINGBOOK)
    board.presences.wrap_up("101", after)
    assert (board.now.state, board.now.wrap_up) == (AgentState.AVAILABLE, None)
    board.member(paused=True, reason=WRAP_UP)
    assert (board.now.state, board.now.wrap_up) == (AgentState.WRAP_UP, after)
    board.presences.wrap_up("101", None)
    board.member()
    assert (board.now.state, board.now.by) == (AgentState.AVAILABLE, Source.DESK)


def test_a_wrap_up_that_is_only_shown_leaves_the_agent_available(board: Board) -> None:
    after = WrapUp(queue="sales", since=NOON, until=NOON, holder=Holder.NOBODY)
    board.presences.wrap_up("101", after)
    assert (board.now.state, board.now.wrap_up) == (AgentState.AVAILABLE, after)


def test_the_phone_that_finished_a_queue_call_is_found(board: Board) -> None:
    view = events.LegView(uniqueid="1.1")
    done = events.AgentCompleted(
        at=NOON, leg=view, caller=view, queue="sales", interface="PJSIP/101", member="Ann",
        reason="caller",
    )  # fmt: skip
    assert board.presences.finished(done) == "101"


def test_a_state_keeps_its_beginning(board: Board) -> None:
    first = board.now.since
    board.member("support")
    assert board.now.since == first
    board.phone = PhoneState.TALKING
    assert board.now.since != first


def test_phones_come_and_go(board: Board) -> None:
    board.presences.feed(events.PhonesKnown(at=NOON, phones={"PJSIP/102": "102"}))
    assert board.presences.extensions == ("102",)
    board.presences.feed(events.PhonesKnown(at=NOON, phones=PHONES))
    assert board.now.state is AgentState.AVAILABLE


def test_what_did_not_change_is_not_told_again(board: Board) -> None:
    assert board.now
    assert list(board.presences.changes(lambda _: PhoneState.IDLE, board.at)) == []
