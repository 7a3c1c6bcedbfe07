"""Free loopback ports, below those that the kernel gives to whoever connects out.

A port is used a while after it is given, so that several processes which play at once must not be
given the same one: each claims blocks of ports by locking a file, and holds them until it ends.
"""

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path

_SINGLE = range(10_200, 16_000)  # Chromium refuses 10080
_SIPP_SOUND = range(16_000, 28_000, 40)
_PBX_SOUND = range(28_000, 32_400, 400)
_BLOCKS = 20  # that a range is cut into
_MOST_BLOCKS = 5  # that one process claims, so that four can play at once
_MOST_SOUNDS = 2
# SIPp insists on its first sound port and the one two above it.
_NEEDED_AT_ONCE = 4
_claimed: dict[tuple[int, int], int] = {}  # where a block begins and ends → its open lock
_sounds: dict[int, int] = {}  # first ports of ranges → their locks, the longest ago first
_given: dict[int, None] = {}  # the longest ago first


def free_ports(count: int) -> list[int]:
    """Return ports that nobody holds now, neither by TCP nor by UDP, and that we gave to nobody."""
    return [_free(_SINGLE, 1) for _ in range(count)]


def free_sipp_sound() -> int:
    """Return the first of forty ports for the sound of one SIPp."""
    return _free(_SIPP_SOUND, _NEEDED_AT_ONCE)


def pbx_sound() -> tuple[int, int]:
    """Return the ends of a range for an Asterisk's sound; two that play at once share none."""
    fresh = random.sample(_PBX_SOUND, len(_PBX_SOUND)) if len(_sounds) < _MOST_SOUNDS else []
    locks = ((start, _locked(start)) for start in fresh if start not in _sounds)
    first, lock = next((one for one in locks if one[1] is not None), (0, None))
    if lock is None:  # what was given longest ago is given again
        if not _sounds:
            raise OSError("no range of ports for an Asterisk's sound is free")
        first = next(iter(_sounds))
        lock = _sounds.pop(first)
    _sounds[first] = lock
    return first, first + _PBX_SOUND.step - 1


def _free(candidates: range, needed: int) -> int:
    ours = [port for port in candidates if any(a <= port < b for a, b in _claimed)]
    fresh = [port for port in ours if port not in _given]
    found = next((port for port in fresh if _are_free(port, needed)), None)
    claimed = sum(start in candidates for start, _ in _claimed)
    if found is None and claimed < _MOST_BLOCKS and _claim(candidates):
        return _free(candidates, needed)
    # A long-lived process may have given all of its own: what was given longest ago is given again,
    # and counts as given last, since one PBX asks for many before it listens on the first.
    if found is None:
        again = (port for port in _given if port in candidates)
        found = next((port for port in again if _are_free(port, needed)), None)
    if found is None:
        raise OSError(f"no port between {candidates.start} and {candidates.stop} is free")
    _given.pop(found, None)
    _given[found] = None
    return found


def _claim(candidates: range) -> bool:
    """Claim one more block that no other process has claimed; tell whether there was one."""
    length = (candidates.stop - candidates.start) // _BLOCKS
    starts = range(candidates.start, candidates.stop, length)
    for start in random.sample(starts, len(starts)):
        block = (start, start + length)
        if block not in _claimed and (lock := _locked(start)) is not None:
            _claimed[block] = lock
            return True
    return False


def _locked(start: int) -> int | None:
    folder = Path(tempfile.gettempdir()) / "ringbook-lab-ports"
    folder.mkdir(exist_ok=True)
    lock = os.open(folder / str(start), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock


def _are_free(port: int, needed: int) -> bool:
    return all(_is_free(port + offset) for offset in range(needed))


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
