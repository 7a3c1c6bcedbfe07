"""The live socket over real connections: what screens get, and how it ends."""

import asyncio
import contextlib
from datetime import UTC, datetime

import pytest
from stage.sockets import Stage, deaf, end_of, eventually, hear
from websockets.exceptions import ConnectionClosed

import storage.sessions
import storage.tokens
from storage.users import User
from web.auth import COOKIE
from web.live import lines
from web.live.messages import Shown


async def test_a_screen_that_comes_back_gets_exactly_what_it_missed(stage):
    ann = await stage.person()
    cookie = await stage.cookie(ann)
    first = await stage.screen(cookie)
    assert (await hear(first))["type"] == "snapshot"
    stage.tell(ann, 1)
    assert (await hear(first))["n"] == 1
    await first.close()
    for key in (2, 3):
        stage.tell(ann, key)
    again = await stage.screen(cookie, ("epoch", 1))
    assert [(m["type"], m["n"]) for m in [await hear(again) for _ in range(3)]] == [
        ("resumed", 1),
        ("pop.opened", 2),
        ("pop.opened", 3),
    ]
    await again.close()


async def test_two_tabs_of_one_user_hear_the_same_and_others_nothing(stage):
    ann, bob = await stage.person("ann"), await stage.person("bob")
    cookie = await stage.cookie(ann)
    tabs = [await stage.screen(cookie) for _ in range(2)]
    other = await stage.screen(await stage.cookie(bob))
    for one in (*tabs, other):
        await hear(one)
    stage.tell(ann, 1)
    stage.tell(bob, 2)
    assert await hear(tabs[0]) == await hear(tabs[1])
    assert (await hear(other))["data"]["id"] == "2"
    for one in (*tabs, other):
        await one.close()


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("hello", id="no JSON"),
        pytest.param("[]", id="no object"),
        pytest.param('{"v": 2, "type": "hello"}', id="another version"),
        pytest.param('{"v": 1, "type": "shown"}', id="no hello"),
    ],
)
async def test_who_begins_otherwise_than_with_hello_is_closed(stage, said):
    socket = await stage.connect(
        Cookie=f"{COOKIE}={await stage.cookie(await stage.person())}", Origin=stage.origin
    )
    await socket.send(said)
    assert await end_of(socket) == 4400


async def test_who_says_nothing_is_closed(stage, monkeypatch):
    monkeypatch.setattr(lines, "HELLO_SECONDS", 0.05)
    socket = await stage.connect(
        Cookie=f"{COOKIE}={await stage.cookie(await stage.person())}", Origin=stage.origin
    )
    assert await end_of(socket) == 4408


async def test_a_long_message_closes_the_socket(stage):
    socket = await stage.screen(await stage.cookie(await stage.person()))
    await socket.send("x" * 5000)
    assert await end_of(socket) == 1009


async def test_a_chatterbox_is_closed(stage, monkeypatch):
    monkeypatch.setattr(lines, "REPORTS_A_MINUTE", 5)
    socket = await stage.screen(await stage.cookie(await stage.person()))
    for _ in range(7):
        with contextlib.suppress(ConnectionClosed):
            await socket.send('{"v": 1, "type": "later"}')
    assert await end_of(socket) == 4429


async def test_the_report_of_a_painted_pop_arrives(stage):
    ann = await stage.person()
    socket = await stage.screen(await stage.cookie(ann))
    await hear(socket)
    await socket.send('{"v":1,"type":"shown","data":{"pop":"7","seconds":0.02}}')
    await eventually(lambda: stage.shown)
    assert stage.shown == [(ann.id, Shown("7", 0.02))]
    await socket.close()


async def test_a_log_out_closes_the_socket_and_nothing_is_sent_after(stage):
    ann = await stage.person()
    socket = await stage.screen(await stage.cookie(ann))
    await hear(socket)
    async with stage.database.writing() as session:
        await storage.sessions.close_all(session, ann.id, by=ann.id)
    closing = asyncio.create_task(stage.sockets.access_changed(ann.id))
    await asyncio.sleep(0)
    stage.tell(ann, 1)
    await closing
    stage.tell(ann, 2)
    assert (await hear(socket))["type"] == "bye"
    assert await end_of(socket) == 4401


async def test_the_sweep_finds_what_another_process_revoked(stage):
    ann = await stage.person()
    token = await stage.token(ann, "live")
    socket = await stage.connect(Authorization=f"Bearer {token}")
    await socket.send('{"v": 1, "type": "hello"}')
    await hear(socket)
    await stage.sockets.sweep()
    stage.tell(ann, 1)
    assert (await hear(socket))["type"] == "pop.opened"
    async with stage.database.writing() as session:
        await storage.tokens.revoke_all(session, ann.id, now=datetime.now(UTC), by=None)
    await stage.sockets.sweep()
    assert await end_of(socket) == 4401


async def test_another_role_has_the_screen_connect_again(stage):
    ann = await stage.person()
    socket = await stage.screen(await stage.cookie(ann))
    await hear(socket)
    async with stage.database.writing() as session:
        user = await session.get(User, ann.id)
        user.role = "supervisor"
    await stage.sockets.access_changed(ann.id)
    assert await end_of(socket) == 4409


async def test_access_that_did_not_change_goes_on(stage):
    ann = await stage.person()
    socket = await stage.screen(await stage.cookie(ann))
    await hear(socket)
    closing = asyncio.create_task(stage.sockets.access_changed(ann.id))
    await asyncio.sleep(0)
    stage.tell(ann, 1)
    await closing
    assert (await hear(socket))["data"]["id"] == "1"
    await socket.close()


async def test_a_screen_that_never_reads_is_dropped_and_delays_nobody(stage):
    ann = await stage.person()
    cookie = await stage.cookie(ann)
    quick = await stage.screen(cookie)
    await hear(quick)
    slow = await deaf(stage, cookie)
    await eventually(lambda: len(stage.hub.screens(ann.id)) == 2)
    for key in range(400):
        stage.tell(ann, key, "x" * 20_000)
        assert (await hear(quick))["data"]["id"] == str(key)
    await eventually(lambda: len(stage.hub.screens(ann.id)) == 1)
    assert stage.hub.counts.dropped == 1
    slow.close()
    await quick.close()


async def test_a_stop_tells_every_screen_to_come_again(bare, database, settings):
    stage = Stage(bare, database, settings)
    async with stage.sockets:
        socket = await stage.screen(await stage.cookie(await stage.person()))
        await hear(socket)
    assert await end_of(socket) == 1012
