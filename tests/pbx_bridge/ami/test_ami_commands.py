"""Commands: exactly what is meant stands on the wire."""

import time

import pytest

from pbx_bridge import commands, memberships
from pbx_bridge.ami import BadAction

SUCCESS = "Response: Success"


@pytest.fixture
async def link(pbx, linked):
    """A link to a PBX that says yes to everything; the login is already forgotten."""
    queues = ("QueueAdd", "QueuePause", "QueueRemove")
    for name in ("Originate", "Hangup", "Redirect", *queues, "Setvar", "UserEvent"):
        pbx.behaviours[name] = lambda peer, action: peer.answer(action, SUCCESS)
    async with linked(pbx) as link:
        pbx.actions.clear()
        yield link


def sent(pbx):
    (action,) = pbx.actions
    return {key: value for key, value in action.items() if key != "ActionID"}


async def test_a_call_is_rung_and_sent_into_the_dialplan(pbx, link):
    await commands.originate(
        link,
        channel="PJSIP/101",
        exten="+442071234567",
        context="ringbook-dial",
        caller_id="+442071234567",
        caller_name="Zoë O'Brien & Sons, Ltd. <x>",
        channel_id="0197-1",
        variables={"__RINGBOOK_CALL": "0197"},
    )
    assert sent(pbx) == {
        "Action": "Originate",
        "Channel": "PJSIP/101",
        "Context": "ringbook-dial",
        "Exten": "+442071234567",
        "Priority": "1",
        "Timeout": "30000",
        "CallerID": "Zoë O'Brien  Sons Ltd. x <+442071234567>",
        "ChannelId": "0197-1",
        "Async": "true",
        "Variable": "__RINGBOOK_CALL=0197",
    }


@pytest.mark.parametrize(
    ("channel", "told"),
    [("PJSIP/101", "PJSIP_HEADER(add,X-Ringbook-Click)=k-1"), ("SIP/101", None)],
)
async def test_a_header_goes_to_a_phone_of_pjsip_alone(pbx, link, channel, told):
    await commands.originate(
        link, channel=channel, exten="1", context="c", caller_id="1", channel_id="0197-1",
        headers={"X-Ringbook-Click": "k-1"},
    )  # fmt: skip
    assert sent(pbx).get("Variable") == told


async def test_a_channel_is_hung_up_with_a_cause(pbx, link):
    await commands.hangup(link, channel="Local/101@from-queue-00000002;1")
    assert sent(pbx) == {
        "Action": "Hangup",
        "Channel": "Local/101@from-queue-00000002;1",
        "Cause": "16",
    }


async def test_a_channel_is_sent_elsewhere(pbx, link):
    await commands.redirect(link, channel="PJSIP/101-00000001", exten="102", context="agents")
    assert sent(pbx) == {
        "Action": "Redirect",
        "Channel": "PJSIP/101-00000001",
        "Context": "agents",
        "Exten": "102",
        "Priority": "1",
    }


async def test_a_member_is_paused_in_one_queue_with_a_reason(pbx, link):
    await commands.queue_pause(
        link, interface="Local/101@from-queue/n", paused=True, queue="sales", reason="Обед"
    )
    assert sent(pbx) == {
        "Action": "QueuePause",
        "Interface": "Local/101@from-queue/n",
        "Paused": "true",
        "Queue": "sales",
        "Reason": "Обед",
    }


async def test_a_member_is_logged_in_with_its_name_and_the_device_of_its_state(pbx, link):
    await memberships.queue_add(
        link, queue="sales", interface="Local/101@from-queue/n", name="Zoë O'Brien",
        device="PJSIP/101",
    )  # fmt: skip
    assert sent(pbx) == {
        "Action": "QueueAdd",
        "Queue": "sales",
        "Interface": "Local/101@from-queue/n",
        "Paused": "false",
        "MemberName": "Zoë O'Brien",
        "StateInterface": "PJSIP/101",
    }


async def test_a_member_is_logged_out(pbx, link):
    await memberships.queue_remove(link, queue="sales", interface="PJSIP/101")
    assert sent(pbx) == {"Action": "QueueRemove", "Queue": "sales", "Interface": "PJSIP/101"}


async def test_variables_and_user_events_for_the_self_test(pbx, link):
    await commands.set_variable(link, name="RINGBOOK_PROBE", value="7f")
    await commands.user_event(link, name="RingbookProbe", headers={"Token": "7f"})
    assert [action["Action"] for action in pbx.actions] == ["Setvar", "UserEvent"]
    assert pbx.actions[0]["Value"] == pbx.actions[1]["Token"] == "7f"


@pytest.mark.parametrize(
    ("ask", "action", "event"),
    [
        (commands.core_show_channels, "CoreShowChannels", "CoreShowChannel"),
        (commands.bridge_list, "BridgeList", "BridgeListItem"),
        (commands.queue_status, "QueueStatus", "QueueParams"),
        (commands.parked_calls, "ParkedCalls", "ParkedCall"),
        (commands.device_states, "DeviceStateList", "DeviceStateChange"),
    ],
)
async def test_lists_are_read_whole(pbx, link, ask, action, event):
    def lists(peer, asked):
        peer.answer(asked, SUCCESS, "EventList: start")
        peer.answer(asked, f"Event: {event}", "Name: a")
        peer.answer(asked, f"Event: {event}", "Name: b")
        peer.answer(asked, f"Event: {event}sComplete", "EventList: Complete")

    pbx.behaviours[action] = lists
    assert [found.get("Name") for found in await ask(link)] == ["a", "b"]


async def test_the_actions_an_account_may_send_are_read_with_their_classes(link):
    assert await commands.list_commands(link) == {
        "Originate": frozenset({"originate", "all"}),
        "CoreStatus": frozenset({"system", "reporting", "all"}),
        "Ping": frozenset(),
    }


async def test_a_device_that_would_add_a_leg_is_refused(pbx, link):
    with pytest.raises(BadAction, match="device"):
        await commands.queue_pause(link, interface="PJSIP/101&PJSIP/102", paused=True)
    assert not pbx.actions


async def test_a_probe_logs_in_looks_and_logs_off(pbx, config_of, eventually):
    ahead = time.time() + 100
    pbx.behaviours["Ping"] = lambda peer, action: peer.answer(
        action, SUCCESS, "Ping: Pong", f"Timestamp: {ahead:.6f}"
    )
    pbx.behaviours["Logoff"] = lambda peer, action: peer.writer.close()
    result = await commands.probe(config_of(pbx))
    assert (result.ok, result.why) == (True, None)
    assert (result.ami_version, result.asterisk) == ("9.0.0", "22.10.1")
    assert set(result.commands) == {"Originate", "CoreStatus", "Ping"}
    assert 60 < result.clock_ahead < 140
    await eventually(lambda: pbx.named("Logoff"))


async def test_a_probe_with_a_wrong_secret_says_so_after_one_try(pbx, config_of):
    result = await commands.probe(config_of(pbx, secret="wrong"))
    assert (result.ok, result.trouble.name) == (False, "login_refused")
    assert "“crm”" in result.why
    assert len(pbx.named("Login")) == 1
