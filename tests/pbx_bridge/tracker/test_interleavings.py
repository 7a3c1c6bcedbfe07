"""Whatever calls are up at once, and however their news get mixed, each call's story is its own."""

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pbx_bridge import events
from pbx_bridge.call import Call
from pbx_bridge.changes import CallChanged

Play = Callable[[Any, str, int], None]


def ring(stage: Any, p: str, n: int, *, queue: str = "") -> list[str]:
    """N phones ring for the caller."""
    legs = [f"{p}r{i}" for i in range(n)]
    for i, leg in enumerate(legs):
        stage.begin(leg, f"PJSIP/{101 + i}", call=f"{p}a")
        if queue:
            stage.offer(queue, leg, f"{p}a")
        else:
            stage.dial(leg, f"{p}a")
    stage.wait(2)
    return legs


def caller(stage: Any, p: str, exten: str = "4000") -> str:
    stage.begin(f"{p}a", number="+442071234567", exten=exten, calls=True)
    return f"{p}a"


def answered_ringall(stage: Any, p: str, n: int) -> None:
    a = caller(stage, p)
    stage.cue(events.QueueJoined, a, queue="sales")
    winner, *losers = ring(stage, p, n, queue="sales")
    stage.answer(winner)
    for loser in losers:
        stage.dial_ends(loser, "CANCEL")
        stage.hang_up(loser, cause=26)
    stage.cue(events.QueueLeft, a, queue="sales")
    stage.enter(f"{p}x", winner, a)
    stage.wait(5)
    stage.cue(events.Held, winner)
    stage.wait(2)
    stage.cue(events.Unheld, winner)
    stage.leave(f"{p}x", a, winner)
    stage.hang_up(a, winner)


def reoffered(stage: Any, p: str, n: int) -> None:
    a = caller(stage, p)
    stage.cue(events.QueueJoined, a, queue="support")
    for i in range(n):
        leg = f"{p}r{i}"
        stage.begin(leg, "PJSIP/103", call=a)
        stage.offer("support", leg, a)
        stage.wait(3)
        stage.dial_ends(leg, "NOANSWER")
        stage.hang_up(leg, cause=0)
    stage.cue(events.QueueAbandoned, a, queue="support")
    stage.cue(events.QueueLeft, a, queue="support")
    stage.hang_up(a)


def busy(stage: Any, p: str, n: int) -> None:
    a = caller(stage, p, "101")
    for leg in ring(stage, p, n):
        stage.dial_ends(leg, "BUSY")
        stage.hang_up(leg, cause=17)
    stage.hang_up(a)


def outgoing(stage: Any, p: str, n: int) -> None:
    a = f"{p}a"
    stage.begin(a, "PJSIP/105", number="105", exten="02071234567", calls=True)
    stage.cue(events.DialplanReached, a, exten="02071234567", application="Dial")
    for i in range(n):
        stage.begin(f"{p}t{i}", call=a)
        stage.dial(f"{p}t{i}", a, "+442071234567")
        if i < n - 1:
            stage.dial_ends(f"{p}t{i}", "CONGESTION")
            stage.hang_up(f"{p}t{i}", cause=34)
    far = f"{p}t{n - 1}"
    stage.answer(far)
    stage.enter(f"{p}x", far, a)
    stage.wait(4)
    stage.leave(f"{p}x", far, a)
    stage.hang_up(far, a)


def behind_locals(stage: Any, p: str, n: int) -> None:
    a = caller(stage, p)
    stage.cue(events.QueueJoined, a, queue="sales")
    one, two, leg = f"{p}l1", f"{p}l2", f"{p}r0"
    stage.local(one, two, call=a)
    stage.offer("sales", one, a)
    stage.begin(leg, "PJSIP/101", call=a)
    stage.dial(leg, two)
    stage.answer(leg)
    stage.answer(one)
    stage.enter(f"{p}y", leg, two)
    stage.enter(f"{p}x", one, a)
    stage.wait(n)
    stage.hang_up(a, one, two, leg)


