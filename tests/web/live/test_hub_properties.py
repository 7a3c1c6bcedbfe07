"""State and events are one: whatever happens, in whatever order."""

from hypothesis import given
from hypothesis import strategies as st
from stage.hubs import ANN, BOB, Glass, fresh, pop

from web.live.hub import TURNS, Hub
from web.live.messages import Kind
from web.live.streams import Limits

EVENTS = st.one_of(
    st.tuples(st.just(Kind.POP_OPENED), st.builds(pop, st.integers(0, 5))),
    st.tuples(
        st.just(Kind.POP_CHANGED),
        st.builds(pop, st.integers(0, 5), st.sampled_from(["answered", "wrap_up"])),
    ),
    st.tuples(
        st.just(Kind.POP_CLOSED),
        st.builds(lambda k, why: {"id": str(k), "why": why}, st.integers(0, 30), st.text()),
    ),
    st.tuples(
        st.just(Kind.PHONE_CHANGED),
        st.builds(
            lambda e, s: {"pbx": "p", "extension": e, "state": s},
            st.sampled_from(["101", "102"]),
            st.sampled_from(["idle", "ringing"]),
        ),
    ),
    st.tuples(
        st.just(Kind.PRESENCE_CHANGED),
        st.builds(
            lambda e, s: {"pbx": "p", "extension": e, "state": s},
            st.sampled_from(["101", "102"]),
            st.sampled_from(["available", "paused"]),
        ),
    ),
    st.tuples(st.just(Kind.PRESENCE_REMOVED), st.just({"pbx": "p", "extension": "101"})),
    st.tuples(st.just(Kind.CALLS_CHANGED), st.just({})),
)
COMMON = st.one_of(
    st.tuples(
        st.just(Kind.LINK_CHANGED),
        st.builds(lambda s: {"pbx": "p", "status": s}, st.sampled_from(["connected", "down"])),
    ),
    st.tuples(st.just(Kind.LINK_REMOVED), st.just({"pbx": "p"})),
    st.tuples(
        st.just(Kind.STORAGE_CHANGED),
        st.builds(lambda b: {"behind": b, "since": None}, st.booleans()),
    ),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("tell"), st.sampled_from([ANN, BOB]), EVENTS),
        st.tuples(st.just("all"), st.just(None), COMMON),
        st.tuples(st.just("cut"), st.sampled_from([0, 1, 2]), st.just(None)),
        st.tuples(st.just("back"), st.sampled_from([0, 1, 2]), st.just(None)),
        st.tuples(st.just("wait"), st.sampled_from([1.0, 400.0, 700.0]), st.just(None)),
        st.tuples(st.just("beat"), st.just(None), st.just(None)),
    ),
    max_size=60,
)


@given(STEPS)
def test_what_a_screen_has_folded_is_always_what_a_fresh_snapshot_says(steps):
    hub = Hub("e", Limits(kept_frames=5))
    glasses = [Glass(hub, ANN).open(), Glass(hub, ANN).open(), Glass(hub, BOB).open()]
    here = set(range(3))
    now = 0.0
    for what, who, event in steps:
        match what:
            case "tell":
                hub.tell(who, *event, now=now)
            case "all":
                hub.tell_all(*event, now=now)
            case "cut" if who in here:
                glasses[who].close(now)
                here.discard(who)
            case "back" if who not in here:
                glasses[who].open(now)
                here.add(who)
            case "wait":
                now += who
                hub.forget(now=now)
            case "beat":
                for turn in range(TURNS):
                    hub.beat(turn, clock="", now=now)
        for index in here:
            assert glasses[index].view.data() == fresh(hub, glasses[index].user)
