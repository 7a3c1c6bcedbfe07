"""Callers and phones: each a SIPp of its own, which must play its scenario to the end."""

import asyncio
import contextlib
import re
import signal
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from lab.pbx import Pbx
from lab.ports import free_ports, free_sipp_sound
from lab.sounds import spoken

_SCENARIOS = Path(__file__).parent / "scenarios"
_UDP_TABLE = Path("/proc/net/udp")
_START_SECONDS = 10.0
_STOP_SECONDS = 40.0  # a lost message is sent again for 32 s (RFC 3261, 64 times T1)
_LONGEST_CALL = 600.0
_NEVER = 3600.0
_NO_CALL_CAME = 99
REASONS = {
    302: "Moved Temporarily",
    486: "Busy Here",
    480: "Temporarily Unavailable",
    603: "Decline",
}


class ScenarioFailed(Exception):
    """SIPp met what its scenario does not foresee, or waited in vain; the message is its trace."""


async def caller(
    pbx: Pbx,
    *,
    number: str | None,
    dial: str,
    name: str = "",
    hang_up_after: float = _NEVER,
    patience: float = 60.0,
    sound: Path | None = None,
) -> None:
    """Call `dial` as `number` (None: withheld), be answered, and hang up after so many seconds."""
    values = _who(number, name) | {"to": dial, "talk_ms": _ms(hang_up_after)}
    values |= {
        "patience_ms": _ms(patience),
        "sound": str(sound or spoken("Hello, I have a question.")),
    }
    await _play(pbx, "caller", values)


