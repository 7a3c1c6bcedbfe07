"""One click, at most one call: the TCP connection is cut at every byte around an Originate."""

import asyncio
import os

import pytest

from pbx_bridge import commands
from pbx_bridge.ami import NotConnected, OutcomeUnknown

STEP = 1 if os.environ.get("RINGBOOK_PROVE") else 7
CLICK = {
    "channel": "PJSIP/101",
    "exten": "4930123",
    "context": "ringbook-dial",
    "caller_id": "+4930123",
    "channel_id": "0197-call",
}
SUCCESS = b"Response: Success\r\nActionID: %s\r\nMessage: Originate successfully queued\r\n\r\n"


class Trunk:
    """Counts the calls that a PBX would place: one for each Originate that arrives whole."""

    def __init__(self) -> None:
        self.calls = 0


def dials_and_answers_a_part(trunk, length):
    def behaviour(peer, action):
        trunk.calls += 1
        peer.say((SUCCESS % action["ActionID"].encode())[:length])
        asyncio.get_running_loop().call_soon(peer.cut if length == 0 else peer.writer.close)

    return behaviour


@pytest.mark.bar(15)
async def test_a_cut_after_any_byte_of_the_answer_never_dials_twice(pbx, linked, eventually, proof):
    lengths = range(0, len(SUCCESS) + 40, STEP)
    async with linked(pbx) as link:
        for length in lengths:
            trunk = Trunk()
            pbx.behaviours["Originate"] = dials_and_answers_a_part(trunk, length)
            pbx.connections = 0
            try:
                answer = await commands.originate(link, **CLICK)
                assert answer.get("Message") == "Originate successfully queued"
            except OutcomeUnknown:
                assert length < len(SUCCESS) + 60
            await eventually(lambda: pbx.connections and link.state.status == "connected")
            await link.ask({"Action": "Ping"})
            assert trunk.calls == 1
    proof.tried(len(lengths), of="cuts of the answer")


@pytest.mark.bar(15)
async def test_a_cut_after_any_byte_of_the_action_dials_at_most_once(
    pbx, linked, eventually, proof
):
    """The PBX reads only a part of the action, then the connection is gone."""
    trunk = Trunk()
    outcomes = []
    limit = 0

    def cut_when_enough(peer, data):
        if b"Action: Originate" in bytes(peer.heard):
            whole = bytes(peer.heard)
            del peer.heard[min(limit, len(whole)) :]
            trunk.calls += peer.heard.endswith(b"\r\n\r\n")
            peer.heard.clear()
            peer.cut()

    pbx.on_bytes = cut_when_enough
    async with linked(pbx) as link:
        for limit in range(0, 260, STEP):  # noqa: B007  # read by the function above
            trunk.calls, pbx.connections = 0, 0
            with pytest.raises((OutcomeUnknown, NotConnected)) as caught:
                await commands.originate(link, **CLICK)
            outcomes.append(type(caught.value))
            await eventually(lambda: pbx.connections and link.state.status == "connected")
            await link.ask({"Action": "Ping"})
            assert trunk.calls <= 1
    assert set(outcomes) == {OutcomeUnknown}
    proof.tried(len(outcomes), of="cuts of the action")


async def test_without_a_link_nothing_is_dialled_and_the_caller_knows(pbx, linked, eventually):
    async with linked(pbx, retry_first=30.0, retry_cap=30.0) as link:
        pbx.cut()
        await eventually(lambda: link.state.status == "down")
        with pytest.raises(NotConnected, match="closed the connection"):
            await commands.originate(link, **CLICK)
    assert not pbx.named("Originate")


async def test_an_answer_that_does_not_come_is_unknown_and_not_asked_again(pbx, linked):
    async with linked(pbx) as link:
        with pytest.raises(OutcomeUnknown):
            await link.ask({"Action": "Originate", "Channel": "PJSIP/101"}, timeout=0.05)
        await link.ask({"Action": "Ping"})
    assert len(pbx.named("Originate")) == 1
