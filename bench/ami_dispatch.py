"""AMI events from bytes to a handler: the limit, a bare splitter, plain panoramisk, and ours."""

import asyncio
import gc
import logging
import platform
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import structlog
from panoramisk.manager import Manager as PlainManager

from pbx_bridge.ami import Link, Message
from pbx_bridge.ami.protocol import Protocol
from pbx_bridge.config import AmiConfig
from pbx_bridge.translate import INTERESTS

STREAM = Path(__file__).parents[1] / "tests" / "streams" / "queue_ringall_asterisk_22.ami"
EVENTS = 200_000
CHUNK = 64 * 1024
REPETITIONS = 5
HEADERS_READ = 5
SURROUNDINGS = frozenset(  # phones, members and the dialplan's steps: the tracker reads them too
    b"Newexten DeviceStateChange ExtensionStatus QueueMember QueueMemberAdded QueueMemberPause "
    b"QueueMemberStatus QueueMemberRemoved CoreShowChannel CoreShowChannelsComplete".split()
)


class Wire(asyncio.Transport):
    """A transport that leads nowhere: the reader is measured without a network."""

    def is_closing(self) -> bool:
        return False

    def close(self) -> None: ...

    def abort(self) -> None: ...


def run() -> list[dict]:
    """Measure all in turn, a few times over; the best rate of each, in events per second of CPU."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    chunks, events = stream()
    ways: dict[str, Callable] = {
        "count of message ends": count,
        "bare splitter to dict": split,
        "plain panoramisk, one handler": plain,
        "ours, the names that tell a call": told,
        "ours, all names of the tracker": handled,
        "ours, every event read": every,
    }
    rates = {name: [] for name in ways}
    for _ in range(REPETITIONS):
        for name, way in ways.items():
            gc.collect()
            begun = time.process_time()
            heard = way(chunks)
            rates[name].append(events / (time.process_time() - begun))
            assert heard > 0
    return [row(name, events, max(found), rates) for name, found in rates.items()]


def row(name: str, events: int, value: float, rates: dict[str, list[float]]) -> dict:
    """One line of the table: `ratio` is the value over plain panoramisk in the same run."""
    floor = max(rates["plain panoramisk, one handler"])
    bare = max(rates["bare splitter to dict"])
    return {
        "name": f"AMI dispatch: {name}",
        "n": events,
        "value": round(value),
        "unit": "events/s",
        "floor": round(floor),
        "ratio": round(value / floor, 2),
        "ratio_to_bare_splitter": round(value / bare, 2),
        "machine": f"{platform.machine()} {platform.system()} Python {platform.python_version()}",
    }


def stream() -> tuple[list[bytes], int]:
    """The captured events over and over, in pieces as a socket gives them."""
    blocks = [b for b in STREAM.read_bytes().split(b"\r\n\r\n") if b.startswith(b"Event: ")]
    once = b"\r\n\r\n".join(blocks) + b"\r\n\r\n"
    repeated = once * (EVENTS // len(blocks) + 1)
    events = len(blocks) * (EVENTS // len(blocks) + 1)
    return [repeated[at : at + CHUNK] for at in range(0, len(repeated), CHUNK)], events


def count(chunks: list[bytes]) -> int:
    return sum(chunk.count(b"\r\n\r\n") for chunk in chunks)


def split(chunks: list[bytes]) -> int:
    return sum(1 for headers in _dicts(chunks) if headers["Event"])


def _dicts(chunks: list[bytes]) -> Iterator[dict[str, str]]:
    rest = b""
    for chunk in chunks:
        *blocks, rest = (rest + chunk).split(b"\r\n\r\n")
        for block in blocks:
            text = block.decode()
            yield dict(line.split(": ", 1) for line in text.split("\r\n") if ": " in line)


def plain(chunks: list[bytes]) -> int:
    heard = 0

    def handle(_: PlainManager, __: object) -> None:
        nonlocal heard
        heard += 1

    async def feed() -> None:
        manager = PlainManager(loop=asyncio.get_running_loop())
        manager.register_event("*", handle)
        protocol = manager.config["protocol_factory"]()
        protocol.connection_made(Wire())
        protocol.factory = manager
        protocol.encoding = "utf8"
        for chunk in chunks:
            protocol.data_received(chunk)

    asyncio.run(feed())
    return heard


def told(chunks: list[bytes]) -> int:
    return asyncio.run(_ours(chunks, INTERESTS - SURROUNDINGS))


def handled(chunks: list[bytes]) -> int:
    return asyncio.run(_ours(chunks, INTERESTS))


def every(chunks: list[bytes]) -> int:
    return asyncio.run(_ours(chunks, None))


async def _ours(chunks: list[bytes], interests: frozenset[bytes] | None) -> int:
    """The real protocol and link, and a listener that reads five headers of each message."""
    link = Link(AmiConfig(username="bench", secret="bench"), interests=interests)
    protocol = Protocol(link.config, link._ear)  # noqa: SLF001  # a link without its network
    protocol.connection_made(Wire())
    protocol.data_received(b"Asterisk Call Manager/11.0.0\r\n")
    listener = asyncio.create_task(listen(link, headers_read()))
    for chunk in chunks:
        protocol.data_received(chunk)
        await asyncio.sleep(0)
    await link.close()
    return await listener


@cache
def headers_read() -> dict[str, list[str]]:
    """Five headers that an event of each name has, from its beginning, middle and end."""
    reads = {}
    for block in STREAM.read_bytes().split(b"\r\n\r\n"):
        message = Message(block, 0.0)
        names = [name for name, _ in message.headers()][1:]
        reads[message.name] = names[:: max(1, len(names) // HEADERS_READ)][:HEADERS_READ]
    return reads


async def listen(link: Link, reads: dict[str, list[str]]) -> int:
    """Read five headers of every message; the number of messages."""
    heard = 0
    async for message in link.listen():
        if isinstance(message, Message):
            for key in reads[message.name]:
                message.get(key)
            heard += 1
    return heard


if __name__ == "__main__":
    for line in run():
        print(f"{line['name']:48} {line['value']:>10,} {line['unit']}  {line['ratio']:>6}x")
