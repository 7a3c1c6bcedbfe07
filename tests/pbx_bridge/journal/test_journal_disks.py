"""The disk may stand still, refuse or come back: whoever puts something in never waits."""

import asyncio
import errno
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from pbx_bridge.journal import Bounds, Disk, Kind

Say = Callable[..., bytes]


class StalledDisk(Disk):
    """Writes nothing until it is let go."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.goes = threading.Event()

    def sync(self, handle: int) -> None:
        self.asked.set()
        assert self.goes.wait(30)
        super().sync(handle)


class FullDisk(Disk):
    """Takes half of each write, then refuses, until there is room."""

    def __init__(self) -> None:
        self.is_full = True
        self.refused = threading.Event()

    def write(self, handle: int, raw: bytes, at: int) -> None:
        if self.is_full:
            super().write(handle, raw[: len(raw) // 2], at)
            self.refused.set()
            raise OSError(errno.ENOSPC, "No space left on device")
        super().write(handle, raw, at)


def until(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_disk_that_stands_still_costs_only_what_found_no_room(desk: Any, say: Say) -> None:
    disk = StalledDisk()
    journal = desk.journal(disk=disk, bounds=Bounds(entries=100, size=1 << 20))
    until(disk.asked.is_set)
    numbers = [journal.hear(say(f"1.{number}")) for number in range(500)]
    assert numbers == list(range(numbers[0], numbers[0] + 500))
    assert journal.waiting <= 101
    assert journal.lost == 500 - len([n for n in numbers if n < numbers[0] + 99])
    disk.goes.set()
    assert journal.flush()
    later = journal.hear(say("2.1"))
    assert journal.close()
    (gap,) = desk.entries(Kind.LOST)
    assert gap.facts == {"count": journal.lost}
    kept = [entry.n for entry in desk.entries(Kind.MESSAGE)]
    covered = list(range(gap.n, gap.n + journal.lost))
    assert sorted([*kept, *covered]) == [*numbers, later]


def test_the_bound_counts_bytes_too(desk: Any, say: Say) -> None:
    disk = StalledDisk()
    journal = desk.journal(disk=disk, bounds=Bounds(entries=1000, size=10_000))
    until(disk.asked.is_set)
    for number in range(100):
        journal.hear(say(f"1.{number}", text="x" * 1000))
    assert journal.lost > 80
    disk.goes.set()
    assert journal.close()
    assert len(desk.messages()) == 100 - journal.lost


async def test_the_loop_goes_on_while_the_disk_stands_still(desk: Any, say: Say) -> None:
    disk = StalledDisk()
    journal = await asyncio.to_thread(desk.journal, disk=disk)
    await asyncio.to_thread(until, disk.asked.is_set)
    for number in range(1000):
        journal.hear(say(f"1.{number}"))
        await asyncio.sleep(0)
    assert journal.waiting >= 1000  # all was put although the disk took nothing
    assert not disk.goes.is_set()
    disk.goes.set()
    assert await asyncio.to_thread(journal.close)
    assert len(desk.messages()) == 1000


def test_a_full_disk_is_tried_again_and_leaves_no_rubbish(
    desk: Any, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pbx_bridge.journal.journal.RETRY_SECONDS", 0.01)
    disk = FullDisk()
    journal = desk.journal(disk=disk)
    journal.hear(say("1.1", text="a much longer message that is half written" * 50))
    until(lambda: journal.counts.failures > 3)
    assert journal.trouble == "No space left on device"
    disk.is_full = False
    journal.hear(say("1.2"))
    assert journal.close()
    assert journal.trouble is None
    reader = desk.reader()
    kinds = [entry.kind for entry in reader.entries()]
    assert kinds == [Kind.BEGAN, Kind.MESSAGE, Kind.MESSAGE, Kind.CLOSED]
    assert reader.troubles == []
    assert desk.journal().counts.torn == 0


def test_closing_does_not_wait_for_a_dead_disk(desk: Any, say: Say) -> None:
    disk = StalledDisk()
    journal = desk.journal(disk=disk)
    until(disk.asked.is_set)
    journal.hear(say("1.1"))
    assert not journal.close(within=0.05)
    disk.goes.set()
