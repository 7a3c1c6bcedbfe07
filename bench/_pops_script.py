"""What the pops' benchmark has a PBX say: a captured call, told again as many others."""

import re
import time
from pathlib import Path

from bench import _pops_base as base

STREAM = Path(__file__).parents[1] / "tests" / "streams" / "abandoned_in_queue_asterisk_22.ami"
CAPTURED_CALLER = b"+442071230006"


def acts() -> list[bytes]:
    """The ringing and the hanging up of a captured call."""
    found: list[list[bytes]] = [[]]
    last = 0.0
    for block in STREAM.read_bytes().replace(b"\r\n", b"\n").split(b"\n\n"):
        stamp = re.search(rb"^Timestamp: ([\d.]+)$", block, re.MULTILINE)
        if stamp is None or not block.strip().startswith(b"Event: "):
            continue
        if last and float(stamp[1]) - last > 0.25:
            found.append([])
        last = float(stamp[1])
        found[-1].append(block.strip().replace(b"\n", b"\r\n") + b"\r\n\r\n")
    return [b"".join(act) for act in found]


def told(act: bytes, call: int, screen: int, sizes: base.Sizes) -> bytes:
    """The act as another call, of another customer, at two other phones."""
    caller = base.number_of(call * 7919 % sizes.callers).encode()
    agents = {b"101": screen, b"102": screen + 1}
    now = time.time()

    def uniqueid(found: re.Match[bytes]) -> bytes:
        return b"%s.%d" % (found[1], call * 10 + int(found[2]))

    def channel(found: re.Match[bytes]) -> bytes:
        return b"-%08x" % (call * 10 + int(found[1], 16))

    text = re.sub(rb"\b(17\d{8})\.(\d{1,3})(?=\r)", uniqueid, act)
    text = re.sub(rb"^Timestamp: .*(?=\r)", b"Timestamp: %.6f" % now, text, flags=re.MULTILINE)
    text = re.sub(rb"-(000000\d\d)\b", channel, text).replace(CAPTURED_CALLER, caller)
    for extension, index in agents.items():
        text = re.sub(rb"\b%s\b" % extension, base.extension_of(index).encode(), text)
    return text
