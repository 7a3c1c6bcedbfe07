"""`ringbook demo`: a base with a past and a PBX that keeps calling; its data goes with it."""

import asyncio
import json
import os
import secrets
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import click

from storage.pbxs import Facts
from web import logs
from web.cli.serve import run
from web.config import Settings

PBX_SECONDS = 120  # until a real Asterisk and its phones are up


@dataclass(frozen=True, slots=True)
class DemoPbx:
    """How to reach the PBX of the demo."""

    facts: Facts
    secret: str


@click.command()
@click.option("--pbx", type=click.Choice(["simulated", "asterisk"]), default="simulated",
              help="a simulated PBX, or a real Asterisk in a folder (root, Debian)")  # fmt: skip
@click.option("--port", default=8080, show_default=True, help="of the pages; the socket is next")
@click.option("--speed", default=1.0, help="2: everything simulated goes twice as fast")
def demo(pbx: str, port: int, speed: float) -> None:
    """Show Ringbook with made-up customers and a PBX that keeps calling, until Ctrl-C."""
    logs.set_up("warning", "console")
    with tempfile.TemporaryDirectory(prefix="ringbook-demo-") as folder:
        run(_demo(Path(folder), real=pbx == "asterisk", port=port, speed=speed))


async def _demo(folder: Path, *, real: bool, port: int, speed: float) -> None:
    from storage import startup
    from storage.secrets import SecretBox, new_key
    from web.demo import past
    from web.serving import serving, until_stopped

    settings = Settings(
        secret_key=new_key(), data_dir=folder, port=port, live_port=port + 1,
        public_url=f"http://127.0.0.1:{port}", log_level="warning", log_format="console",
    )  # fmt: skip
    click.echo("Making a base with two weeks of calls …")
    async with (
        _asterisk(folder) if real else _simulated(folder, speed) as pbx,
        startup.opened(settings.database_url, alone=True) as database,
    ):
        box = SecretBox(settings.secret_keys)
        passwords = await past.make(database, box, pbx.facts, pbx.secret)
        async with serving(settings, database=database, aside=True):
            _tell(settings, passwords)
            await until_stopped()
            click.echo("\nGood-bye.")


def _tell(settings: Settings, passwords: dict[str, str]) -> None:
    click.echo(f"\n  Ringbook is on {settings.public_url}   (Ctrl-C ends it)\n")
    roles = {"sue": "supervisor", "adam": "administrator"}
    for login, password in passwords.items():
        click.echo(f"  {login:<6} {password}   {roles.get(login, 'agent')}")
    click.echo("\n  Log in as ann, and wait for the next call.\n")


@asynccontextmanager
async def _simulated(folder: Path, speed: float) -> AsyncIterator[DemoPbx]:
    from web.demo import present

    secret = secrets.token_urlsafe(16)
    monitor = folder / "monitor"
    simulator = present.simulator(monitor, secret)
    async with simulator.serving():
        facts = _facts("Simulated PBX", simulator.port, str(monitor), monitor)
        conductor = present.Conductor(simulator, Random(), speed=speed)  # noqa: S311 - a show
        calling = asyncio.create_task(conductor.run())
        try:
            yield DemoPbx(facts, secret)
        finally:
            calling.cancel()
            with suppress(asyncio.CancelledError):
                await calling


@asynccontextmanager
async def _asterisk(folder: Path) -> AsyncIterator[DemoPbx]:
    """Start the lab's Asterisk 22 with its phones and callers, as a process of its own."""
    if os.geteuid() != 0:
        raise click.ClickException("a real Asterisk in a folder needs root")
    report, numbers = folder / "pbx.json", folder / "numbers"
    await asyncio.to_thread(numbers.write_text, "\n".join(_numbers()), "utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "lab.demo", "--report", str(report), "--numbers", str(numbers),
    )  # fmt: skip
    try:
        told = await _report(process, report)
        there, here = told["monitor_as_pbx_names_it"], Path(told["monitor"])
        yield DemoPbx(
            _facts("Asterisk 22", told["port"], there, here, told["username"]), told["secret"]
        )
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        await process.wait()


async def _report(process: asyncio.subprocess.Process, report: Path) -> dict[str, Any]:
    """Wait until the lab says how to reach its PBX."""
    try:
        async with asyncio.timeout(PBX_SECONDS):
            while not await asyncio.to_thread(report.exists):
                if process.returncode is not None:
                    raise click.ClickException("the Asterisk of the demo did not start")
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise click.ClickException("the Asterisk of the demo did not come up in time") from None
    told: dict[str, Any] = json.loads(await asyncio.to_thread(report.read_text))
    return told


def _numbers() -> list[str]:
    from storage.numbers import Home
    from web.demo import cast

    home = Home("GB", 5)
    read = (home.read(number) for person in cast.CUSTOMERS for number in person.numbers)
    return [number for number in read if number]


def _facts(name: str, port: int, there: str, here: Path, username: str = "ringbook") -> Facts:
    return Facts(
        name=name, host="127.0.0.1", port=port, username=username, tls=False, tls_ca=None,
        encoding="cp1252", region="GB", internal_digits=5,
        recordings_there=there, recordings_here=str(here),
    )  # fmt: skip
