"""AMI's words become ours: names, numbers and headers as Asterisk writes them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from pbx_bridge import events
from pbx_bridge.ami.message import Message
from pbx_bridge.translate import INTERESTS, TABLE, headers, translate


def said(name: str, **headers: str) -> Any:
    lines = [f"Event: {name}", "Timestamp: 1795337634.5"]
    lines += [f"{key.replace('_', '-')}: {value}" for key, value in headers.items()]
    return translate(Message("\r\n".join(lines).encode(), 0.0))


CHANNEL = {
    "Channel": "PJSIP/101-00000001",
    "Uniqueid": "1795337634.1",
    "Linkedid": "1795337634.0",
    "CallerIDNum": "101",
    "CallerIDName": "Agent 101",
}
VIEW = events.LegView(
    uniqueid="1795337634.1",
    linkedid="1795337634.0",
    channel="PJSIP/101-00000001",
    number="101",
    name="Agent 101",
)


def prefixed(prefix: str) -> dict[str, str]:
    return {prefix + key: value for key, value in CHANNEL.items()}


def test_an_event_bears_the_pbx_s_time() -> None:
    at = datetime(2026, 11, 22, 8, 53, 54, 500_000, tzinfo=UTC)
    assert said("Hold", **CHANNEL) == events.Held(at=at, leg=VIEW)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"Zoë O\'Brien", "Zoë O'Brien"),
        (r"\"Quoted\" \\ back", '"Quoted" \\ back'),
        (r"two\nlines\tand a tab", "two lines and a tab"),
        ("{{ 7*7 }}<script>", "{{ 7*7 }}<script>"),
        ("<unknown>", ""),
        ("Anonymous", ""),
        ("ends in \\", "ends in \\"),
        ("Иванов", "Иванов"),
    ],
)
def test_a_name_is_what_the_caller_wrote(written: str, meant: str) -> None:
    assert said("Newstate", **{**CHANNEL, "CallerIDName": written}).leg.name == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("+442071234567", "+442071234567"),
        ("<unknown>", ""),
        ("anonymous", ""),
        ("Anonymous", ""),
        ("Restricted", ""),
        ("unavailable", ""),
        ("", ""),
    ],
)
def test_a_withheld_number_is_no_number(written: str, meant: str) -> None:
    assert said("Newchannel", **{**CHANNEL, "CallerIDNum": written}).leg.number == meant


def test_a_prohibited_number_is_withheld_from_us_too() -> None:
    shown = said("NewCallerid", **CHANNEL, CID_CallingPres="0 (Presentation Allowed)")
    hidden = said("NewCallerid", **CHANNEL, CID_CallingPres="32 (Presentation Prohibited)")
    assert (shown.leg.number, shown.leg.name) == ("101", "Agent 101")
    assert (hidden.leg.number, hidden.leg.name) == ("", "")
    assert hidden.leg.uniqueid == shown.leg.uniqueid


@pytest.mark.parametrize(
    ("state", "calls", "up"), [("0", False, False), ("4", True, False), ("6", False, True)]
)
def test_a_new_channel_calls_or_is_called_or_is_up(state: str, calls: bool, up: bool) -> None:
    began = said("Newchannel", **CHANNEL, Exten="4000", ChannelState=state)
    assert (began.exten, began.calls, began.up) == ("4000", calls, up)


@pytest.mark.parametrize(("written", "cause"), [("26", 26), ("0", 0), ("", None), ("x", None)])
def test_a_hang_up_has_a_cause_or_none(written: str, cause: int | None) -> None:
    assert said("Hangup", **CHANNEL, Cause=written).cause == cause


@pytest.mark.parametrize(
    ("dial_string", "number"),
    [
        ("+442071234567@trunk", "+442071234567"),
        ("PJSIP/0044207@trunk9", "0044207"),
        ("trunk/sip:00442071234567@carrier.example", "00442071234567"),
        ("SIP/carrier/02071234567", "02071234567"),
        ("101", "101"),
        ("PJSIP/101", "101"),
        ("trunk", ""),
        ("", ""),
    ],
)
def test_the_number_in_a_dial_string_is_found(dial_string: str, number: str) -> None:
    assert headers.dialled_number(dial_string) == number
    began = said("DialBegin", **prefixed("Dest"), DialString=dial_string)
    assert began.dialled == number
    assert began.dialler is None


def test_a_dial_names_both_ends() -> None:
    ended = said("DialEnd", **CHANNEL, **prefixed("Dest"), DialStatus="NOANSWER")
    assert (ended.leg, ended.dialler, ended.status) == (VIEW, VIEW, "NOANSWER")


def test_only_the_variables_that_concern_us_are_heard() -> None:
    assert said("VarSet", **CHANNEL, Variable="SIPDOMAIN", Value="x") is None
    assert said("VarSet", **CHANNEL, Variable="QUEUESTATUS", Value="") is None
    assert said("VarSet", **CHANNEL, Variable="MIXMONITOR_FILENAME", Value="") is None
    status = said("VarSet", **CHANNEL, Variable="QUEUESTATUS", Value="TIMEOUT")
    assert (status.variable, status.value) == ("QUEUESTATUS", "TIMEOUT")
    named = said("VarSet", **CHANNEL, Variable="MIXMONITOR_FILENAME", Value=r"/o\'b.wav")
    assert named.path == "/o'b.wav"


def test_the_dialplan_is_where_its_extension_header_says() -> None:
    reached = said("Newexten", **CHANNEL, Exten="s", Extension="4000", Application="Queue")
    assert (reached.exten, reached.application) == ("4000", "Queue")
    assert said("Newexten", **CHANNEL, Exten="s", Extension="").exten == "s"


def test_a_listed_channel_tells_its_age_and_its_bridge() -> None:
    more = {"Duration": "01:02:03", "BridgeId": "x", "ChannelState": "6", "Exten": "4000"}
    seen = said("CoreShowChannel", **CHANNEL, **more, Application="Queue")
    assert (seen.seconds, seen.bridge, seen.up, seen.exten) == (3723, "x", True, "4000")
    assert said("CoreShowChannel", **CHANNEL, **more, Application="Park").bridge == ""
    assert isinstance(said("CoreShowChannelsComplete"), events.LegsListed)


@pytest.mark.parametrize("text", ["", "x", "-5", "1:x", "²", "99999999999"])
def test_what_is_no_whole_number_is_nought(text: str) -> None:
    assert headers.whole(text) == 0


def test_nobody_talks_in_a_holding_bridge() -> None:
    entered = said("BridgeEnter", **CHANNEL, BridgeUniqueid="x", BridgeTechnology="holding_bridge")
    assert entered.holding
    left = said("BridgeLeave", **CHANNEL, BridgeUniqueid="x", BridgeTechnology="holding_bridge")
    assert left is None
    talked = said("BridgeEnter", **CHANNEL, BridgeUniqueid="x", BridgeTechnology="simple_bridge")
    assert not talked.holding


def test_a_transfer_that_succeeded_names_who_gave_whom() -> None:
    parties = prefixed("OrigTransferer") | prefixed("Transferee") | prefixed("TransferTarget")
    given = said("AttendedTransfer", **parties, Result="Success", DestType="Bridge")
    assert (given.leg, given.given, given.others) == (VIEW, VIEW, (VIEW, VIEW, VIEW))
    blind = said("BlindTransfer", **prefixed("Transferer"), Result="Success")
    assert (blind.leg, blind.given, blind.others) == (VIEW, None, ())


def test_a_transfer_that_failed_is_none() -> None:
    assert said("AttendedTransfer", **prefixed("OrigTransferer"), Result="Fail") is None
    assert said("BlindTransfer", **prefixed("Transferer"), Result="Fail") is None
    assert said("BlindTransfer", Result="Success") is None


def test_one_becomes_three_and_nobody_is_given() -> None:
    parties = prefixed("OrigTransferer") | prefixed("TransferTarget")
    three = said("AttendedTransfer", **parties, Result="Success", DestType="Threeway")
    assert (type(three).__name__, three.legs) == ("LegsTied", (VIEW, VIEW))


def test_listening_is_about_the_one_who_listens() -> None:
    assert said("ChanSpyStart", **prefixed("Spyer"), **prefixed("Spyee")).leg == VIEW
    assert said("ChanSpyStop", **prefixed("Spyer")).leg == VIEW


def test_parking_is_about_the_one_who_is_parked() -> None:
    parkee = prefixed("Parkee")
    assert said("ParkedCall", **parkee).leg == VIEW
    retrieved = said("UnParkedCall", **parkee, **prefixed("Retriever"))
    assert (retrieved.retriever, retrieved.why) == (VIEW, "retrieved")
    assert said("ParkedCallTimeOut", **parkee).why == "timeout"
    assert said("ParkedCallGiveUp", **parkee).why == "abandoned"
    assert said("Pickup", **CHANNEL, **prefixed("Target")).target == VIEW


@pytest.mark.parametrize(
    ("status", "state"), [("1", "NOT_INUSE"), ("6", "RINGING"), ("77", "UNKNOWN"), ("", "UNKNOWN")]
)
def test_a_member_s_state_is_told_by_number(status: str, state: str) -> None:
    told = said("QueueMemberStatus", Queue="sales", Interface="PJSIP/101", Status=status)
    assert (told.state, told.device) == (state, "PJSIP/101")


def test_a_member_is_told_the_same_in_events_and_in_lists() -> None:
    more = {"Queue": "sales", "Status": "1", "Paused": "1", "PausedReason": "lunch"}
    more |= {"StateInterface": "hint:101@x", "CallsTaken": "4"}
    live = said("QueueMemberPause", MemberName="Ada", Interface="Local/101@q/n", **more)
    listed = said("QueueMember", Name="Ada", Location="Local/101@q/n", **more)
    assert live == listed
    assert (live.paused, live.reason, live.calls_taken) == (True, "lunch", 4)
    told = said(
        "QueueMemberPause", Queue="sales", Interface="PJSIP/101", Membership="dynamic", Paused="1",
        PausedReason="Tea", LastPause="1795343075", LastCall="0", Wrapuptime="12",
    )  # fmt: skip
    assert (told.membership, told.wrap_up_seconds, told.last_call_at) == ("dynamic", 12, None)
    assert told.paused_at == datetime(2026, 11, 22, 10, 24, 35, tzinfo=UTC)
    gone = said("QueueMemberRemoved", Queue="sales", Interface="Local/101@q/n")
    assert (gone.queue, gone.interface) == ("sales", "Local/101@q/n")


def test_a_listed_caller_says_how_long_it_has_waited() -> None:
    listed = said("QueueEntry", **CHANNEL, Queue="sales", Position="2", Wait="17")
    assert (listed.position, listed.seconds) == (2, 17)


def test_hints_are_told_by_number() -> None:
    assert said("ExtensionStatus", Exten="101", Status="8").state == "RINGING"
    assert said("ExtensionStatus", Exten="101", Status="3").state == "UNKNOWN"


def test_what_concerns_us_not_is_passed_over() -> None:
    assert said("RTCPSent") is None


@pytest.mark.parametrize("name", sorted(TABLE))
def test_every_event_that_concerns_us_survives_an_empty_message(name: str) -> None:
    told = said(name)
    assert told is None or told.at.year == 2026
    assert name.encode() in INTERESTS


def test_every_word_of_ours_has_a_rule_in_the_tracker() -> None:
    from pbx_bridge.tracker.tracker import RULES

    bases = {events.Event, events.LegEvent, events.AgentEvent}
    kinds = {getattr(events, name) for name in events.__all__} - bases - {events.LegView}
    assert kinds == set(RULES)