def transferred(stage: Any, p: str, n: int) -> None:
    a = caller(stage, p, "101")
    (b,) = ring(stage, p, 1)
    stage.answer(b)
    stage.enter(f"{p}x", b, a)
    stage.wait(n)
    c, d = f"{p}c", f"{p}d"
    stage.begin(c, "PJSIP/101", number="101", exten="103", calls=True)
    stage.begin(d, "PJSIP/103", call=c)
    stage.dial(d, c)
    stage.answer(d)
    stage.enter(f"{p}y", d, c)
    stage.wait(n)
    views = tuple(stage.views[leg] for leg in (b, c, a, d))
    stage.feed(events.LegsTied(at=stage.now, legs=views))
    stage.leave(f"{p}y", d)
    stage.enter(f"{p}x", d, swap=b)
    stage.hang_up(b, c)
    stage.wait(n)
    stage.hang_up(a, d)


PLAYS: list[Play] = [
    answered_ringall,
    reoffered,
    busy,
    outgoing,
    behind_locals,
    transferred,
]
casts = st.lists(st.tuples(st.sampled_from(PLAYS), st.integers(1, 4)), min_size=1, max_size=6)


def scripts(cast: list[tuple[Play, int]], new_stage: Callable[[], Any]) -> list[Any]:
    """Play each call alone on a stage of its own."""
    stages = []
    for number, (play, n) in enumerate(cast):
        stage = new_stage()
        stage.wait(number / 7)
        play(stage, f"{number}-", n)
        stages.append(stage)
    return stages


def shuffled(stages: list[Any], data: st.DataObject) -> list[events.Event]:
    """Mix the calls' events; each call's own keep their order."""
    turns = [number for number, stage in enumerate(stages) for _ in stage.fed]
    queues = [iter(stage.fed) for stage in stages]
    return [next(queues[number]) for number in data.draw(st.permutations(turns))]


def last_told(stage: Any) -> dict[str, Call]:
    """The calls as they were told last, by their first leg."""
    told = {change.call.id: change.call for change in stage.of(CallChanged)}
    for join in stage.joins:
        told.pop(join.gone, None)
    return {call.legs[0].uniqueid: call for call in told.values()}


def check_the_law(stage: Any) -> None:
    calls = last_told(stage).values()
    uniqueids = [leg.uniqueid for call in calls for leg in call.legs]
    assert len(uniqueids) == len(set(uniqueids)), "a channel is in two calls"
    assert not stage.tracker.calls, "a call is open whose channels are gone"
    for call in calls:
        length = (call.ended_at - call.started_at).total_seconds()
        assert 0 <= call.talk_seconds <= length
        parts = (*call.legs, *call.segments, *call.offers)
        assert all(part.ended_at >= part.started_at for part in parts)
        assert all(offer.end for offer in call.offers)


@settings(deadline=None, max_examples=40)
@given(cast=casts, data=st.data())
def test_a_call_s_story_does_not_depend_on_the_others(
    cast: list[tuple[Play, int]], data: st.DataObject, new_stage: Callable[[], Any]
) -> None:
    alone = scripts(cast, new_stage)
    mixed, again = new_stage(), new_stage()
    for event in shuffled(alone, data):
        assert mixed.feed(event) == again.feed(event)
    check_the_law(mixed)
    told = last_told(mixed)
    assert len(told) == len(alone)
    for stage in alone:
        assert stage.impossible == []
        ((first, call),) = last_told(stage).items()
        assert told[first] == call


@settings(deadline=None, max_examples=80)
@given(cast=casts, data=st.data())
def test_swapped_and_doubled_news_break_nothing(
    cast: list[tuple[Play, int]], data: st.DataObject, new_stage: Callable[[], Any]
) -> None:
    fed = shuffled(scripts(cast, new_stage), data)
    for place in data.draw(st.lists(st.integers(0, len(fed) - 2), max_size=8)):
        fed[place], fed[place + 1] = fed[place + 1], fed[place]
    for place in data.draw(st.lists(st.integers(0, len(fed) - 1), max_size=8)):
        fed.insert(place, fed[place])
    stage = new_stage()
    for event in fed:
        stage.feed(event)
    check_the_law(stage)
