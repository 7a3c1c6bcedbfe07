"""What panoramisk 1.4 does wrong with actions, shown on it, and done right by ours."""

import asyncio

import pytest

from pbx_bridge.ami import (
    ActionRefused,
    BadAction,
    Link,
    Message,
    NotConnected,
    OutcomeUnknown,
)

DIAL = {
    "Action": "Originate",
    "Channel": "PJSIP/101",
    "Context": "crm",
    "Exten": "4930123",
    "Priority": "1",
    "Async": "true",
}
SUCCESS = "Response: Success"


async def test_a_line_end_in_a_value_never_becomes_a_second_action(pbx, plain, linked, eventually):
    evil = {"Action": "Setvar", "Variable": "X", "Value": "1\r\n\r\nAction: Hangup\r\nChannel: a"}
    async with plain(pbx) as manager:
        manager.send_action(dict(evil))
        await eventually(lambda: pbx.named("Hangup"))
    pbx.actions.clear()
    async with linked(pbx) as link:
        with pytest.raises(BadAction):
            await link.ask(evil)
        await link.ask({"Action": "Ping"})
    assert not pbx.named("Hangup", "Setvar")


async def test_a_none_is_never_sent_as_the_text_none(pbx, plain, linked, eventually):
    async with plain(pbx) as manager:
        manager.send_action({"Action": "Setvar", "Value": None})
        await eventually(lambda: pbx.named("Setvar"))
        assert pbx.named("Setvar")[0]["Value"] == "None"
    pbx.actions.clear()
    async with linked(pbx) as link:
        with pytest.raises(BadAction):
            await link.ask({"Action": "Setvar", "Value": None})
        await link.ask({"Action": "Ping"})
    assert not pbx.named("Setvar")


async def test_an_originate_is_never_sent_again_after_a_reconnect(pbx, plain, linked, eventually):
    accept = pbx.behaviours["Login"]

    def accept_and_boot(peer, action):
        accept(peer, action)
        peer.say("Event: FullyBooted\r\nStatus: Fully Booted\r\n\r\n")

    def cut_the_first(peer, action):
        if pbx.connections == 1:
            peer.cut()

    pbx.behaviours |= {"Login": accept_and_boot, "Originate": cut_the_first}
    async with plain(pbx) as manager:
        manager.send_action(dict(DIAL))
        await eventually(lambda: len(pbx.named("Originate")) == 2)
    pbx.actions.clear()
    pbx.connections = 0
    async with linked(pbx) as link:
        with pytest.raises(OutcomeUnknown):
            await link.ask(DIAL)
        await eventually(lambda: link.state.status == "connected" and pbx.connections == 2)
        await link.ask({"Action": "Ping"})
    assert len(pbx.named("Originate")) == 1


async def test_a_command_is_never_sent_again_after_a_reconnect(pbx, plain, linked, eventually):
    pbx.behaviours["Command"] = lambda peer, action: peer.cut() if pbx.connections == 1 else None
    command = {"Action": "Command", "Command": "core show uptime"}
    async with plain(pbx) as manager:
        manager.send_action(dict(command))
        await eventually(lambda: pbx.connections == 2 and manager.authenticated)
        await manager.send_awaiting_actions()
        await eventually(lambda: len(pbx.named("Command")) == 3)
    pbx.actions.clear()
    pbx.connections = 0
    async with linked(pbx) as link:
        with pytest.raises(OutcomeUnknown):
            await link.ask(command)
        await eventually(lambda: link.state.status == "connected" and pbx.connections == 2)
        await link.ask({"Action": "Ping"})
    assert len(pbx.named("Command")) == 1


async def test_a_list_cut_in_the_middle_ends_with_an_error(pbx, plain, linked, hangs, eventually):
    def begin_and_cut(peer, action):
        peer.answer(action, SUCCESS, "EventList: start")
        peer.answer(action, "Event: CoreShowChannel")
        asyncio.get_running_loop().call_later(0.02, peer.cut)

    pbx.behaviours["CoreShowChannels"] = begin_and_cut
    async with plain(pbx) as manager:
        assert await hangs(manager.send_action({"Action": "CoreShowChannels"}))
    async with linked(pbx) as link:
        with pytest.raises(OutcomeUnknown):
            await link.ask_list({"Action": "CoreShowChannels"})


async def test_an_action_ends_without_a_fullybooted(pbx, plain, linked, hangs, eventually):
    pbx.behaviours["Status"] = lambda peer, _: peer.cut()
    async with plain(pbx) as manager:
        assert await hangs(manager.send_action({"Action": "Status"}))
        assert pbx.connections > 1
        assert manager.awaiting_actions
    async with linked(pbx) as link:
        with pytest.raises(OutcomeUnknown):
            await link.ask({"Action": "Status"})


