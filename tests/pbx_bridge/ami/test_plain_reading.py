"""What panoramisk 1.4 does wrong with what it reads, shown on it, and done right by ours."""

import asyncio
import copy

import pytest
from panoramisk.manager import Manager as PlainManager
from panoramisk.message import Message as PlainMessage

from pbx_bridge.ami import Message, probe


async def test_a_character_cut_by_a_segment_stays_whole(pbx, plain, linked, eventually):
    event = "Event: Newchannel\r\nCallerIDName: Пётр Ирина\r\n\r\n".encode()
    cut = event.index("ё".encode()) + 1

    async def in_two_segments():
        pbx.say(event[:cut])
        await asyncio.sleep(0.03)
        pbx.say(event[cut:])

    seen = []
    async with plain(pbx) as manager:
        manager.register_event("*", lambda _, message: seen.append(message.calleridname))
        await in_two_segments()
        await eventually(lambda: seen)
        assert seen == ["Птр Ирина"]
    heard = []
    async with linked(pbx, heard=heard):
        await in_two_segments()
    assert [m.get("CallerIDName") for m in heard if isinstance(m, Message)] == ["Пётр Ирина"]


@pytest.mark.parametrize(
    "name_and_encoding",
    [("Müller", "latin-1"), ("Пётр", "cp1251"), ("Zoë €", "cp1252"), ("张伟", "gb18030")],
)
async def test_a_name_in_another_encoding_is_read_as_configured(
    pbx, plain, linked, eventually, name_and_encoding
):
    name, encoding = name_and_encoding
    raw = b"Event: Newchannel\r\nCallerIDName: " + name.encode(encoding)
    seen = []
    async with plain(pbx) as manager:
        manager.register_event("*", lambda _, message: seen.append(message.calleridname))
        pbx.say(raw + b"\r\n\r\n")
        await eventually(lambda: seen)
        assert seen[0] != name
    heard = []
    async with linked(pbx, heard=heard, encoding=encoding):
        pbx.say(raw + b"\r\n\r\n")
    (message,) = [m for m in heard if isinstance(m, Message)]
    assert message.get("CallerIDName") == name
    assert message.raw == raw


async def test_a_fault_in_a_listener_does_not_cost_the_link(pbx, plain, linked, eventually):
    both = "Event: Odd\r\nA: 1\r\n\r\nEvent: Next\r\nA: 2\r\n\r\n"
    seen = []

    def poisoned(_, message):
        seen.append(message.event)
        raise ValueError("poison")

    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    async with plain(pbx) as manager:
        manager.register_event("*", poisoned)
        pbx.say(both)
        await eventually(lambda: pbx.connections == 2)
        assert seen == ["Odd"]
    asyncio.get_running_loop().set_exception_handler(None)
    pbx.connections = 0
    heard, tapped = [], []

    def poisoned_tap(blocks, _):
        tapped.extend(blocks)
        raise ValueError("poison")

    def poisoned_observer(state):
        raise ValueError("poison")

    options = {"tap": poisoned_tap, "on_state": poisoned_observer}
    async with linked(pbx, heard=heard, options=options) as link:
        before = link.counts.faults
        pbx.say(both)
        await eventually(lambda: len(heard) == 3)
        assert (await link.ask({"Action": "Ping"})).success
        assert link.counts.faults >= before + 2
    assert [m.name for m in heard if isinstance(m, Message)] == ["Odd", "Next"]
    assert pbx.connections == 1
    assert b"Event: Odd\r\nA: 1" in tapped


async def test_events_are_handled_in_the_order_of_the_wire(pbx, plain, linked, eventually):
    three = "".join(f"Event: E{n}\r\nSleep: {(3 - n) / 50}\r\n\r\n" for n in (1, 2, 3))
    done = []

    async def handle(_, message):
        await asyncio.sleep(float(message.sleep))
        done.append(message.event)

    async with plain(pbx) as manager:
        manager.register_event("*", handle)
        pbx.say(three)
        await eventually(lambda: len(done) == 3)
        assert done == ["E3", "E2", "E1"]
    done.clear()
    async with linked(pbx) as link:
        pbx.say(three)
        async for heard in link.listen():
            if isinstance(heard, Message):
                await asyncio.sleep(float(heard.get("Sleep")))
                done.append(heard.name)
            if len(done) == 3:
                break
    assert done == ["E1", "E2", "E3"]


