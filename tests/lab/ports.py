"""Free loopback ports, below those that the kernel gives to whoever connects out."""

import random
import socket

_SINGLE = range(10_000, 16_000)
_SIPP_SOUND = range(16_000, 28_000, 40)
_PBX_SOUND = range(28_000, 32_400, 400)
# SIPp insists on its first sound port and the one two above it.
_NEEDED_AT_ONCE = 4
_given: set[int] = set()


def free_ports(count: int) -> list[int]:
    """Return ports that nobody holds now, neither by TCP nor by UDP, and that we gave to nobody."""
    return [_free(_SINGLE, 1) for _ in range(count)]


def free_sipp_sound() -> int:
    """Return the first of forty ports for the sound of one SIPp."""
    return _free(_SIPP_SOUND, _NEEDED_AT_ONCE)


def pbx_sound() -> tuple[int, int]:
    """Return the ends of a range for an Asterisk's sound; it passes over ports that are taken."""
    first = random.choice(_PBX_SOUND)
    return first, first + _PBX_SOUND.step - 1


def _free(candidates: range, needed: int) -> int:
    shuffled = random.sample(candidates, len(candidates))
    fresh = [port for port in shuffled if port not in _given]
    # A long-lived process may have given them all: what is free by now may be given again.
    for port in (*fresh, *shuffled):
        if all(_is_free(port + offset) for offset in range(needed)):
            _given.add(port)
            return port
    raise OSError(f"no port between {candidates.start} and {candidates.stop} is free")


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