async def test_an_originate_without_async_does_not_kill_the_link(
    pbx, plain, linked, hangs, eventually
):
    queued = "Message: Originate successfully queued"
    pbx.behaviours["Originate"] = lambda peer, action: peer.answer(action, SUCCESS, queued)
    dial = {key: value for key, value in DIAL.items() if key != "Async"}
    async with plain(pbx) as manager:
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        assert await hangs(manager.send_action(dict(dial)))
        assert pbx.connections == 2
    asyncio.get_running_loop().set_exception_handler(None)
    pbx.connections = 0
    pbx.actions.clear()
    async with linked(pbx) as link:
        assert (await link.ask(dial)).get("Message") == "Originate successfully queued"
        assert pbx.connections == 1
    assert pbx.named("Originate")[0]["Async"] == "true"


async def test_a_queueadd_is_answered(pbx, plain, linked, hangs):
    added = "Message: Added interface to queue"
    pbx.behaviours["QueueAdd"] = lambda peer, action: peer.answer(action, SUCCESS, added)
    async with plain(pbx) as manager:
        assert await hangs(manager.send_action({"Action": "QueueAdd", "Queue": "sales"}))
    async with linked(pbx) as link:
        answer = await link.ask({"Action": "QueueAdd", "Queue": "sales"})
    assert answer.get("Message") == "Added interface to queue"


async def test_an_agi_command_is_answered_and_its_event_heard(pbx, plain, linked, hangs, names):
    def queue_and_run(peer, action):
        peer.answer(action, SUCCESS, "Message: Added AGI command to queue successfully queued")
        peer.answer(action, "Event: AsyncAGIExec", "Result: 200 result=1")

    pbx.behaviours["AGI"] = queue_and_run
    agi = {"Action": "AGI", "Channel": "PJSIP/101-1", "Command": "ANSWER", "Async": "x"}
    async with plain(pbx) as manager:
        assert await hangs(manager.send_action(dict(agi)))
    heard = []
    async with linked(pbx, heard=heard) as link:
        assert (await link.ask(agi)).success
    assert names(heard) == ["AsyncAGIExec"]


async def test_a_refused_list_raises(pbx, plain, linked, hangs):
    denied = "Message: Permission denied"
    pbx.behaviours["QueueStatus"] = lambda peer, action: peer.answer(
        action, "Response: Error", denied
    )
    async with plain(pbx) as manager:
        assert await hangs(manager.send_action({"Action": "QueueStatus"}, as_list=True))
    async with linked(pbx) as link:
        with pytest.raises(ActionRefused, match="Permission denied"):
            await link.ask_list({"Action": "QueueStatus"})


async def test_an_action_that_was_given_up_leaves_nothing_behind(
    pbx, plain, linked, hangs, eventually
):
    late = []
    pbx.behaviours["Status"] = lambda peer, action: late.append((peer, action))
    async with plain(pbx) as manager:
        assert await hangs(manager.send_action({"Action": "Status"}))
        await eventually(lambda: late)
        late[0][0].answer(late[0][1], SUCCESS)
        assert (await manager.send_action({"Action": "Ping"})).success
        assert len(manager.responses) == 1
    late.clear()
    async with linked(pbx) as link:
        with pytest.raises(OutcomeUnknown):
            await link.ask({"Action": "Status"}, timeout=0.05)
        late[0][0].answer(late[0][1], SUCCESS)
        assert (await link.ask({"Action": "Ping"})).success
        assert not link._manager.protocol.responses


async def test_an_action_without_a_link_fails_at_once(pbx, plain, config_of, hangs, eventually):
    async with plain(pbx, wait=False) as manager:
        with pytest.raises(AttributeError):
            manager.send_action({"Action": "Ping"})
    async with plain(pbx) as manager:
        manager.reconnect_timeout = 3600
        pbx.cut()
        await eventually(lambda: not manager._connected)
        assert await hangs(manager.send_action({"Action": "Status"}))
    link = Link(config_of(pbx))
    with pytest.raises(NotConnected):
        await link.ask({"Action": "Ping"})
    await link.close()


async def test_the_action_header_comes_first(pbx, plain, linked, eventually):
    async with plain(pbx) as manager:
        manager.send_action({"Action": "QueuePause", "AAA": "1"})
        await eventually(lambda: pbx.named("QueuePause"))
        assert next(iter(pbx.named("QueuePause")[0])) == "AAA"
    pbx.actions.clear()
    pbx.behaviours["QueuePause"] = lambda peer, action: peer.answer(action, SUCCESS)
    async with linked(pbx) as link:
        assert isinstance(await link.ask({"AAA": "1", "Action": "QueuePause"}), Message)
    assert list(pbx.named("QueuePause")[0]) == ["Action", "ActionID", "AAA"]
