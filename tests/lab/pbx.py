"""One Asterisk of our own, from its start to its end."""

import asyncio
import contextlib
import os
import secrets
import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from lab import certificates, configs, folders, layout
from lab.ami import Ear, Refused

_BOOT_SECONDS = 60.0
_STOP_SECONDS = 10.0
_LOG_TAIL = 3000
_FOLDERS = ("etc", "db", "spool/monitor", "run", "log/cdr-csv", "log/cel-custom", "cache")
# Everything we mount is seen by this Asterisk alone and is gone with it, however it ends.
_START = """
mount --make-rprivate / && mount --bind "$1" "$2/srv" && mount -t proc proc "$2/proc" &&
exec chroot "$2" /usr/sbin/asterisk -f -C /srv/etc/asterisk.conf
"""


class Pbx:
    """An Asterisk with a trunk, phones and queues; up inside `async with`."""

    host = "127.0.0.1"
    username = "ringbook"
    monitor_as_pbx_names_it = "/srv/spool/monitor"

    def __init__(self, version: int, *, systemname: str = "") -> None:
        self.version, self.systemname = version, systemname
        self.root = folders.built(version)
        self.home = Path(tempfile.mkdtemp(prefix=f"ringbook-pbx-{version}-"))
        self.secret = secrets.token_hex(12)
        self.tap_secret = secrets.token_hex(12)
        self.ports = configs.free()
        self.softphones = {name: secrets.token_hex(12) for name in layout.browsers()}
        self.tls_ca = self.home / "etc/certificate.pem"
        self.monitor = self.home / "spool/monitor"
        self.cdr_csv = self.home / "log/cdr-csv/Master.csv"
        self.cel_csv = self.home / "log/cel-custom/Master.csv"
        self.queue_log = self.home / "log/queue_log"
        self._queues = layout.queues()
        self._agents = layout.free_agents()
        self._pairs, self._browsers = layout.pairs(), layout.browsers()
        self._process: asyncio.subprocess.Process | None = None
        self._tap: Ear | None = None

    @property
    def port(self) -> int:
        """The manager port; `ports` has the others."""
        return self.ports.ami

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is not None:
            error.add_note(f"Asterisk {self.version} said last:\n{self.log_tail()}")
        await self._stop()

    def queue(self, kind: layout.Kind) -> layout.Queue:
        """Return a queue of this kind that no other story has asked for."""
        queue = next((queue for queue in self._queues if queue.kind is kind), None)
        if queue is None:
            raise LookupError(f"all queues of kind {kind} are taken")
        self._queues.remove(queue)
        return queue

    def agent(self) -> str:
        """Return an extension of no queue that no other story has asked for."""
        if not self._agents:
            raise LookupError("all agents without a queue are taken")
        return self._agents.pop(0)

    def pair(self) -> tuple[str, str]:
        """Return two extensions of one pickup group that no other story has asked for."""
        if not self._pairs:
            raise LookupError("all pairs are taken")
        return self._pairs.pop(0)

    def browser(self) -> str:
        """Return the extension of a softphone that no other story has asked for."""
        if not self._browsers:
            raise LookupError("all softphones are taken")
        return self._browsers.pop(0)

    @property
    def softphone_url(self) -> str:
        """Where softphones come in."""
        return f"wss://127.0.0.1:{self.ports.https}/ws"

    def port_of(self, number: str) -> int:
        """Return where the phone of an extension, or of a customer outside, is awaited."""
        inside = self.ports.phones.get(number)
        return self.ports.trunks[number[-1]] if inside is None else inside

    @property
    def tap(self) -> Ear:
        """The login that may do everything and hears everything."""
        if self._tap is None:
            raise RuntimeError("the PBX is not up")
        return self._tap

    async def ear(self) -> Ear:
        """Return a new login of Ringbook's own account, as an async context."""
        return await Ear.login(port=self.port, username=self.username, secret=self.secret)

    async def cli(self, command: str) -> str:
        """Return what Asterisk's console prints for `command`."""
        answer = (await self.tap.ask(Action="Command", Command=command)).decode("utf-8", "replace")
        marker = "Output: "
        return "\n".join(
            line.removeprefix(marker) for line in answer.split("\r\n") if line.startswith(marker)
        )

    async def idle(self, seconds: float = 30.0) -> None:
        """Return when no channel is left, so that the books hold every call."""
        async with asyncio.timeout(seconds):
            while await self._is_busy():  # noqa: ASYNC110 - no event says that all calls are over
                await asyncio.sleep(0.1)

    async def killed(self) -> None:
        """Kill Asterisk in the middle of whatever it does."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()
        if self._tap is not None:
            await self._tap.close()

    async def up_again(self) -> None:
        """Start it again where it was killed, with the books and the settings it had."""
        (self.home / "run/asterisk.ctl").unlink(missing_ok=True)
        await self._launch()

    async def restarted(self, how: str) -> None:
        """Have it begin anew in the same process: `now`, or `gracefully` after its last call."""
        before, self._tap = self.tap, None
        try:
            with contextlib.suppress(TimeoutError, ConnectionError):  # who restarts may not answer
                await before.ask(Action="Command", Command=f"core restart {how}")
            async for _ in before.messages():
                pass
        finally:
            await before.close()
        await self._boot()

    def log_tail(self) -> str:
        """Return the last lines of what Asterisk said, for a failure's message."""
        logs = (self.home / "console", self.home / "log/full")
        return "\n".join(
            log.read_text("utf-8", "replace")[-_LOG_TAIL:] for log in logs if log.exists()
        )

    async def _start(self) -> None:
        for name in _FOLDERS:
            (self.home / name).mkdir(parents=True)
        certificates.write_certificate(self.home / "etc")
        ours = configs.Account(username=self.username, secret=self.secret)
        configs.write(
            self.home / "etc",
            root=self.root,
            version=self.version,
            ports=self.ports,
            ours=ours,
            softphones=self.softphones,
            tap=self.tap_secret,
            systemname=self.systemname,
        )
        await self._launch()

    async def _launch(self) -> None:
        with (self.home / "console").open("ab") as console:
            self._process = await asyncio.create_subprocess_exec(
                *("setpriv", "--pdeathsig", "KILL", "unshare", "--mount"),
                *("sh", "-c", _START, "asterisk", str(self.home), str(self.root)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=console,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
                env={"PATH": os.environ["PATH"], "TZ": "UTC", "LC_ALL": "C.UTF-8"},
            )
        await self._boot()

    async def _boot(self) -> None:
        try:
            async with asyncio.timeout(_BOOT_SECONDS):
                self._tap = await self._first_login()
                booted = b"Event: FullyBooted\r\n"
                await self._tap.message(lambda m: m.startswith(booted), seconds=_BOOT_SECONDS)
                await self._console_answers()
        except (TimeoutError, ConnectionError) as failure:
            raise folders.Unavailable(
                f"Asterisk {self.version} did not come up:\n{self.log_tail()}"
            ) from failure

    async def _is_busy(self) -> bool:
        count = await self.cli("core show channels count")
        return not count.startswith("0 active channels")

    async def _console_answers(self) -> None:
        # Asterisk says it has booted a moment before its console knows every command.
        while True:
            with contextlib.suppress(Refused):
                await self.cli("core show version")
                return
            await asyncio.sleep(0.05)

    async def _first_login(self) -> Ear:
        assert self._process is not None
        while self._process.returncode is None:
            with contextlib.suppress(OSError, Refused):
                return await Ear.login(port=self.port, username="tap", secret=self.tap_secret)
            await asyncio.sleep(0.05)
        raise ConnectionError(f"Asterisk ended with {self._process.returncode}")

    async def _stop(self) -> None:
        if self._tap is not None:
            await self._tap.close()
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            try:
                async with asyncio.timeout(_STOP_SECONDS):
                    await self._process.wait()
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        shutil.rmtree(self.home, ignore_errors=True)
