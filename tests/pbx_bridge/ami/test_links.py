"""The link: what it says of itself, what it hears, in which order, and what it leaves behind."""

import asyncio

import pytest

from pbx_bridge.ami import Link, LinkDown, LinkUp, Message, NotConnected

EVENT = "Event: {0}\r\nPrivilege: call,all\r\nUniqueid: 1.{0}\r\n\r\n"


async def test_a_link_knows_the_pbx_it_is_connected_to(pbx, linked):
    async with linked(pbx) as link:
        state = link.state
    assert (state.status, state.why, state.cause) == ("connected", None, None)
    assert state.asterisk == "22.10.1"
    assert state.startup.isoformat() == "2026-11-22T08:53:48+00:00"


async def test_the_start_is_told_in_the_pbxs_own_time_zone(pbx, linked):
    async with linked(pbx, timezone="Asia/Tashkent") as link:
        assert link.state.startup.isoformat() == "2026-11-22T03:53:48+00:00"


async def test_a_pbx_that_tells_nothing_of_itself_is_still_connected(pbx, linked):
    for name in ("CoreStatus", "CoreSettings"):
        pbx.behaviours[name] = lambda peer, a: peer.answer(
            a, "Response: Error", "Message: Permission denied"
        )
    async with linked(pbx) as link:
        assert (link.state.asterisk, link.state.startup) == (None, None)


async def test_a_gap_is_marked_between_what_came_before_and_after(pbx, linked, eventually):
    heard = []
    async with linked(pbx, heard=heard) as link:
        pbx.say(EVENT.format("A"))
        await eventually(lambda: len(heard) == 2)
        pbx.cut()
        await eventually(lambda: pbx.connections == 2 and link.state.status == "connected")
        pbx.say(EVENT.format("B"))
    kinds = [item.name if isinstance(item, Message) else type(item) for item in heard]
    assert kinds == [LinkUp, "A", LinkDown, LinkUp, "B", LinkDown]
    assert [d.cause for d in heard if isinstance(d, LinkDown)] == ["lost", "closed"]
    assert all(item.at.tzinfo is not None for item in heard)


async def test_events_that_come_with_the_login_are_heard_after_linkup(pbx, linked):
    accept = pbx.behaviours["Login"]

    def accept_and_talk(peer, action):
        accept(peer, action)
        peer.say(EVENT.format("FullyBooted") + EVENT.format("Newchannel"))

    pbx.behaviours["Login"] = accept_and_talk
    heard = []
    async with linked(pbx, heard=heard):
        pass
    assert isinstance(heard[0], LinkUp)
    assert [m.name for m in heard[1:3]] == ["FullyBooted", "Newchannel"]


async def test_only_events_of_interest_are_heard_but_every_message_is_tapped(pbx, linked):
    heard, tapped = [], []
    options = {"interests": frozenset({b"Hangup"}), "tap": lambda blocks, _: tapped.extend(blocks)}
    async with linked(pbx, heard=heard, options=options) as link:
        tapped.clear()
        pbx.say(EVENT.format("VarSet") + EVENT.format("Hangup") + "Event: Hangup\r\n\r\n")
        pbx.say("\r\nEvent: Hangup\r\nA: after a stray line end\r\n\r\nrubbish\r\n\r\n")
        pbx.say("event: Hangup\r\nA: in small letters\r\n\r\n")
        await link.ask({"Action": "Ping"})
        assert link.counts.strange_messages == 1
    assert [m.name for m in heard if isinstance(m, Message)] == ["Hangup"] * 4
    assert [block.split(b"\r\n")[0] for block in tapped][:3] == [
        *(b"Event: VarSet", b"Event: Hangup", b"Event: Hangup")
    ]
    assert b"rubbish" in tapped


async def test_a_message_carries_the_number_that_the_tap_gave_it(pbx, linked):
    heard, tapped = [], []

    def tap(blocks, _):
        tapped.extend(blocks)
        return 5001 + len(tapped) - len(blocks)

    options = {"interests": frozenset({b"Hangup"}), "tap": tap}
    async with linked(pbx, heard=heard, options=options) as link:
        begun = 5001 + len(tapped)
        pbx.say(EVENT.format("VarSet") + EVENT.format("Hangup") + "event: Hangup\r\n\r\n")
        await link.ask({"Action": "Ping"})
    assert [m.n - begun for m in heard if isinstance(m, Message)] == [1, 2]


