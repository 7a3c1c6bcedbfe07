"""The black box: messages through reader and journal, and a long past told again from it."""

import asyncio
import gc
import logging
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from uuid import UUID

import structlog

from bench import ami_dispatch
from bench._rows import line
from pbx_bridge.ami import Link
from pbx_bridge.ami.message import Message
from pbx_bridge.ami.protocol import Protocol
from pbx_bridge.config import AmiConfig
from pbx_bridge.journal import Journal, Kind, Reader, Retelling, Writer, retell
from pbx_bridge.tracker import Tracker
from pbx_bridge.translate import INTERESTS, translate
from storage.secrets import new_key

STREAMS = Path(__file__).parents[1] / "tests" / "streams"
STORY = STREAMS / "ringall_queue_answered_asterisk_22.ami"
CALLS = 20_000
APART = 11  # seconds between two calls
BARE_CALLS = 2_000
REPETITIONS = 3
MOST_WAITING = 50_000
PBX = UUID(int=7)
PHONES = {f"PJSIP/{n}": str(n) for n in range(101, 250)}
EPOCH = re.compile(rb"\b17\d{8}(?=\.\d)")
_row = partial(line, digits=1)


def run(calls: int = CALLS) -> list[dict]:
    """Measure the tap beside plain panoramisk, then the replay beside the bare tracker."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    return [*taps(), *replays(calls)]


def taps() -> list[dict]:
    """Rates of messages per second of CPU: of the loop alone, and with the writing thread."""
    chunks, events = ami_dispatch.stream()
    plain, loop, whole = [], [], []
    for _ in range(REPETITIONS):
        gc.collect()
        begun = time.process_time()
        assert ami_dispatch.plain(chunks) > 0
        plain.append(events / (time.process_time() - begun))
        with tempfile.TemporaryDirectory() as folder:
            on_loop, in_all = asyncio.run(_tapped(chunks, Path(folder)))
        loop.append(events / on_loop)
        whole.append(events / in_all)
    floor = max(plain)
    return [
        _row("Journal: reader and tap, the loop's part", events, max(loop), "events/s", floor),
        _row("Journal: reader, tap and writing thread", events, max(whole), "events/s", floor),
    ]


async def _tapped(chunks: list[bytes], folder: Path) -> tuple[float, float]:
    """Seconds of CPU of the loop's thread, and of the process, until all is on the disk."""
    journal = Journal(Writer(folder / "j", PBX, [new_key()], days=30))
    config = AmiConfig(username="bench", secret="bench")
    link = Link(config, interests=INTERESTS, tap=lambda raws, at: journal.hear(*raws, at=at))
    protocol = Protocol(link.config, link._ear)  # noqa: SLF001  # a link without its network
    protocol.connection_made(ami_dispatch.Wire())
    protocol.data_received(b"Asterisk Call Manager/11.0.0\r\n")
    listener = asyncio.create_task(ami_dispatch.listen(link, ami_dispatch.headers_read()))
    on_loop, in_all = 0.0, time.process_time()
    for chunk in chunks:
        begun = time.thread_time()
        protocol.data_received(chunk)
        await asyncio.sleep(0)
        on_loop += time.thread_time() - begun
        if journal.waiting > MOST_WAITING:
            await asyncio.to_thread(journal.flush, 60)
    await link.close()
    await listener
    assert await asyncio.to_thread(journal.close, 60)
    assert journal.lost == 0
    return on_loop, time.process_time() - in_all


def replays(calls: int) -> list[dict]:
    """Calls per second of wall time from the journal, and how memory grows with them.

    Memory is counted in the interpreter's own blocks: bytes of the process would hide a growth
    below the peak that writing left.
    """
    once = [raw for raw in STORY.read_bytes().split(b"\r\n\r\n") if raw.startswith(b"Event: ")]
    key = new_key()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder, key, once, calls)
        rate, slope = _replayed(Reader(folder, PBX, [key]), calls)
    floor = _bare(once, BARE_CALLS)
    return [
        _row("Journal: calls told again", calls, rate, "calls/s", floor),
        _row("Journal: memory kept per call told again", calls, slope, "blocks", None),
    ]


def _write(folder: Path, key: str, once: list[bytes], calls: int) -> None:
    """Keep so many calls as the PBX would have said them."""
    now = 0.0
    journal = Journal(Writer(folder, PBX, [key], days=3650), clock=lambda: now or time.time())
    journal.phones(PHONES)
    journal.note(Kind.UP)
    for number in range(calls):
        for raw in _later(once, number * APART):
            now = Message(raw, 0.0).at.timestamp()
            journal.hear(raw)
        if journal.waiting > MOST_WAITING:
            assert journal.flush(600)
    assert journal.close(600)
    assert journal.lost == 0


def _later(once: list[bytes], seconds: int) -> Iterator[bytes]:
    def shift(found: re.Match[bytes]) -> bytes:
        return b"%d" % (int(found[0]) + seconds)

    return (EPOCH.sub(shift, raw) for raw in once)


def _replayed(reader: Reader, calls: int) -> tuple[float, float]:
    samples: list[tuple[int, int]] = []
    gc.collect()
    begun = time.perf_counter()
    count = 0
    for count, _ in enumerate(retell(reader.entries(), Retelling(PBX)), 1):
        if count % max(1, calls // 40) == 0:
            samples.append((count, sys.getallocatedblocks()))
    took = time.perf_counter() - begun
    assert count == calls
    return calls / took, _slope(samples[len(samples) // 2 :])


def _bare(once: list[bytes], calls: int) -> float:
    """Calls per second of the tracker alone, from messages that lie in memory."""
    played = [list(_later(once, number * APART)) for number in range(calls)]
    tracker = Tracker(PBX, PHONES)
    begun = time.perf_counter()
    for raws in played:
        for raw in raws:
            event = translate(Message(raw, 0.0))
            if event is not None:
                tracker.feed(event)
    return calls / (time.perf_counter() - begun)


def _slope(samples: list[tuple[int, int]]) -> float:
    """Blocks per call, by least squares."""
    middle = sum(x for x, _ in samples) / len(samples)
    mean = sum(y for _, y in samples) / len(samples)
    spread = sum((x - middle) ** 2 for x, _ in samples)
    return sum((x - middle) * (y - mean) for x, y in samples) / spread


if __name__ == "__main__":
    for each in run():
        print(f"{each['name']:48} {each['value']:>12,} {each['unit']:10} {each['ratio']}")
