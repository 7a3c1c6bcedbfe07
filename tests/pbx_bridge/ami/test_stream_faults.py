"""Hostile streams on a real socket: the cause is named, memory is bounded, the link comes back."""

import os
import random
import resource
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from pbx_bridge.ami import Link, LinkDown, Message

CAPTURE = Path(__file__).parents[2] / "streams" / "queue_ringall_asterisk_22.ami"
ROUNDS = 1_000_000 if os.environ.get("RINGBOOK_PROVE") else 4_000
GOOD = b"Event: Hangup\r\nUniqueid: %d\r\n\r\n"
MIB = 1 << 20


def resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


@pytest.mark.bar(12)
@pytest.mark.parametrize(
    ("hostile", "cause"),
    [
        pytest.param([b"A: " + b"x" * MIB] * 4, "too_big_line", id="4 MiB header"),
        pytest.param([b"A: b\r\n" * 5000 + b"\r\n"], "too_big_headers", id="5,000 headers"),
        pytest.param([b"x" * 65536] * 1024, "too_big_line", id="endless line"),
        pytest.param([b"A: b\r\n" * 10_000] * 1024, "too_big_message", id="endless message"),
    ],
)
async def test_memory_stays_bounded_and_the_link_comes_back(
    pbx, linked, eventually, hostile, cause, proof
):
    heard = []
    async with linked(pbx, heard=heard) as link:
        (peer,) = pbx.peers
        before = peak = resident_bytes()
        with suppress(ConnectionError):  # we are cut off, as we should be
            for piece in hostile:
                peer.say(piece)
                await peer.writer.drain()
                peak = max(peak, resident_bytes())
        await eventually(lambda: pbx.connections == 2 and link.state.status == "connected")
        pbx.say(GOOD % 7)
    assert link.counts.troubles[cause] == 1
    assert peak - before < 24 * MIB
    downs = [item for item in heard if isinstance(item, LinkDown)]
    assert [down.cause for down in downs] == [cause, "closed"]
    assert [m.get("Uniqueid") for m in heard if isinstance(m, Message)] == ["7"]
    proof.measured("memory grown by", (peak - before) / MIB, "MiB", at_most=24)
    proof.tried(1, of="hostile streams")


@pytest.mark.bar(12)
@pytest.mark.parametrize(
    ("greeting", "cause"),
    [
        pytest.param(b"junk\x00" + b"Asterisk Call Manager/9.0.0\r\n", "not_asterisk", id="junk"),
        pytest.param(b"220 mail.example ESMTP\r\n", "not_asterisk", id="a mail server"),
        pytest.param(b"Asterisk Call Man", "greeting_cut", id="cut greeting"),
        pytest.param(b"", "greeting_cut", id="closed at once"),
    ],
)
async def test_a_bad_greeting_is_named_and_tried_again(pbx, config_of, eventually, greeting, cause):
    good, pbx.greeting = pbx.greeting, greeting
    async with Link(config_of(pbx)) as link:
        if cause == "greeting_cut":
            await eventually(lambda: pbx.peers)
            pbx.peers[0].writer.close()
        await eventually(lambda: link.state.status == "down")
        assert link.state.cause == cause
        pbx.greeting = good
        await eventually(lambda: link.state.status == "connected" or pbx.cut())


def mutated(block: bytes, chance: random.Random) -> bytes:
    """The message with a few things that a broken or hostile sender might do to it."""
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(block) + 1)
        rubbish = chance.choice(
            [
                b"\x00",
                b"\xff\xfe",
                b":",
                b": ",
                b"\r",
                b"\n",
                b"\r\n",
                b"\r\n\r\n",
                b"Event: ",
                b"\r\nActionID: 1\r\n",
                b"Response: ",
                b"\xd0",
                b"%s%n",
                b"A" * 5000,
                b"\r\n\r\n\r\n",
                b"Response: Success\r\nActionID: \r\n",
                b"EventList: Complete",
            ]
        )
        kind = chance.randrange(4)
        if kind == 0:
            block = block[:at] + rubbish + block[at:]
        elif kind == 1:
            block = block[:at] + block[at + chance.randint(1, 30) :]
        elif kind == 2:
            block = block[:at] + bytes([chance.randrange(256)]) + block[at + 1 :]
        else:
            block = block[at:] + block[:at]
    return block


@pytest.mark.bar(3)
@pytest.mark.timeout(3600)
async def test_mutated_messages_never_cost_the_link_nor_the_next_event(
    pbx, linked, eventually, seeded, seed, proof
):
    blocks = CAPTURE.read_bytes().split(b"\r\n\r\n")
    heard = []
    async with linked(pbx, heard=heard) as link:
        for first in range(0, ROUNDS, 200):
            numbers = range(first, first + 200)
            for n in numbers:
                pbx.say(mutated(seeded.choice(blocks), seeded) + b"\r\n\r\n" + GOOD % n)
            last = GOOD.strip() % numbers[-1]
            await eventually(partial(ends_with, heard, last))
            messages = [item for item in heard if isinstance(item, Message)]
            came = iter([message.get("Uniqueid") for message in messages])
            assert all(str(n) in came for n in numbers)  # each good event, in its order
            assert all(read_whole(message) for message in messages)
            heard.clear()
        assert (await link.ask({"Action": "Ping"})).success
        assert link.counts.faults == 0
    assert pbx.connections == 1
    proof.tried(ROUNDS, of="mutated messages", seed=seed)


def ends_with(heard, raw):
    return bool(heard) and isinstance(heard[-1], Message) and heard[-1].raw == raw


def read_whole(message):
    """Everything that can be asked of a message; none of it may raise."""
    return message.name, message.at, message.headers(), message.output(), message.get("Channel")