@contextlib.asynccontextmanager
async def crowd(
    pbx: Pbx, *, count: int, dial: str, a_second: int = 50
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Have so many callers call `dial` at this rate and stay until they are hung up on.

    Gives their one SIPp; to kill it is to have them vanish without a word.
    """
    values = _who("+442079460000", "Crowd") | {"to": dial, "talk_ms": _ms(_NEVER)}
    values |= {"patience_ms": _ms(_START_SECONDS)}
    with tempfile.TemporaryDirectory(prefix="ringbook-sipp-") as folder:
        port = str(free_ports(1)[0])
        arguments = ("-p", port, "-m", str(count), "-l", str(count), "-r", str(a_second))
        process = await _started(
            Path(folder), "crowd", values, *arguments, f"127.0.0.1:{pbx.ports.sip}"
        )
        try:
            yield process
        finally:
            await _ended(process)


async def caller_who_gives_up(
    pbx: Pbx, *, number: str | None, dial: str, name: str = "", after: float
) -> None:
    """Call a number that rings, and give up before it is answered."""
    values = _who(number, name) | {"to": dial, "patience_ms": _ms(after)}
    await _play(pbx, "caller_gives_up", values)


async def caller_who_is_refused(
    pbx: Pbx, *, number: str | None, dial: str, name: str = "", status: int, patience: float = 60.0
) -> None:
    """Call a number and be told this SIP status, such as 486 for busy."""
    values = _who(number, name) | {"to": dial, "patience_ms": _ms(patience), "status": str(status)}
    await _play(pbx, "caller_refused", values)


@contextlib.asynccontextmanager
async def phone(
    pbx: Pbx, number: str, *, answers_after: float = _NEVER, hangs_up_after: float = _NEVER
) -> AsyncIterator[None]:
    """Have a phone on this extension, or at a customer's number, that answers after some seconds.

    Without `answers_after` it rings until the caller gives up.
    """
    values = {"ring_ms": _ms(answers_after), "talk_ms": _ms(hangs_up_after)}
    values["sound"] = str(spoken(f"This is {number}, how can I help you?"))
    async with _listening(pbx, number, "phone", values):
        yield


@contextlib.asynccontextmanager
async def phone_that_transfers(
    pbx: Pbx, number: str, *, to: str, after: float = 1.0
) -> AsyncIterator[None]:
    """Have a phone that answers at once, and sends the caller on to `to` by REFER after a while."""
    values = {"ring_ms": "200", "talk_ms": _ms(after), "to": f"{to}@127.0.0.1:{pbx.ports.sip}"}
    values["sound"] = str(spoken(f"This is {number}, one moment please."))
    async with _listening(pbx, number, "phone_transfers", values):
        yield


@contextlib.asynccontextmanager
async def phone_that_refuses(
    pbx: Pbx, number: str, *, status: int, forward_to: str = "nobody"
) -> AsyncIterator[None]:
    """Have a phone that is busy (486), rejects (603) or forwards (302, to `forward_to`)."""
    values = {
        "status": f"{status} {REASONS[status]}",
        "contact": f"{forward_to}@127.0.0.1:{pbx.ports.sip}",
    }
    async with _listening(pbx, number, "phone_refuses", values):
        yield


@contextlib.asynccontextmanager
async def _listening(
    pbx: Pbx, number: str, scenario: str, values: dict[str, str]
) -> AsyncIterator[None]:
    port = pbx.port_of(number)
    with tempfile.TemporaryDirectory(prefix="ringbook-sipp-") as folder:
        process = await _started(Path(folder), scenario, values, "-p", str(port))
        try:
            await _is_bound(port, process)
            yield
        except BaseException:
            await _ended(process)
            raise
        # Calls that still run are ended by SIPp itself before it goes.
        await _finished(process, Path(folder), scenario, ask_to_go=True)


async def _play(pbx: Pbx, scenario: str, values: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory(prefix="ringbook-sipp-") as folder:
        port = str(free_ports(1)[0])
        arguments = ("-p", port, "-m", "1", f"127.0.0.1:{pbx.ports.sip}")
        process = await _started(Path(folder), scenario, values, *arguments)
        try:
            await _finished(process, Path(folder), scenario)
        finally:
            await _ended(process)


async def _started(
    folder: Path, scenario: str, values: dict[str, str], *arguments: str
) -> asyncio.subprocess.Process:
    template = (_SCENARIOS / f"{scenario}.xml").read_text(encoding="utf-8")
    text = re.sub(r"\{\{(\w+)\}\}", lambda found: values[found[1]], template)
    script = folder / f"{scenario}.xml"
    script.write_text(text, encoding="utf-8")
    sound = str(free_sipp_sound())
    with (folder / "screen").open("wb") as screen:
        return await asyncio.create_subprocess_exec(
            *("setpriv", "--pdeathsig", "KILL", "sipp", "-sf", str(script), "-nostdin"),
            *("-i", "127.0.0.1", "-mi", "127.0.0.1", "-mp", sound),
            # By -key, SIPp takes the text as it is, whatever it holds.
            *("-key", "from", values.get("from", "nobody")),
            *("-trace_err", "-error_file", str(folder / "errors")),
            *arguments,
            cwd=folder,
            start_new_session=True,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=screen,
            stderr=asyncio.subprocess.STDOUT,
        )


async def _is_bound(port: int, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(_START_SECONDS):
        while not _listens(port):
            if process.returncode is not None:
                raise ScenarioFailed(f"SIPp ended with {process.returncode} before it listened")
            await asyncio.sleep(0.02)


def _listens(port: int) -> bool:
    # Trying the port ourselves could take it from SIPp in the very moment that it starts.
    return f":{port:04X} 00000000:0000 " in _UDP_TABLE.read_text(encoding="ascii")


async def _finished(
    process: asyncio.subprocess.Process, folder: Path, scenario: str, *, ask_to_go: bool = False
) -> None:
    try:
        if ask_to_go and process.returncode is None:
            process.send_signal(signal.SIGUSR1)
        async with asyncio.timeout(_STOP_SECONDS if ask_to_go else _LONGEST_CALL):
            code = await process.wait()
    except TimeoutError:
        await _ended(process)
        raise ScenarioFailed(f"{scenario}: a call did not end\n{_trace(folder)}") from None
    if code not in {0, _NO_CALL_CAME}:
        raise ScenarioFailed(f"{scenario}: SIPp ended with {code}\n{_trace(folder)}")


async def _ended(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _trace(folder: Path) -> str:
    files = (folder / "errors", folder / "screen")
    return "\n".join(file.read_text("utf-8", "replace")[-2500:] for file in files if file.exists())


def _who(number: str | None, name: str) -> dict[str, str]:
    if number is None:
        return {"from": '"Anonymous" <sip:anonymous@anonymous.invalid>', "privacy": "id"}
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    display = f'"{escaped}" ' if name else ""
    return {"from": f"{display}<sip:{number}@127.0.0.1>", "privacy": "none"}


def _ms(seconds: float) -> str:
    return str(int(seconds * 1000))