async def test_a_tap_hears_exactly_the_stream_in_order(pbx, linked):
    tapped = []
    async with linked(pbx, options={"tap": lambda blocks, _: tapped.extend(blocks)}) as link:
        tapped.clear()
        pbx.say("".join(EVENT.format(n) for n in range(500)))
        await link.ask({"Action": "Ping"})
    assert [block.decode() + "\r\n\r\n" for block in tapped[:500]] == [
        EVENT.format(n) for n in range(500)
    ]


async def test_a_listener_that_does_not_keep_up_costs_a_marked_gap_not_memory(
    pbx, config_of, eventually
):
    async with Link(config_of(pbx, max_backlog=20_000)) as link:
        await link.connected()
        pbx.say("".join(EVENT.format(n) for n in range(300)))
        await eventually(lambda: len(link._inbox) >= 300)
        pbx.say("".join(EVENT.format(n) for n in range(300, 2000)))
        await eventually(lambda: link.state.status == "down")
        assert link.state.cause == "behind"
        await asyncio.sleep(0.15)
        assert pbx.connections == 1  # no new login before the listener has caught up
        assert sum(len(m.raw) for m in link._inbox.items if isinstance(m, Message)) <= 20_000
        heard = []
        async for item in link.listen():
            heard.append(item)
            if len(heard) > 1 and isinstance(item, LinkUp):
                break
        assert pbx.connections == 2
    numbers = [m.name for m in heard if isinstance(m, Message)]
    assert numbers == [str(n) for n in range(len(numbers))]
    assert isinstance(heard[-2], LinkDown)


async def test_listening_may_be_left_and_taken_up_again_without_a_loss(pbx, linked):
    async with linked(pbx) as link:
        pbx.say(EVENT.format("A") + EVENT.format("B"))
        await link.ask({"Action": "Ping"})
        async for item in link.listen():
            if isinstance(item, Message):
                break
        listening = link.listen()
        assert (await anext(listening)).name == "B"
        pbx.say(EVENT.format("C") + EVENT.format("D"))
        assert (await anext(link.listen())).name == "C"
        with pytest.raises(RuntimeError):
            await anext(listening)


async def test_a_closed_link_ends_the_listening_and_the_waiting(pbx, config_of, unused_tcp_port):
    link = Link(config_of(pbx, port=unused_tcp_port))
    link.start()
    waiting = asyncio.create_task(link.connected())
    await asyncio.sleep(0.02)
    await link.close()
    await link.close()
    with pytest.raises(NotConnected):
        await waiting
    assert [item async for item in link.listen()] == []


async def test_a_link_leaves_no_task_behind_however_it_ends(pbx, config_of, linked, eventually):
    before = asyncio.all_tasks()
    async with linked(pbx) as link:
        pbx.silent = True
        asking = asyncio.create_task(link.ask({"Action": "Ping"}))
        await asyncio.sleep(0)
    with pytest.raises(Exception, match="lost"):
        await asking
    pbx.silent = True
    async with Link(config_of(pbx)):
        await eventually(lambda: pbx.connections == 2)
    await eventually(lambda: asyncio.all_tasks() <= before)
    assert not pbx.peers


async def test_since_tells_when_a_link_went_down_not_when_it_was_last_tried(
    pbx, linked, eventually
):
    states = []
    async with linked(pbx, options={"on_state": states.append}) as link:
        pbx.greeting = b"HTTP/1.1 200 OK\r\n"
        pbx.cut()
        await eventually(lambda: link.counts.troubles["not_asterisk"] >= 3)
    connected, lost, strange = states[:3]
    assert connected.since < lost.since == strange.since
    assert [lost.cause, strange.cause] == ["lost", "not_asterisk"]
    assert strange.asterisk == "22.10.1"


async def test_counts_say_what_went_over_the_wire(pbx, linked):
    async with linked(pbx) as link:
        before = link.counts.received_messages
        pbx.say(EVENT.format("A") * 10)
        await link.ask({"Action": "Ping"})
        assert link.counts.received_messages - before >= 11
        assert link.counts.received_bytes > 10 * len(EVENT)
        assert link.counts.logins == 1
