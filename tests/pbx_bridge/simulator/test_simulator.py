"""The simulated PBX speaks as a real one does: the link and the tracker take its word."""

import asyncio
import wave
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from pbx_bridge import commands, translate
from pbx_bridge.ami import Link, Message, NotConnected
from pbx_bridge.call import Call, CallResult, Direction, OfferEnd, SegmentKind
from pbx_bridge.changes import CallChanged, ImpossibleEvent
from pbx_bridge.config import AmiConfig
from pbx_bridge.simulator import Caller, Phone, Simulator, stories
from pbx_bridge.simulator.channels import escaped
from pbx_bridge.simulator.sound import speak
from pbx_bridge.simulator.stories import Exchange, Story
from pbx_bridge.tracker import Tracker
from pbx_bridge.translate import headers

PBX = UUID(int=7)
ANN, BEN = Phone("101", "Ann"), Phone("102", "Ben")
PHONES = {"PJSIP/101": "101", "PJSIP/102": "102"}
ZOE = Caller("+442071234567", "Zoe")


def told(tell: Callable[[Exchange], Story]) -> Call:
    """Play the story to a tracker without any wire; give the call as it ended."""
    tracker = Tracker(PBX, PHONES)
    calls: dict[UUID, Call] = {}
    at = 1795337634.0
    for step in tell(Exchange(1795337634, "/monitor")):
        at += step.after
        for event in step.events:
            at += 0.001
            lines = [*event[:2], ("Timestamp", f"{at:.6f}"), *event[2:]]
            raw = "".join(f"{key}: {value}\r\n" for key, value in lines).encode()
            known = translate.translate(Message(raw, at))
            for change in tracker.feed(known) if known else ():
                assert not isinstance(change, ImpossibleEvent), change
                if isinstance(change, CallChanged):
                    calls[change.call.id] = change.call
    assert not tracker.calls
    [call] = calls.values()
    return call


def test_a_queue_call_is_answered_by_one_and_taken_from_the_other() -> None:
    call = told(
        lambda exchange: stories.answered_in_queue(
            exchange, ZOE, "sales", (ANN, BEN), dialled="4000", winner=1, ring=3, talk=20
        )
    )
    assert (call.direction, call.result, call.queue) == (
        Direction.INBOUND, CallResult.ANSWERED, "sales",
    )  # fmt: skip
    assert call.number == ZOE.number
    assert {o.extension: o.end for o in call.offers} == {
        "101": OfferEnd.ELSEWHERE,
        "102": OfferEnd.ANSWERED,
    }
    assert call.extension == "102"
    assert call.talk_seconds == pytest.approx(20, abs=0.1)
    [file] = call.recordings
    assert file.path.startswith("/monitor/")


def test_an_abandoned_call_is_missed_by_nobody() -> None:
    call = told(
        lambda exchange: stories.abandoned_in_queue(
            exchange, ZOE, "sales", (ANN, BEN), dialled="4000", patience=9
        )
    )
    assert call.result is CallResult.ABANDONED
    assert {o.end for o in call.offers} == {OfferEnd.CANCELLED}
    assert SegmentKind.QUEUE in {s.kind for s in call.segments}


def test_a_call_to_an_extension_that_rings_out_is_missed() -> None:
    call = told(lambda exchange: stories.to_extension(exchange, ZOE, ANN, ring=12, talk=0))
    assert call.result is CallResult.NO_ANSWER
    assert [o.end for o in call.offers] == [OfferEnd.MISSED]


def test_an_outgoing_call_is_ours_with_their_number() -> None:
    call = told(lambda exchange: stories.outgoing(exchange, ANN, "+4930123456", ring=4, talk=10))
    assert (call.direction, call.number) == (Direction.OUTBOUND, "+4930123456")
    assert [o.outgoing for o in call.offers] == [True]
    assert call.result is CallResult.ANSWERED


@pytest.mark.parametrize("name", ["O'Brien", "a\\b", "\\x3c<b>", 'The "Firm"', "Who?"])
def test_a_name_is_read_as_it_was_given(name: str) -> None:
    assert headers.name(escaped(name)) == name


async def test_our_own_link_logs_in_and_hears_a_story(tmp_path: Path) -> None:
    simulator = Simulator("ringbook", "secret", tmp_path)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(simulator.serving())
        config = AmiConfig(port=simulator.port, username="ringbook", secret="secret")
        link = await stack.enter_async_context(Link(config))
        async with asyncio.timeout(10):
            await link.connected()
            story = stories.to_extension(simulator.exchange, ZOE, ANN, ring=1, talk=2)
            playing = asyncio.create_task(simulator.play(story, speed=50))
            names = []
            async for heard in link.listen():
                if isinstance(heard, Message):
                    names.append(heard.name)
                    assert abs((heard.at - datetime.now(UTC)).total_seconds()) < 60
                if names.count("Hangup") == 2:
                    break
            await playing
    assert names[0] == "Newchannel"
    [recorded] = tmp_path.glob("*.wav")
    with wave.open(str(recorded)) as file:
        assert file.getnframes() / file.getframerate() == pytest.approx(3, abs=0.01)


async def test_the_simulator_answers_what_the_link_asks(tmp_path: Path) -> None:
    simulator = Simulator("ringbook", "secret", tmp_path)
    async with simulator.serving():
        config = AmiConfig(port=simulator.port, username="ringbook", secret="secret")
        async with Link(config) as link, asyncio.timeout(10):
            state = await link.connected()
            assert "simulated" in (state.asterisk or "")
            assert await commands.core_show_channels(link) == []
            assert await commands.queue_status(link) == []


async def test_the_simulator_takes_no_wrong_secret(tmp_path: Path) -> None:
    simulator = Simulator("ringbook", "secret", tmp_path)
    async with simulator.serving():
        config = AmiConfig(port=simulator.port, username="ringbook", secret="wrong")
        result = await commands.probe(config)
        assert not result.ok
        async with Link(config) as link:
            with pytest.raises(NotConnected):
                await commands.core_show_channels(link)


def test_the_same_seed_gives_the_same_sound(tmp_path: Path) -> None:
    for name in ("a", "b"):
        speak(tmp_path / name, 2.5, "seed")
    first, second = ((tmp_path / name).read_bytes() for name in ("a", "b"))
    assert first == second
    assert len(first) == 44 + 2 * 8000 * 2.5
