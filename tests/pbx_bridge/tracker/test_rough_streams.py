"""However the bytes are cut, swapped, doubled or dated: the captured calls are told the same."""

import os
import random
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lab.tellings import Telling, tell
from pbx_bridge.ami.message import Message
from pbx_bridge.ami.splitter import Splitter
from pbx_bridge.call import Call
from pbx_bridge.translate import translate

STREAMS = Path(__file__).parents[2] / "streams"
NAMES = sorted(path.stem for path in STREAMS.glob("*_asterisk_*.ami"))
SEEDS = range(50 if os.environ.get("RINGBOOK_PROVE") else 3)
END = b"\r\n\r\n"
LATEST_SWAP = timedelta(milliseconds=500)
STAMP = re.compile(rb"Timestamp: ([0-9.]+)")


def messages_of(name: str) -> list[bytes]:
    return [raw for raw in (STREAMS / f"{name}.ami").read_bytes().split(END) if raw]


def play(stage: Any, messages: list[bytes]) -> Any:
    for raw in messages:
        event = translate(Message(raw, 0.0)) if raw.startswith(b"Event: ") else None
        if event is not None:
            stage.feed(event)
    return stage


def calls_of(stage: Any) -> list[Call]:
    ids = dict.fromkeys(stage.tracker.call(change.call.id).id for change in stage.ends)
    return [stage.tracker.call(call) for call in ids]


def tellings_of(stage: Any) -> list[tuple[str, str, str, Telling]]:
    """What was told of the calls, whichever of them ended first."""
    assert not stage.tracker.calls
    return sorted(
        (call.number, call.name, call.dialled, tell(call, sorted(phones_of(call))))
        for call in calls_of(stage)
    )


def phones_of(call: Call) -> set[str]:
    return {leg.extension for leg in call.legs if leg.extension}


def at(raw: bytes) -> datetime:
    found = STAMP.search(raw)
    return datetime.fromtimestamp(float(found[1]) if found else 0.0, UTC)


def a_tenth(messages: list[bytes], chance: random.Random) -> list[int]:
    """Places for a tenth of the messages, from the last to the first."""
    places = range(len(messages) - 1)
    return sorted(chance.sample(places, max(1, len(messages) // 10)), reverse=True)


def swapped(messages: list[bytes], chance: random.Random) -> list[bytes]:
    """Let every tenth message overtake the one before it, if that is not long ago."""
    mixed = list(messages)
    for place in a_tenth(messages, chance):
        if abs(at(mixed[place + 1]) - at(mixed[place])) <= LATEST_SWAP:
            mixed[place : place + 2] = mixed[place + 1], mixed[place]
    return mixed


def doubled(messages: list[bytes], chance: random.Random) -> list[bytes]:
    """Let every tenth message come twice."""
    twice = list(messages)
    for place in a_tenth(messages, chance):
        twice.insert(place, twice[place])
    return twice


@pytest.mark.bar(2)
@pytest.mark.parametrize("name", NAMES)
def test_a_stream_that_is_cut_anywhere_gives_the_same_calls(
    name: str, played: Any, new_stage: Any
) -> None:
    chance = random.Random(name)
    stream = b"Asterisk Call Manager/9.0.0\r\n" + (STREAMS / f"{name}.ami").read_bytes()
    splitter = Splitter(max_message=1 << 20, max_line=1 << 16, max_headers=1000)
    messages = []
    while stream:
        length = chance.choice((1, 2, 3, 5, 7, 61, 1021, 4093))
        messages += splitter.feed(stream[:length])
        stream = stream[length:]
    assert play(new_stage(), messages).changes == played(name).changes


@pytest.mark.bar(10)
@pytest.mark.parametrize("name", NAMES)
def test_neighbours_that_change_places_give_the_same_calls(
    name: str, new_stage: Any, proof: Any
) -> None:
    messages = messages_of(name)
    straight = tellings_of(play(new_stage(), messages))
    mixes = [swapped(messages, random.Random(seed)) for seed in SEEDS]
    assert any(mixed != messages for mixed in mixes)
    for seed, mixed in enumerate(mixes):
        assert tellings_of(play(new_stage(), mixed)) == straight, seed
    proof.tried(len(mixes), of="streams with neighbours swapped")


@pytest.mark.bar(10)
@pytest.mark.parametrize("name", NAMES)
def test_messages_that_come_twice_give_the_same_calls(
    name: str, new_stage: Any, proof: Any
) -> None:
    messages = messages_of(name)
    straight = tellings_of(play(new_stage(), messages))
    for seed in SEEDS:
        chance = random.Random(seed)
        twice = doubled(swapped(messages, chance), chance)
        assert len(twice) > len(messages)
        assert tellings_of(play(new_stage(), twice)) == straight, seed
    proof.tried(len(SEEDS), of="streams with a tenth twice")


@pytest.mark.parametrize("name", NAMES)
def test_a_call_that_crosses_midnight_is_one_call_of_the_same_length(
    name: str, played: Any, new_stage: Any
) -> None:
    stage = played(name)
    call = calls_of(stage)[0]
    middle = call.started_at + (call.ended_at - call.started_at) / 2
    shift = datetime(2026, 12, 31, tzinfo=UTC) + timedelta(days=1) - middle
    stamped = [
        STAMP.sub(lambda m: b"Timestamp: %.6f" % (float(m[1]) + shift.total_seconds()), raw)
        for raw in messages_of(name)
    ]
    late = play(new_stage(), stamped)
    assert tellings_of(late) == tellings_of(stage)
    other = calls_of(late)[0]
    assert (other.started_at.year, other.ended_at.year) == (2026, 2027)
    assert other.talk_seconds == pytest.approx(call.talk_seconds, abs=0.001)
    assert other.wait_seconds == pytest.approx(call.wait_seconds, abs=0.001)
