"""Free loopback ports, below those that the kernel gives to whoever connects out."""

import random
import socket
from collections.abc import Iterator

_FIRST, _LAST = 10_000, 30_000
_taken: set[int] = set()


def free_ports(count: int) -> list[int]:
    """Return ports that nobody holds now, neither by TCP nor by UDP, and that we gave to nobody."""
    candidates = _candidates()
    return [next(candidates) for _ in range(count)]


def free_range(length: int) -> tuple[int, int]:
    """Return the ends of a range for sound; Asterisk itself passes over ports that are taken."""
    first = random.randrange(_LAST, 32_000 - length, 2)
    return first, first + length - 1


def _candidates() -> Iterator[int]:
    while True:
        port = random.randrange(_FIRST, _LAST)
        if port not in _taken and _is_free(port):
            _taken.add(port)
            yield port


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
