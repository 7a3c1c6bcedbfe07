"""Members of queues are told of at every ring, and a queue may have hundreds."""

from datetime import UTC, datetime
from typing import Any

import pytest

from pbx_bridge import events
from pbx_bridge.changes import PhoneState
from pbx_bridge.presences import Presences

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
PHONES = {"PJSIP/101": "101", "PJSIP/102": "102"}


def a_member(interface: str, device: str = "", **more: Any) -> events.MemberChanged:
    told = {"name": "Ann", "device": device or interface, "state": "NOT_INUSE", **more}
    return events.MemberChanged(at=NOON, queue="sales", interface=interface, **told)


@pytest.fixture
def presences() -> Presences:
    presences = Presences(PHONES)
    for interface in PHONES:
        presences.feed(a_member(interface))
    presences.feed(events.QueuesListed(at=NOON))
    return presences


def test_news_of_one_member_costs_nothing_of_the_others(presences: Presences) -> None:
    looked_at: list[str] = []

    def look(extension: str) -> PhoneState:
        looked_at.append(extension)
        return PhoneState.IDLE

    list(presences.changes(look, NOON))
    assert sorted(looked_at) == ["101", "102"]
    looked_at.clear()
    presences.feed(a_member("PJSIP/101", state="RINGING"))
    list(presences.changes(look, NOON))
    assert looked_at == []  # the phone itself is told of by the tracker
    presences.feed(a_member("PJSIP/101", paused=True, reason="Lunch"))
    list(presences.changes(look, NOON))
    assert looked_at == ["101"]


def test_a_member_that_is_another_phone_now_stands_there_no_more(presences: Presences) -> None:
    def held(extension: str) -> set[str]:
        return {each.interface for each in presences.standings(extension)}

    presences.feed(a_member("Local/1@x", "PJSIP/101"))
    assert "Local/1@x" in held("101")
    presences.feed(a_member("Local/1@x", "PJSIP/102"))
    assert ("Local/1@x" in held("101"), "Local/1@x" in held("102")) == (False, True)
