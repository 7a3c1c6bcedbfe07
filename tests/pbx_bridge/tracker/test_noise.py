"""Any event at any time, about any leg: the tracker neither fails nor tells nonsense."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pbx_bridge import events
from pbx_bridge.changes import CallChanged

LEGS = ["a", "b", "c", "d"]
VIEWS = st.builds(
    lambda name, linked, phone: events.LegView(
        uniqueid=name, linkedid=linked, channel=f"{phone}-{name}"
    ),
    st.sampled_from(LEGS),
    st.sampled_from(LEGS),
    st.sampled_from(["PJSIP/101", "PJSIP/102", "PJSIP/trunk", "Local/x@y"]),
)
VALUES = {
    "leg": VIEWS,
    "one": VIEWS,
    "two": VIEWS,
    "target": VIEWS,
    "caller": VIEWS,
    "dialler": st.none() | VIEWS,
    "retriever": st.none() | VIEWS,
    "legs": st.lists(VIEWS, max_size=3).map(tuple),
    "status": st.sampled_from(["ANSWER", "CANCEL", "NOANSWER", "BUSY", "CHANUNAVAIL"]),
    "bridge": st.sampled_from(["x", "y"]),
    "source": st.sampled_from(["x", "y"]),
    "swap": st.sampled_from(["", *LEGS]),
    "variable": st.just("QUEUESTATUS"),
    "value": st.sampled_from(["TIMEOUT", "FULL", "CONTINUE"]),
    "exten": st.sampled_from(["", "101", "02071234567"]),
    "application": st.sampled_from(["Dial", "Playback", "VoiceMail"]),
    "phones": st.just({"PJSIP/101": "101"}),
    "cause": st.sampled_from([None, 16, 17, 26]),
}


@st.composite
def noise(draw: st.DrawFn, new_stage: Callable[[], Any]) -> events.Event:
    """Any event at all, about any of a few legs."""
    kinds = sorted(
        (getattr(events, name) for name in events.__all__ if name != "LegView"),
        key=lambda kind: kind.__name__,
    )
    bases = {events.Event, events.LegEvent, events.AgentEvent}
    kind = draw(st.sampled_from([kind for kind in kinds if kind not in bases]))
    fields = {
        name: draw(VALUES.get(name, st.just("x" if field.type is str else field.default)))
        for name, field in kind.__dataclass_fields__.items()
        if name != "at"
    }
    at = new_stage().now + timedelta(seconds=draw(st.integers(0, 300)))
    return kind(at=at, **fields)


@settings(deadline=None, max_examples=80)
@given(data=st.data())
def test_noise_breaks_nothing(data: st.DataObject, new_stage: Callable[[], Any]) -> None:
    stage = new_stage()
    for event in data.draw(st.lists(noise(new_stage), min_size=5, max_size=60)):
        stage.feed(event)
        channels = [leg.id for call in stage.tracker.calls.values() for leg in call.legs]
        assert len(channels) == len(set(channels))
    stage.wait(301)
    stage.feed(events.PbxRestarted(at=stage.now))
    assert not stage.tracker.calls
    for call in {change.call.id: change.call for change in stage.of(CallChanged)}.values():
        if stage.tracker.call(call.id) != call:
            continue  # it became part of another call, or is forgotten
        parts = (*call.legs, *call.segments, *call.offers)
        assert all(part.ended_at >= part.started_at for part in parts)
        assert all(offer.end for offer in call.offers)
