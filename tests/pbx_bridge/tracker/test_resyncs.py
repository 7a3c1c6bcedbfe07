"""After a gap: what is still up is listed, and a PBX that began anew has nothing of before."""

from typing import Any

from pbx_bridge import events


def talk(stage: Any) -> None:
    stage.inbound("101")
    stage.begin("b", "PJSIP/101", call="a")
    stage.dial("b", "a")
    stage.answer("b")
    stage.enter("x", "b", "a")


def view(name: str, channel: str = "", call: str = "") -> events.LegView:
    return events.LegView(uniqueid=name, linkedid=call or name, channel=channel)


def test_what_a_list_does_not_name_ended_when_the_link_was_lost(stage: Any) -> None:
    talk(stage)
    stage.wait(30)
    lost_at = stage.now
    stage.feed(events.LinkLost(at=lost_at))
    stage.wait(60)
    stage.feed(events.LinkLost(at=stage.now))
    stage.cue(events.LegSeen, "a", seconds=90, up=True)
    stage.feed(events.LegsListed(at=stage.now))
    ends = {leg.uniqueid: leg.ended_at for leg in stage.call.legs}
    assert ends == {"a": None, "b": lost_at}
    assert stage.call.talk_seconds == 30


def test_a_list_of_no_legs_ends_every_call(stage: Any) -> None:
    stage.inbound("101")
    stage.begin("b", "PJSIP/101", call="a")
    stage.dial("b", "a")
    stage.wait(5)
    stage.feed(events.LegsListed(at=stage.now))
    assert stage.offers() == [("101", 1, "withdrawn")]
    assert stage.kinds() == [("ring", "gap")]
    assert stage.call.result == "failed"
    assert stage.phones[-1] == "101 idle"


def test_a_listed_leg_that_we_did_not_know_is_met_where_it_is(stage: Any) -> None:
    stage.views = {"a": view("a", "PJSIP/trunk-a"), "b": view("b", "PJSIP/101-b", "a")}
    stage.cue(events.LegSeen, "a", seconds=40, exten="4000", up=True, bridge="x")
    stage.cue(events.LegSeen, "b", seconds=30, up=True, bridge="x")
    stage.feed(events.LegsListed(at=stage.now))
    call = stage.call
    assert (stage.now - call.started_at).total_seconds() == 40
    assert call.dialled == "4000"
    assert call.state == "talking"
    assert call.extension == "101"
    assert stage.phones == ["101 talking"]


def test_a_call_began_with_its_oldest_leg_whichever_is_listed_first(stage: Any) -> None:
    stage.views = {"a": view("a", "PJSIP/trunk-a"), "b": view("b", "PJSIP/101-b", "a")}
    stage.cue(events.LegSeen, "b", seconds=30, up=True)
    stage.cue(events.LegSeen, "a", seconds=40, up=True)
    assert (stage.now - stage.call.started_at).total_seconds() == 40
    assert (stage.call.direction, stage.call.extension) == ("inbound", None)


def test_a_list_changes_nothing_of_what_we_knew(stage: Any) -> None:
    talk(stage)
    for leg in "ab":
        assert stage.cue(events.LegSeen, leg, seconds=1, up=True, bridge="x") == ()
    assert stage.feed(events.LegsListed(at=stage.now)) == ()


def test_a_pbx_that_began_anew_has_no_calls(stage: Any) -> None:
    stage.inbound()
    stage.begin("c", call="a")
    stage.hang_up("c")
    stage.cue(events.QueueJoined, "a", queue="sales")
    stage.begin("b", "PJSIP/101", call="a")
    stage.offer("sales", "b")
    stage.feed(events.PbxRestarted(at=stage.now))
    assert not stage.tracker.calls
    assert stage.offers() == [("101", 1, "withdrawn")]
    assert stage.kinds() == [("queue", "restart")]
    assert stage.pops == ["101 rings", "101 ends"]


def test_a_talk_that_the_restart_cut_was_answered(stage: Any) -> None:
    talk(stage)
    stage.wait(9)
    stage.feed(events.PbxRestarted(at=stage.now))
    assert stage.call.result == "answered"
    assert stage.call.talk_seconds == 9


def test_who_rang_until_a_colleague_answered_unheard_lost_the_call_to_them(stage: Any) -> None:
    stage.inbound()
    for leg, phone in (("b", "PJSIP/101"), ("c", "PJSIP/102")):
        stage.begin(leg, phone, call="a")
        stage.offer("sales", leg)
    stage.wait(3)
    stage.feed(events.LinkLost(at=stage.now))
    stage.wait(5)
    stage.cue(events.LegSeen, "a", seconds=8, up=True, bridge="x")
    stage.cue(events.LegSeen, "b", seconds=8, up=True, bridge="x")
    stage.feed(events.LegsListed(at=stage.now))
    assert sorted(stage.offers()) == [("101", 1, "answered"), ("102", 1, "elsewhere")]
