"""The tracker: all the way from bytes to calls, and what a call costs while many are up."""

import asyncio
import gc
import logging
import re
import tempfile
import time
from pathlib import Path

import structlog

from bench import ami_dispatch
from bench.journal import APART, MOST_WAITING, PBX, PHONES, REPETITIONS, STORY, _later, _row
from pbx_bridge.ami import Link
from pbx_bridge.ami.message import Message
from pbx_bridge.ami.protocol import Protocol
from pbx_bridge.config import AmiConfig
from pbx_bridge.journal import Journal, Writer
from pbx_bridge.tracker import Tracker
from pbx_bridge.translate import INTERESTS, translate
from storage.secrets import new_key
from web import pauses

CALLS = 400
UP = (10, 100, 1000)
CHUNK = 4096  # bytes of a read
UP_UNTIL = b"Event: BridgeEnter"
PHONE = re.compile(rb"PJSIP/(10[1-3])(?=\D)")
BRIDGE = re.compile(rb"BridgeUniqueid: ([0-9a-f-]+)")


def run() -> list[dict]:
    """Measure both."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    once = [raw for raw in STORY.read_bytes().split(b"\r\n\r\n") if raw.startswith(b"Event: ")]
    return [*through(once), *crowds(once)]


def through(once: list[bytes]) -> list[dict]:
    """Events per second of CPU beside plain panoramisk, which does nothing with them."""
    raws = [raw for number in range(CALLS) for raw in _later(once, number * APART)]
    whole = b"".join(raw + b"\r\n\r\n" for raw in raws)
    chunks = [whole[at : at + CHUNK] for at in range(0, len(whole), CHUNK)]
    plain, told = [], []
    for _ in range(REPETITIONS):
        gc.collect()
        begun = time.process_time()
        assert ami_dispatch.plain(chunks) > 0
        plain.append(len(raws) / (time.process_time() - begun))
        with tempfile.TemporaryDirectory() as folder:
            told.append(len(raws) / asyncio.run(_told(chunks, Path(folder))))
    floor = max(plain)
    name = "Events through reader, journal and tracker"
    return [_row(name, len(raws), max(told), "events/s", floor)]


async def _told(chunks: list[bytes], folder: Path) -> float:
    """Seconds of CPU of the process until every call is told and everything is on the disk."""
    journal = Journal(Writer(folder / "j", PBX, [new_key()], days=36500))
    config = AmiConfig(username="bench", secret="bench")
    link = Link(config, interests=INTERESTS, tap=lambda raws, at: journal.hear(*raws, at=at))
    protocol = Protocol(link.config, link._ear)  # noqa: SLF001  # a link without its network
    protocol.connection_made(ami_dispatch.Wire())
    protocol.data_received(b"Asterisk Call Manager/11.0.0\r\n")
    tracker = Tracker(PBX, PHONES)
    listener = asyncio.create_task(_listen(link, tracker))
    begun = time.process_time()
    for chunk in chunks:
        protocol.data_received(chunk)
        await asyncio.sleep(0)
        if journal.waiting > MOST_WAITING:
            await asyncio.to_thread(journal.flush, 60)
    await link.close()
    assert await listener == CALLS
    assert not tracker.calls
    assert await asyncio.to_thread(journal.close, 60)
    assert journal.lost == 0
    return time.process_time() - begun


async def _listen(link: Link, tracker: Tracker) -> int:
    """Tell every event to the tracker; return how many calls there were."""
    calls = set()
    async for heard in link.listen():
        event = translate(heard) if isinstance(heard, Message) else None
        if event is not None:
            tracker.feed(event)
            calls.update(tracker.calls.keys())
    return len(calls)


def crowds(once: list[bytes]) -> list[dict]:
    """Microseconds of a whole call while so many others talk; it must not grow with them."""
    thresholds = gc.get_threshold()
    gc.set_threshold(pauses.YOUNG, pauses.OLDER, pauses.NEVER)  # as the server does
    try:
        costs = [_cost(once, up) for up in UP]
    finally:
        gc.set_threshold(*thresholds)
    floor = costs[0]
    return [
        _row(f"Tracker: a call while {up:,} are up", CALLS, cost, "µs", floor)
        for up, cost in zip(UP, costs, strict=True)
    ]


def _cost(once: list[bytes], up: int) -> float:
    talking = max(n for n, raw in enumerate(once) if raw.startswith(UP_UNTIL)) + 1
    costs = []
    for _ in range(REPETITIONS):
        numbers = [f"{phone}{number}" for phone in (101, 102, 103) for number in range(up + CALLS)]
        tracker = Tracker(PBX, {f"PJSIP/{number}": number for number in numbers})
        for number in range(up):
            _feed(tracker, _messages(once[:talking], number))
        assert len(tracker.calls) == up
        played = [_messages(once, up + number) for number in range(CALLS)]
        gc.collect()
        begun = time.process_time()
        for messages in played:
            _feed(tracker, messages)
        costs.append((time.process_time() - begun) / CALLS * 1e6)
        assert len(tracker.calls) == up
    return min(costs)


def _messages(once: list[bytes], number: int) -> list[Message]:
    """The story once more, later, in a bridge and at phones of its own."""
    room = BRIDGE.search(b"\r\n".join(once))
    assert room is not None
    raws = _later(once, number * APART)
    raws = (raw.replace(room[1], b"%08x" % number + room[1][8:]) for raw in raws)
    return [Message(PHONE.sub(rb"PJSIP/\g<1>%d" % number, raw), 0.0) for raw in raws]


def _feed(tracker: Tracker, messages: list[Message]) -> None:
    for message in messages:
        event = translate(message)
        if event is not None:
            tracker.feed(event)


if __name__ == "__main__":
    for line in run():
        print(f"{line['name']:48} {line['value']:>12,} {line['unit']:10} {line['ratio']}")
