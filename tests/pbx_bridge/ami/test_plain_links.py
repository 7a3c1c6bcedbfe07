"""What panoramisk 1.4 does wrong with its connection, shown on it, and done right by ours."""

import asyncio
import logging

import pytest
import structlog

from pbx_bridge.ami import Link, OutcomeUnknown
from pbx_bridge.ami.actions import Action


async def test_a_mute_peer_is_noticed(pbx, plain, linked, eventually):
    async with plain(pbx) as manager:
        manager.ping_interval = 0.02
        pbx.silent = True
        manager.ping()
        await eventually(lambda: len(pbx.named("Ping")) >= 8)
        manager.pinger.cancel()
        assert pbx.connections == 1
        assert len(manager.responses) >= 8  # and each ping leaks
    pbx.silent = False
    states = []
    often = {"ping_interval": 0.1, "ping_timeout": 0.2}
    async with linked(pbx, options={"on_state": states.append}, **often) as link:
        pbx.silent = True
        await eventually(lambda: link.state.status == "down")
        assert link.state.cause == "mute"
        assert "answered nothing" in link.state.why
        pbx.silent = False
        await link.connected()
    assert [s.status for s in states] == ["connected", "down", "connected", "down"]


async def test_a_peer_that_sends_events_but_answers_nothing_is_noticed(pbx, linked, eventually):
    async with linked(pbx, ping_interval=0.02, ping_timeout=0.03) as link:
        pbx.silent = True

        def talks_on():
            pbx.say("Event: VarSet\r\nA: 1\r\n\r\n")
            return link.state.status == "down"

        await eventually(talks_on)
        assert link.state.cause == "deaf"


async def test_a_refused_login_is_told_and_not_repeated(pbx, plain, config_of, eventually):
    async with plain(pbx, wait=False, secret="wrong") as manager:
        await manager.connect()
        await eventually(lambda: len(pbx.named("Login")) >= 5)
        assert not manager.authenticated
    pbx.actions.clear()
    async with Link(config_of(pbx, secret="wrong")) as link:
        await eventually(lambda: link.state.status == "refused")
        assert link.state.cause == "login_refused"
        assert "“crm”" in link.state.why
        await asyncio.sleep(0.2)
        assert len([login for login in pbx.named("Login") if "Key" in login]) == 1


async def test_a_closed_link_stays_closed(pbx, plain, linked, eventually):
    async with plain(pbx) as manager:
        manager.reconnect_timeout = 0.05
        pbx.cut()
        await eventually(lambda: not manager._connected)
        manager.close()
        await eventually(lambda: pbx.connections == 2 and manager._connected)
    pbx.connections = 0
    async with linked(pbx) as link:
        pass
    await asyncio.sleep(0.1)
    assert pbx.connections == 1
    assert link.state.cause == "closed"
    with pytest.raises(RuntimeError):
        link.start()


async def test_a_link_closed_while_it_waits_to_reconnect_stays_closed(pbx, linked, eventually):
    async with linked(pbx, retry_first=0.3, retry_cap=0.3) as link:
        pbx.cut()
        await eventually(lambda: link.state.status == "down")
    await asyncio.sleep(0.35)
    assert pbx.connections == 1
    assert [t for t in asyncio.all_tasks() if t.get_name().startswith("ami ")] == []


async def test_a_host_name_that_is_none_is_told_and_tried_again(
    pbx, plain, config_of, monkeypatch, eventually
):
    tries = []
    loop = asyncio.get_running_loop()
    connect = loop.create_connection

    async def counted(factory, host, *rest, **more):
        tries.append(host)
        return await connect(factory, host, *rest, **more)

    monkeypatch.setattr(loop, "create_connection", counted)
    loop.set_exception_handler(lambda *_: None)
    async with plain(pbx, wait=False, host="pbx..example") as manager:
        with pytest.raises(UnicodeError):
            await manager.connect()
        await asyncio.sleep(0.1)
        assert len(tries) == 1
    loop.set_exception_handler(None)
    tries.clear()
    async with Link(config_of(pbx, host="pbx..example")) as link:
        await eventually(lambda: len(tries) >= 3)
        assert link.state.cause == "no_such_name"


async def test_no_secret_stands_in_a_log_or_an_error(pbx, plain, linked, caplog, eventually):
    caplog.set_level(logging.DEBUG)
    pbx.behaviours["Setvar"] = lambda peer, _: peer.cut()
    setvar = {"Action": "Setvar", "Variable": "X", "Value": "c4rd-d1g1ts", "Secret": "c4n4ry"}
    async with plain(pbx) as manager:
        manager.send_action(dict(setvar))
        await eventually(lambda: "c4n4ry" in caplog.text)
    caplog.clear()
    with structlog.testing.capture_logs() as logs:
        async with linked(pbx) as link:
            with pytest.raises(OutcomeUnknown) as caught:
                await link.ask(setvar)
    keys = [action.get("Key", "") for action in pbx.named("Login")]
    told = f"{logs} {caplog.text} {caught.value!r} {link.config!r} {link.config} {link.state}"
    told += f"{Action(setvar)!r} {Action(setvar)} {Action({'Action': 'Login', 'Key': 'c4n4ry'})!r}"
    assert [event["event"] for event in logs] == ["ami.state"] * len(logs)
    assert logs
    for secret in ("c4n4ry", "c4rd-d1g1ts", "s3cret", *filter(None, keys)):
        assert secret not in told


async def test_the_secret_does_not_cross_the_wire_by_challenge(pbx, plain, linked, eventually):
    async with plain(pbx):
        assert pbx.named("Login")[0]["Secret"] == "s3cret"
    pbx.actions.clear()
    async with linked(pbx):
        assert "s3cret" not in str(pbx.actions)
        assert pbx.named("Login")[0]["AuthType"] == "MD5"
    pbx.actions.clear()
    async with linked(pbx, login="plain"):
        assert pbx.named("Login")[0]["Secret"] == "s3cret"
