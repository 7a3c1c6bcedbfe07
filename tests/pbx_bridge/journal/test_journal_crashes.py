"""A journal survives its writer: killed at any point, with any tail torn."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pbx_bridge.journal import Kind
from pbx_bridge.journal.writers import UNSEEN

KILLS = 100 if os.environ.get("RINGBOOK_PROVE") else 6
WRITER = """
import sys, time
from pathlib import Path
from uuid import UUID
from pbx_bridge.journal import Journal, Writer
folder, key = Path(sys.argv[1]), sys.argv[2]
writer = Writer(folder, UUID(int=7), [key], days=30, volume_bytes=200_000)
journal = Journal(writer, group_seconds=0.005)
for number in range(1_000_000):
    n = journal.hear(b"Event: X\\r\\nNumber: %d\\r\\nUniqueid: 1.%d" % (number, number))
    if number % 50 == 49:
        assert journal.flush()
        print(n, flush=True)
"""
Say = Callable[..., bytes]


def written_until_killed(folder: Path, key: str, wait: float) -> int:
    """Write in a process that is killed after a while; the last number it had on the disk."""
    command = [sys.executable, "-c", WRITER, str(folder), key]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        first = process.stdout.readline()  # it is at work
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().splitlines(keepends=True)
    whole = [line for line in (first, *rest) if line.endswith(b"\n")]
    return int(whole[-1])


@pytest.mark.timeout(900)
def test_what_was_on_the_disk_survives_a_kill_and_no_number_comes_twice(desk: Any) -> None:
    chance = random.Random(20261122)
    promised = []
    for _ in range(KILLS):
        promised.append(written_until_killed(desk.folder, desk.keys[0], chance.uniform(0, 0.2)))
        numbers = [entry.n for entry in desk.entries()]
        assert promised[-1] in numbers
        assert numbers == sorted(set(numbers))
    begun = [entry.n for entry in desk.entries(Kind.BEGAN)]
    assert len(begun) == KILLS
    for last, first in zip(promised, begun[1:], strict=False):
        assert first > last + UNSEEN - 1
    assert desk.reader().troubles == []


def test_between_a_beginning_and_a_kill_nothing_is_missing(desk: Any) -> None:
    last = written_until_killed(desk.folder, desk.keys[0], 0.1)
    desk.keep()
    run = [entry for entry in desk.entries(Kind.MESSAGE) if entry.n <= last]
    assert [entry.n for entry in run] == list(range(2, last + 1))
    told = [int(entry.raw.split(b"Number: ")[1].split(b"\r\n")[0]) for entry in run]
    assert told == list(range(len(run)))


@pytest.mark.parametrize("kept", [0.0, 0.01, 0.3, 0.7, 0.99])
def test_a_torn_tail_is_cut_at_the_last_whole_block(desk: Any, say: Say, kept: float) -> None:
    journal = desk.journal()
    journal.hear(say("1.1"))
    assert journal.flush()
    (path,) = desk.files()
    whole = path.stat().st_size
    journal.hear(say("1.2"))
    journal.close()
    raw = path.read_bytes()
    torn = int((len(raw) - whole) * kept)
    path.write_bytes(raw[: whole + torn])
    assert desk.messages() == [say("1.1")]
    again = desk.journal()
    assert again.counts.torn == torn
    assert path.stat().st_size == whole
    again.hear(say("1.3"))
    again.close()
    assert desk.messages() == [say("1.1"), say("1.3")]


def test_zeros_that_a_power_cut_left_are_a_torn_tail(desk: Any, say: Say) -> None:
    desk.keep(say("1.1"))
    (path,) = desk.files()
    with path.open("ab") as file:
        file.write(bytes(4096))
    journal = desk.journal()
    assert journal.counts.torn == 4096
    assert desk.messages() == [say("1.1")]


def test_damage_in_the_middle_costs_its_block_and_is_told(desk: Any, say: Say) -> None:
    journal = desk.journal()
    borders = []
    for number in range(3):
        journal.hear(say(f"1.{number}"))
        journal.flush()
        borders.append(desk.files()[0].stat().st_size)
    journal.close()
    (path,) = desk.files()
    raw = bytearray(path.read_bytes())
    raw[borders[0] : borders[0] + 8] = bytes(8)
    path.write_bytes(raw)
    desk.keep(say("1.3"))
    reader = desk.reader()
    left = [entry.raw for entry in reader.entries() if entry.kind is Kind.MESSAGE]
    assert left == [say("1.0"), say("1.2"), say("1.3")]
    assert "are no block" in reader.troubles[0]


def test_a_volume_without_a_whole_block_is_as_if_it_never_was(desk: Any, say: Say) -> None:
    last = desk.keep(say("1.1"))[-1]
    empty = desk.folder / f"2026-11-22.{last + 50:020d}.journal"
    empty.write_bytes(b"RB")
    assert desk.keep(say("1.2"))[0] == last + 3
    assert not empty.exists()
