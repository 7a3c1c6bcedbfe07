"""List actions: whole, refused, or unknown; never half of one, never pending for ever."""

import asyncio
import os

import pytest

from pbx_bridge.ami import ActionRefused, OutcomeUnknown

ROUNDS = 200 if os.environ.get("RINGBOOK_PROVE") else 5
ASK = {"Action": "QueueStatus"}
PARTS = [
    ("Response: Success", "EventList: start", "Message: Queue status will follow"),
    ("Event: QueueParams", "Queue: sales"),
    ("Event: QueueMember", "Queue: sales", "Name: 101"),
    ("Event: QueueEntry", "Queue: sales", "Position: 1"),
    ("Event: QueueStatusComplete", "EventList: Complete", "ListItems: 3"),
]


def says(parts, *, then_cut):
    def behaviour(peer, action):
        for part in parts:
            peer.answer(action, *part)
        if then_cut:
            peer.writer.close()

    return behaviour


async def test_a_whole_list_is_its_events(pbx, linked):
    pbx.behaviours["QueueStatus"] = says(PARTS, then_cut=False)
    async with linked(pbx) as link:
        events = await link.ask_list(ASK)
    assert [event.name for event in events] == ["QueueParams", "QueueMember", "QueueEntry"]


@pytest.mark.bar(13)
async def test_a_list_cut_at_any_response_is_unknown_and_leaves_no_task(
    pbx, linked, eventually, proof
):
    async with linked(pbx) as link:
        before = len(asyncio.all_tasks())
        for _ in range(ROUNDS):
            for kept in range(len(PARTS)):
                pbx.behaviours["QueueStatus"] = says(PARTS[:kept], then_cut=True)
                pbx.connections = 0
                with pytest.raises(OutcomeUnknown):
                    await link.ask_list(ASK)
                await eventually(lambda: pbx.connections and link.state.status == "connected")
                assert not link._manager.protocol.responses
        await eventually(lambda: len(pbx.peers) == 1)
        assert len(asyncio.all_tasks()) == before
    proof.tried(ROUNDS * len(PARTS), of="cut lists")


async def test_two_lists_at_once_do_not_mix(pbx, linked):
    waiting = []

    def interleaved(peer, action):
        waiting.append(action)
        if len(waiting) == 2:
            for part in PARTS:
                for asked in waiting:
                    peer.answer(asked, *part)

    pbx.behaviours["QueueStatus"] = interleaved
    async with linked(pbx) as link:
        both = await asyncio.gather(link.ask_list(ASK), link.ask_list(ASK))
    ids = [{event.get("ActionID") for event in events} for events in both]
    assert [len(found) for found in ids] == [1, 1]
    assert ids[0] != ids[1]


async def test_a_list_that_asterisk_gives_up_is_refused(pbx, linked):
    cancelled = ("Event: QueueStatusComplete", "EventList: cancelled")
    pbx.behaviours["QueueStatus"] = says([*PARTS[:2], cancelled], then_cut=False)
    async with linked(pbx) as link:
        with pytest.raises(ActionRefused):
            await link.ask_list(ASK)


async def test_a_list_that_never_ends_is_unknown_when_its_time_is_over(pbx, linked):
    pbx.behaviours["QueueStatus"] = says(PARTS[:-1], then_cut=False)
    async with linked(pbx) as link:
        with pytest.raises(OutcomeUnknown, match="not answered"):
            await link.ask_list(ASK, timeout=0.05)
        assert not link._manager.protocol.responses


async def test_a_list_without_bound_is_given_up(pbx, linked):
    pbx.behaviours["QueueStatus"] = says([PARTS[0], *[PARTS[2]] * 50], then_cut=False)
    async with linked(pbx, max_list=1000) as link:
        with pytest.raises(OutcomeUnknown, match="too long"):
            await link.ask_list(ASK)
        assert (await link.ask({"Action": "Ping"})).success
