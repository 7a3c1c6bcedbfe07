"""Streams of callers at an even pace, each with a number of its own: one SIPp for all of them."""

import asyncio
import tempfile
from pathlib import Path

from lab.pbx import Pbx
from lab.ports import free_ports
from lab.sipp import ScenarioFailed, _ended, _ms, _started, _trace

_SECOND = 1000


async def flow(
    pbx: Pbx, *, dial: str, prefix: str, count: int, every: float, gives_up_after: float | None
) -> None:
    """Have `count` callers call `dial`, one every so many seconds, numbered from `prefix` + 1.

    They give up after some seconds, or, without that, are answered and hung up on.
    """
    scenario = "flow_answered" if gives_up_after is None else "flow_gives_up"
    patience = 30.0 if gives_up_after is None else gives_up_after
    values = {"to": dial, "prefix": prefix, "privacy": "none"}
    values |= {"patience_ms": _ms(patience), "talk_ms": _ms(60.0)}
    with tempfile.TemporaryDirectory(prefix="ringbook-sipp-") as folder:
        arguments = (
            *("-p", str(free_ports(1)[0]), "-m", str(count), "-r", "1"),
            *("-rp", str(int(every * _SECOND)), f"127.0.0.1:{pbx.ports.sip}"),
        )
        process = await _started(Path(folder), scenario, values, *arguments)
        try:
            async with asyncio.timeout(count * every + 90.0):
                code = await process.wait()
            if code:
                raise ScenarioFailed(f"{scenario}: SIPp ended with {code}\n{_trace(Path(folder))}")
        finally:
            await _ended(process)
