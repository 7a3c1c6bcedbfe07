"""Stored calls that are told to a new tracker are the calls they were."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from pbx_bridge import events
from pbx_bridge.call import Call
from pbx_bridge.tracker import Tracker
from web.journey.continuity import Continuity

PBX = UUID(int=7)
NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
LEGS = {
    "a": events.LegView(uniqueid="a", linkedid="a", channel="PJSIP/trunk-a", number="1", name=""),
    "b": events.LegView(uniqueid="b", linkedid="a", channel="PJSIP/101-b", number="2", name=""),
}
AGES = {"a": 40, "b": 30}


def listed(order: str) -> Call:
    """The call of two legs that a list names in this order."""
    tracker = Tracker(PBX, {"PJSIP/101": "101"})
    for name in order:
        tracker.feed(
            events.LegSeen(at=NOW, leg=LEGS[name], seconds=AGES[name], up=True, bridge="x")
        )
    tracker.feed(events.LegsListed(at=NOW))
    [call] = tracker.told()
    return call


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_a_call_has_its_id_again_whichever_of_its_legs_was_listed_first(order: str) -> None:
    before = listed(order)
    tracker = Tracker(PBX, {"PJSIP/101": "101"})
    for event in Continuity([before]).seeds():
        tracker.feed(event)
    [now] = tracker.told()
    assert now.id == before.id
    assert {leg.id for leg in now.legs} == {leg.id for leg in before.legs}
