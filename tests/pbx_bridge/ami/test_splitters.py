"""The stream may come in any pieces: the messages are the same, and memory is bounded."""

import asyncio
import os
import random
from pathlib import Path

import pytest

from pbx_bridge.ami import LinkTrouble, LinkUp, Message
from pbx_bridge.ami.splitter import Splitter

CAPTURE = Path(__file__).parents[2] / "streams" / "queue_ringall_asterisk_22.ami"
IN_FULL = "RINGBOOK_PROVE" in os.environ
HELLO = b"Asterisk Call Manager/9.0.0\r\n"
NAMES = [
    *("Пётр Ирина", "李小龙", "😀😀", "\u202eאבג", "a\x00b", "x" * 1000, "Zoë O'Brien"),
    b"M\xfcller",
]


def splitter(**changes):
    return Splitter(**{"max_message": 1 << 20, "max_line": 1 << 18, "max_headers": 4096, **changes})


def stream_of_names():
    events = [
        b"Event: Newchannel\r\nCallerIDName: "
        + (name if isinstance(name, bytes) else name.encode())
        + b"\r\nUniqueid: 1"
        for name in NAMES
    ]
    return HELLO + b"\r\n\r\n".join(events) + b"\r\n\r\n", events


@pytest.mark.bar(2)
def test_a_stream_cut_in_two_at_any_byte_gives_the_same_messages(proof):
    stream, events = stream_of_names()
    for cut in range(len(stream) + 1):
        reader = splitter()
        assert reader.feed(stream[:cut]) + reader.feed(stream[cut:]) == events
        assert reader.greeting == "Asterisk Call Manager/9.0.0"
    proof.tried(len(stream) + 1, of="cuts")


def test_a_captured_stream_byte_by_byte_gives_the_same_messages():
    stream = CAPTURE.read_bytes() if IN_FULL else CAPTURE.read_bytes()[:30_000]
    greeting, _, rest = stream.partition(b"\r\n")
    if not greeting.startswith(b"Asterisk"):
        greeting, rest = HELLO.strip(), stream
    whole = splitter().feed(greeting + b"\r\n" + rest)
    reader = splitter()
    single = [b for byte in greeting + b"\r\n" + rest for b in reader.feed(bytes([byte]))]
    assert single == whole
    assert len(whole) > 50


@pytest.mark.parametrize("seed", range(20 if not IN_FULL else 2000))
def test_a_captured_stream_in_random_pieces_gives_the_same_messages(seed):
    chance = random.Random(seed)
    stream = HELLO + CAPTURE.read_bytes().partition(b"\r\n")[2]
    reader, pieces, at = splitter(), [], 0
    while at < len(stream):
        size = chance.choice([1, 2, 3, 7, 100, 5000])
        pieces += reader.feed(stream[at : at + size])
        at += size
    assert pieces == splitter().feed(stream)


def feed_in_pieces(reader, stream, size):
    for at in range(0, len(stream), size):
        reader.feed(stream[at : at + size])


@pytest.mark.bar(2)
async def test_every_name_arrives_whole_wherever_the_stream_is_cut(
    pbx, linked, eventually, seeded, seed, proof
):
    _, events = stream_of_names()
    stream = b"\r\n\r\n".join(events) + b"\r\n\r\n"
    heard, rounds = [], 60 if not IN_FULL else 1000
    async with linked(pbx, heard=heard, encoding="latin-1"):
        for _ in range(rounds):
            cut = seeded.randrange(1, len(stream))
            pbx.say(stream[:cut])
            await asyncio.sleep(0.001)  # so that the kernel does not join the pieces
            pbx.say(stream[cut:])
    names = [m.get("CallerIDName") for m in heard if isinstance(m, Message)]
    wanted = [name if isinstance(name, str) else name.decode("latin-1") for name in NAMES]
    assert names == wanted * rounds
    proof.tried(len(names), of="names", seed=seed)
    assert isinstance(heard[0], LinkUp)


@pytest.mark.parametrize(
    ("stream", "cause"),
    [
        pytest.param(b"HTTP/1.1 400 Bad Request\r\n\r\n", "not_asterisk", id="a web server"),
        pytest.param(b"\xff\x00junk" + HELLO, "not_asterisk", id="junk before the greeting"),
        pytest.param(b"Asterisk Call Manager" + b"9" * 300, "not_asterisk", id="endless greeting"),
        pytest.param(
            HELLO + b"Event: X\r\nA: " + b"x" * (1 << 22), "too_big_line", id="4 MiB line"
        ),
        pytest.param(HELLO + b"A: b\r\n" * 300_000, "too_big_message", id="endless message"),
        pytest.param(
            HELLO + b"A: b\r\n" * 5000 + b"\r\n\r\n", "too_big_headers", id="5,000 headers"
        ),
        pytest.param(
            HELLO + b"A: " + b"x" * 300_000 + b"\r\n\r\n", "too_big_line", id="a whole long line"
        ),
        pytest.param(
            HELLO + (b"A: " + b"x" * 1000 + b"\r\n") * 1100 + b"\r\n",
            "too_big_message",
            id="a whole long message",
        ),
    ],
)
@pytest.mark.parametrize("piece", [1 << 16, 1 << 23])
def test_what_no_asterisk_sends_is_refused_by_name(stream, cause, piece):
    with pytest.raises(LinkTrouble) as caught:
        feed_in_pieces(splitter(), stream, piece)
    assert caught.value.trouble.name == cause
    assert caught.value.trouble.why.endswith(".")


def test_a_greeting_may_come_byte_by_byte_and_anything_else_is_seen_at_once():
    reader = splitter()
    for byte in HELLO[:-1]:
        assert reader.feed(bytes([byte])) == []
        assert reader.greeting is None
    assert reader.feed(b"\nEvent: X\r\n\r\n") == [b"Event: X"]
    with pytest.raises(LinkTrouble):
        splitter().feed(b"x")
