"""What an account lacks is said where it is sure, and nowhere else."""

import re
from pathlib import Path

import pytest

from pbx_bridge import rights
from pbx_bridge.ami import Message
from pbx_bridge.rights import Listing, Witness, listing, unheard_of

STREAMS = Path(__file__).parents[1] / "streams"
EVENT = re.compile(rb"^Event: (\w+)\r?\nPrivilege: (\w+),", re.MULTILINE)
ALL = dict.fromkeys([*rights.WRITE.values(), "QueueStatus", "Ping"], frozenset())


def status(channel: str, uniqueid: str, application: str = "Queue") -> Message:
    lines = f"Channel: {channel}\r\nUniqueid: {uniqueid}\r\nApplication: {application}"
    return Message(f"Event: Status\r\nPrivilege: Call\r\n{lines}".encode(), 0.0)


def waiting(queue: str, callers: int) -> Message:
    return Message(f"Event: QueueSummary\r\nQueue: {queue}\r\nCallers: {callers}".encode(), 0.0)


NOBODY = listing([], [waiting("sales", 0)])
ONE = listing([status("PJSIP/trunk-1", "7.1")], [waiting("sales", 1)])


def test_every_event_is_of_the_class_that_asterisk_sends_it_in() -> None:
    told = {
        (name.decode(), group.decode())
        for stream in STREAMS.glob("*.ami")
        for name, group in EVENT.findall(stream.read_bytes())
    }
    known = {(name, group) for group, names in rights.READ.items() for name in names}
    captured = {name for name, _ in told}
    assert {pair for pair in known if pair[0] in captured} <= told
    assert len(captured & {name for name, _ in known}) > 20


def test_one_event_proves_its_class_and_no_other() -> None:
    witness = Witness()
    assert witness.hear("QueueCallerJoin") == "agent"
    assert witness.hear("AgentCalled") is None
    assert [group for group in rights.READ if witness.lacks(group)] == ["call", "dialplan"]


def test_nothing_is_looked_up_any_more_when_every_class_has_shown_itself() -> None:
    witness = Witness()
    for name in ("Newchannel", "VarSet", "QueueMemberStatus"):
        witness.hear(name)
    assert not witness.unheard
    witness.begin()
    assert witness.lacks("call")


def test_a_call_that_came_and_stands_should_have_been_told() -> None:
    assert unheard_of(NOBODY, ONE, ONE) == {"call", "agent", "dialplan"}


@pytest.mark.parametrize(
    ("first", "before", "now"),
    [
        pytest.param(NOBODY, NOBODY, ONE, id="it came only now: its news may be on the way"),
        pytest.param(ONE, ONE, ONE, id="it was up before the login"),
        pytest.param(NOBODY, ONE, NOBODY, id="it is gone again"),
        pytest.param(ONE, NOBODY, NOBODY, id="nobody waits any more"),
    ],
)
def test_what_proves_nothing_accuses_nobody(first: Listing, before: Listing, now: Listing) -> None:
    assert unheard_of(first, before, now) == frozenset()


def test_a_channel_of_the_pbx_itself_accuses_nobody() -> None:
    own = listing([status("Message/ast_msg_queue", "7.2"), status("CBAnn/1", "7.3")], [])
    assert unheard_of(NOBODY, own, own) == frozenset()


def test_a_phone_that_is_dialled_runs_no_dialplan() -> None:
    dialled = listing([status("PJSIP/101-2", "7.2", "AppQueue")], [])
    assert unheard_of(NOBODY, dialled, dialled) == {"call"}


@pytest.mark.parametrize("group", rights.WRITE)
def test_a_write_class_is_missed_by_its_action(group: str) -> None:
    less = {name: ALL[name] for name in ALL if name != rights.WRITE[group]}
    assert rights.lacking_write(less) == {group}
    assert rights.lacking_write(ALL) == frozenset()


def test_a_pbx_without_queues_lacks_no_right_to_pause() -> None:
    less = {name for name in ALL if name not in {"QueuePause", "QueueStatus"}}
    assert rights.lacking_write(less) == frozenset()


def test_a_pbx_that_names_no_action_accuses_nobody() -> None:
    assert rights.lacking_write({}) == frozenset()


def test_it_is_said_in_the_words_of_manager_conf() -> None:
    lacks = ["write:originate", "read:dialplan", "read:agent"]
    assert rights.said(lacks) == "may not read agent, dialplan nor use originate"
    assert rights.said([]) == ""
