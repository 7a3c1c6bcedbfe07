"""Numbering, replay, snapshots and bounds of the hub, without any socket."""

from uuid import uuid4

import pytest
from stage.hubs import ANN, BOB, Glass, fresh, pop

from web.live.hub import TURNS, Hub
from web.live.messages import Close, Kind, Seen
from web.live.streams import Limits, Screen
from web.live.view import CLOSED_KEPT, View


def test_a_screen_that_comes_back_gets_exactly_what_it_missed():
    hub = Hub("e")
    glass = Glass(hub, ANN).open()
    hub.tell(ANN, Kind.POP_OPENED, pop(1), now=0)
    glass.close()
    hub.tell(ANN, Kind.POP_CHANGED, pop(1, "answered"), now=1)
    hub.tell(ANN, Kind.POP_OPENED, pop(2), now=2)
    glass.messages.clear()
    glass.open()
    assert glass.kinds() == ["resumed", "pop.changed", "pop.opened"]
    assert glass.messages[0]["data"]["missed"] == 2
    assert [m["n"] for m in glass.messages] == [1, 2, 3]


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param(None, id="new"),
        pytest.param(Seen("another", 1), id="another epoch"),
        pytest.param(Seen("e", 3), id="from the future"),
        pytest.param(Seen("e", -1), id="negative"),
    ],
)
def test_a_screen_that_names_what_is_not_known_gets_a_snapshot(seen):
    hub = Hub("e")
    hub.tell(ANN, Kind.POP_OPENED, pop(1), now=0)
    glass = Glass(hub, ANN)
    glass.seen = seen
    glass.open()
    assert glass.kinds() == ["snapshot"]
    assert glass.messages[0]["data"]["pops"] == [pop(1)]
    assert glass.messages[0]["n"] == 1


def test_what_is_no_longer_kept_comes_as_a_snapshot():
    hub = Hub("e", Limits(kept_frames=2))
    glass = Glass(hub, ANN).open()
    glass.close()
    for key in range(3):
        hub.tell(ANN, Kind.POP_OPENED, pop(key), now=0)
    glass.open()
    assert glass.kinds() == ["snapshot", "snapshot"]


def test_frames_are_kept_for_a_bounded_time_and_size():
    hub = Hub("e", Limits(kept_seconds=10, kept_bytes=2000))
    for key in range(100):
        hub.tell(ANN, Kind.POP_OPENED, {"id": str(key), "text": "x" * 100}, now=0)
    stream = hub._streams[ANN]
    assert sum(len(f.text) for f in stream.kept) == stream.size <= 2000
    hub.forget(now=11)
    assert not stream.kept


def test_what_a_phone_does_is_not_forgotten_before_its_agent_comes():
    hub = Hub("e", Limits(kept_seconds=10))
    idle = {"pbx": "p", "extension": "1", "state": "idle"}
    hub.tell(ANN, Kind.PHONE_CHANGED, idle, now=0)
    hub.tell(BOB, Kind.PRESENCE_CHANGED, idle | {"state": "available"}, now=0)
    hub.forget(now=100)
    assert list(Glass(hub, ANN).open().view.phones.values()) == [idle]
    assert len(Glass(hub, BOB).open().view.presences) == 1


def test_a_user_who_was_forgotten_never_gets_a_number_twice():
    hub = Hub("e", Limits(kept_seconds=10))
    glass = Glass(hub, ANN).open()
    hub.tell(ANN, Kind.CALLS_CHANGED, {}, now=0)
    glass.close(0)
    hub.forget(now=100)
    assert ANN not in hub._streams
    hub.tell(ANN, Kind.POP_OPENED, pop(9), now=100)
    glass.open(100)
    assert list(glass.view.pops) == ["9"]
    assert glass.seen == Seen("e", 3)


def test_a_user_who_was_forgotten_learns_what_everyone_was_told_meanwhile():
    hub = Hub("e", Limits(kept_seconds=10))
    glass = Glass(hub, ANN).open()
    glass.close(0)
    hub.forget(now=100)
    hub.tell_all(Kind.LINK_CHANGED, {"pbx": "p", "status": "down"}, now=100)
    glass.open(100)
    assert glass.view.data() == fresh(hub, ANN)
    assert glass.view.links