async def test_an_empty_header_and_one_named_content_are_kept(pbx, plain, linked, eventually):
    event = "Event: Cdr\r\nContent: text\r\nUserField:\r\nState: a\r\nState: b\r\nLast: \r\n\r\n"
    seen = []
    async with plain(pbx) as manager:
        manager.register_event("*", lambda _, message: seen.append(dict(message)))
        pbx.say(event)
        await eventually(lambda: seen)
        assert "UserField" not in seen[0]
        assert "Last" not in seen[0]
        assert seen[0]["content"] == ""
    heard = []
    async with linked(pbx, heard=heard):
        pbx.say(event)
    (message,) = [m for m in heard if isinstance(m, Message)]
    assert message.headers() == [
        ("Event", "Cdr"),
        ("Content", "text"),
        ("UserField", ""),
        ("State", "a"),
        ("State", "b"),
        ("Last", ""),
    ]
    assert message.get_all("state") == ["a", "b"]


async def test_a_user_event_with_a_second_event_header_is_a_user_event(
    pbx, plain, linked, eventually, names
):
    event = "Event: UserEvent\r\nUserEvent: x\r\nEvent: Hangup\r\n\r\nEvent: Next\r\nA: 1\r\n\r\n"
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    async with plain(pbx):
        pbx.say(event)
        await eventually(lambda: pbx.connections == 2)
    asyncio.get_running_loop().set_exception_handler(None)
    pbx.connections = 0
    heard = []
    async with linked(pbx, heard=heard):
        pbx.say(event)
    assert names(heard) == ["UserEvent", "Next"]
    assert pbx.connections == 1


async def test_events_of_a_pending_list_are_heard_by_the_listener_too(
    pbx, plain, linked, eventually, names
):
    def lists(peer, action):
        peer.answer(action, "Response: Success", "EventList: start")
        peer.answer(action, "Event: CoreShowChannel", "Channel: PJSIP/101-1")
        peer.answer(action, "Event: CoreShowChannelsComplete", "EventList: Complete")

    pbx.behaviours["CoreShowChannels"] = lists
    seen = []
    async with plain(pbx) as manager:
        manager.register_event("*", lambda _, message: seen.append(message.event))
        assert len(await manager.send_action({"Action": "CoreShowChannels"})) == 3
        assert seen == []
    heard = []
    async with linked(pbx, heard=heard) as link:
        channels = await link.ask_list({"Action": "CoreShowChannels"})
    assert [channel.get("Channel") for channel in channels] == ["PJSIP/101-1"]
    assert names(heard) == ["CoreShowChannel", "CoreShowChannelsComplete"]


async def test_an_endless_line_is_cut_off(pbx, plain, linked, eventually):
    endless = b"Event: Endless\r\nX: " + b"x" * 300_000
    async with plain(pbx) as manager:
        pbx.say(endless)
        await eventually(lambda: sum(map(len, manager.protocol.queue)) > 300_000)
        assert pbx.connections == 1
    pbx.connections = 0
    states = []
    async with linked(pbx, options={"on_state": states.append}, max_line=65536) as link:
        pbx.say(endless)
        await eventually(lambda: pbx.connections == 2 and link.state.status == "connected")
    assert [s.cause for s in states] == [None, "too_big_line", None, "closed"]


def test_a_misspelt_attribute_is_an_error():
    plain = PlainMessage({"Event": "Hangup"})
    assert plain.uniqeid == ""
    with pytest.raises(TypeError):
        copy.deepcopy(plain)
    ours = Message(b"Event: Hangup\r\nUniqueid: 1.2", 0.0)
    with pytest.raises(AttributeError):
        _ = ours.uniqeid
    assert copy.deepcopy(ours).get("Uniqueid") == copy.copy(ours).get("Uniqueid") == "1.2"


async def test_false_in_a_file_means_no_tls(pbx, config_of, tmp_path, monkeypatch):
    handed_on = []

    async def connect(*_, ssl):
        handed_on.append(ssl)
        raise ConnectionRefusedError

    (tmp_path / "ami.ini").write_text(f"[asterisk]\nhost = 127.0.0.1\nport = {pbx.port}\nssl=False")
    manager = PlainManager.from_config(str(tmp_path / "ami.ini"))
    manager.loop = asyncio.get_running_loop()
    manager.reconnect_timeout = 3600
    with monkeypatch.context() as patched:
        patched.setattr(manager.loop, "create_connection", connect)
        await asyncio.wait([manager.connect()])
    assert bool(handed_on[0])
    assert (await probe(config_of(pbx, tls="False"))).ok
