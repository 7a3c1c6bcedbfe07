"""A PBX that keeps calling until SIGTERM or Ctrl-C: `python -m lab.demo`."""

import argparse
import asyncio
import contextlib
import json
import random
import signal
import sys
from pathlib import Path

from lab import layout, sipp
from lab.folders import Unavailable
from lab.pbx import Pbx

_ANSWER_SECONDS = {layout.Kind.RINGALL: (3.0, 7.0), layout.Kind.HUNTING: (1.0, 4.0)}
_TALK_SECONDS = (10, 40)
_IMPATIENT_SECONDS = (1, 4)
_IMPATIENT_SHARE = 0.2
_PAUSE_SECONDS = (4, 12)
_AT_ONCE = 3
_QUEUES = 2
NUMBERS = ("+442071230021", "+442071230022", "030 1230023", "+33142680024", "+12125550025")


async def demo(numbers: list[str], report: Path | None, stop: asyncio.Event) -> None:
    """Start an Asterisk 22 with phones and callers, say how to reach it, and go on until `stop`."""
    async with Pbx(22) as pbx, contextlib.AsyncExitStack() as phones:
        queues = layout.queues()[:_QUEUES]
        for queue in queues:
            for agent in queue.agents:
                wait = random.uniform(*_ANSWER_SECONDS[queue.kind])
                await phones.enter_async_context(sipp.phone(pbx, agent, answers_after=wait))
        _tell(pbx, report)
        calls = [asyncio.create_task(_keep_calling(pbx, queues, numbers)) for _ in range(_AT_ONCE)]
        ending = asyncio.create_task(stop.wait())
        await asyncio.wait([ending, *calls], return_when=asyncio.FIRST_COMPLETED)
        for call in (ending, *calls):
            call.cancel()
        await asyncio.gather(ending, *calls, return_exceptions=True)
        await pbx.cli("channel request hangup all")
        await pbx.idle()


async def _keep_calling(pbx: Pbx, queues: list[layout.Queue], numbers: list[str]) -> None:
    while True:
        await asyncio.sleep(random.uniform(*_PAUSE_SECONDS))
        impatient = random.random() < _IMPATIENT_SHARE
        talk = random.uniform(*(_IMPATIENT_SECONDS if impatient else _TALK_SECONDS))
        number, queue = random.choice(numbers), random.choice(queues)
        # A caller who meets a refusal is part of the picture; the next one calls all the same.
        with contextlib.suppress(sipp.ScenarioFailed):
            digits = number.replace(" ", "")
            await sipp.caller(pbx, number=digits, dial=queue.number, hang_up_after=talk)


def _tell(pbx: Pbx, report: Path | None) -> None:
    queues = layout.queues()[:_QUEUES]
    text = json.dumps(
        {
            "version": pbx.version,
            "host": pbx.host,
            "port": pbx.port,
            "tls_port": pbx.ports.ami_tls,
            "username": pbx.username,
            "secret": pbx.secret,
            "monitor_as_pbx_names_it": pbx.monitor_as_pbx_names_it,
            "monitor": str(pbx.monitor),
            "cdr_csv": str(pbx.cdr_csv),
            "cel_csv": str(pbx.cel_csv),
            "queue_log": str(pbx.queue_log),
            "queues": {queue.name: queue.agents for queue in queues},
        }
    )
    if report is None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
        return
    unfinished = report.with_name(f"{report.name}.unfinished")
    unfinished.touch(mode=0o600)
    unfinished.write_text(text, encoding="utf-8")
    unfinished.rename(report)


async def _main() -> None:
    parser = argparse.ArgumentParser(prog="lab.demo", description=__doc__)
    parser.add_argument("--numbers", type=Path, help="a file with one caller's number a line")
    parser.add_argument("--report", type=Path, help="where to write how to reach the PBX, as JSON")
    options = parser.parse_args()
    numbers = list(NUMBERS)
    if options.numbers is not None:
        numbers = options.numbers.read_text(encoding="utf-8").split("\n")
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    await demo([number.strip() for number in numbers if number.strip()], options.report, stop)


if __name__ == "__main__":
    try:
        asyncio.run(_main())
    except Unavailable as reason:
        sys.exit(f"The demo's PBX cannot run here: {reason}")