def test_a_screen_that_takes_nothing_is_dropped_and_the_others_are_not():
    hub = Hub("e", Limits(outbox_frames=3))
    slow, quick = Glass(hub, ANN, takes_at_once=False).open(), Glass(hub, ANN).open()
    for key in range(4):
        hub.tell(ANN, Kind.POP_OPENED, pop(key), now=0)
    assert slow.screen.closing is Close.TOO_SLOW
    assert not slow.screen.outbox
    assert quick.screen.closing is None
    assert len(quick.view.pops) == 4
    assert hub.counts.dropped == 1


def test_an_outbox_is_bounded_in_bytes():
    hub = Hub("e", Limits(outbox_bytes=1000))
    slow = Glass(hub, ANN, takes_at_once=False).open()
    hub.tell(ANN, Kind.POP_OPENED, {"id": "1", "text": "x" * 600}, now=0)
    assert slow.screen.closing is None
    hub.tell(ANN, Kind.POP_OPENED, {"id": "2", "text": "x" * 600}, now=0)
    assert slow.screen.closing is Close.TOO_SLOW


def test_a_muted_screen_is_sent_nothing_until_it_is_heard_again():
    hub = Hub("e")
    glass = Glass(hub, ANN).open()
    glass.screen.muted = True
    hub.tell(ANN, Kind.POP_OPENED, pop(1), now=0)
    assert glass.kinds() == ["snapshot"]
    assert glass.screen.take() is None
    glass.screen.muted = False
    glass.drain()
    assert glass.kinds() == ["snapshot", "pop.opened"]


def test_nobody_gets_what_is_told_to_another():
    hub = Hub("e")
    ann, bob = Glass(hub, ANN).open(), Glass(hub, BOB).open()
    hub.tell(ANN, Kind.POP_OPENED, pop(1), now=0)
    assert ann.kinds() == ["snapshot", "pop.opened"]
    assert bob.kinds() == ["snapshot"]


def test_hints_go_only_to_those_who_may_and_look():
    hub = Hub("e")
    ann, bob = Glass(hub, ANN).open(), Glass(hub, BOB).open()
    bob.close()
    hub.hint({ANN, BOB, uuid4()}, Kind.CALLS_CHANGED, {}, now=0)
    assert ann.kinds() == ["snapshot", "calls.changed"]
    assert hub._streams[BOB].n == 0


def test_a_user_has_a_bounded_number_of_screens():
    hub = Hub("e", Limits(screens=2))
    for _ in range(2):
        Glass(hub, ANN).open()
    third = Screen(ANN, push=lambda _: True, wake=lambda: None)
    hub.join(third, seen=None, now=0, clock="")
    assert third.closing is Close.TOO_MANY
    assert len(hub.screens(ANN)) == 2


def test_cards_that_went_away_are_remembered_up_to_a_bound():
    view = View()
    for key in range(CLOSED_KEPT + 5):
        view.apply(Kind.POP_CLOSED, {"id": str(key), "why": "missed"})
    assert len(view.closed) == CLOSED_KEPT
    view.apply(Kind.POP_CLOSED, {"id": "24", "why": "elsewhere"})
    assert len(view.closed) == CLOSED_KEPT
    assert view.closed["24"]["why"] == "elsewhere"


def test_a_beat_says_where_the_stream_stands_but_not_to_a_busy_screen():
    hub = Hub("e")
    ann, slow = Glass(hub, ANN).open(), Glass(hub, ANN, takes_at_once=False).open()
    hub.tell(ANN, Kind.POP_OPENED, pop(1), now=0)
    for turn in range(TURNS):
        hub.beat(turn, clock="now", now=1)
    assert ann.messages[-1] == {
        "v": 1,
        "epoch": "e",
        "n": 1,
        "type": "beat",
        "data": {"now": "now"},
    }
    assert ann.kinds().count("beat") == 1  # in one of the turns
    slow.drain()
    assert slow.kinds() == ["snapshot", "pop.opened"]
