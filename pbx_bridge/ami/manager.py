"""One connection: open it, log in, watch it. It never comes back by itself; the Link decides."""

import asyncio
import hashlib
import ssl
from typing import Any, NoReturn

from panoramisk.manager import Manager as PanoramiskManager

from pbx_bridge.ami import troubles
from pbx_bridge.ami.actions import Action
from pbx_bridge.ami.errors import ActionRefused, AmiError, BadAction, LinkTrouble
from pbx_bridge.ami.protocol import Ear, Protocol
from pbx_bridge.ami.troubles import Trouble
from pbx_bridge.config import AmiConfig

_SILENT_MISSES = 2
_DEAF_MISSES = 6
_FAREWELL = 0.5  # seconds for the last bytes to leave


class Manager(PanoramiskManager):
    """panoramisk's manager for exactly one connection, without its replays and timers."""

    protocol: Protocol

    def __init__(self, config: AmiConfig, ear: Ear) -> None:
        super().__init__(  # type: ignore[no-untyped-call]  # panoramisk has no types
            host=config.host,
            port=config.port,
            loop=asyncio.get_running_loop(),
            protocol_factory=lambda: Protocol(config, ear),
        )
        self.settings = config
        self.ear = ear
        self._stage = "connect"

    async def open(self) -> None:
        """Connect and log in, or raise LinkTrouble with the reason."""
        settings = self.settings
        try:
            async with asyncio.timeout(settings.open_timeout):
                await self._connect()
                await self._greeted()
                await self._log_in()
        except TimeoutError as error:
            raise LinkTrouble(self._too_slow()) from error
        self.authenticated = True

    async def watch(self) -> Trouble:
        """Ping until the connection is lost, and say why it was."""
        misses = 0
        while not await self._lost_within(self.settings.ping_interval if misses == 0 else 0):
            heard = self.protocol.heard_bytes
            if await self._answers_ping():
                misses = 0
                continue
            misses += 1
            silent = self.protocol.heard_bytes == heard
            if silent and misses >= _SILENT_MISSES:
                self.protocol.fail(troubles.mute(self._silence(misses)))
            elif misses >= _DEAF_MISSES:
                self.protocol.fail(troubles.deaf(misses))
        return self.protocol.trouble or troubles.LOST

    async def shut(self) -> None:
        """Say goodbye if there is somebody, and wait until the connection is gone."""
        if self._stage == "connect":
            return
        if self.authenticated and not self.protocol.closed:
            self.protocol.transport.write(Action({"Action": "Logoff"}).wire)
        self.protocol.close()
        if not await self._lost_within(_FAREWELL):
            self.protocol.transport.abort()
            await self.protocol.lost.wait()

    def close(self) -> None:
        """Final: nothing connects again."""
        if self._stage != "connect":
            self.protocol.close()

    def connect(self, *_: object, **__: object) -> NoReturn:
        """Not to be used: it reconnects for ever and sends old actions again."""
        raise RuntimeError("use open()")

    send_action = send_command = send_agi_command = ping = connect

    async def send_awaiting_actions(self, *_: object) -> None:
        """Nothing waits here to be sent a second time."""

    async def _connect(self) -> None:
        settings = self.settings
        extra: dict[str, Any] = {"ssl": tls_context(settings)} if settings.tls else {}
        try:
            _, self.protocol = await self.loop.create_connection(
                self.config["protocol_factory"], settings.host, settings.port, **extra
            )
        except TimeoutError:
            raise
        except Exception as error:
            trouble = troubles.of_error(error, host=settings.host, port=settings.port)
            raise LinkTrouble(trouble) from error
        self.protocol.factory = self
        self._stage = "greeting"

    async def _greeted(self) -> None:
        await self.protocol.greeted.wait()
        if self.protocol.version is None:
            raise LinkTrouble(self.protocol.trouble or troubles.SHORT)

    async def _log_in(self) -> None:
        self._stage = "login"
        self.ear.counts.logins += 1
        settings = self.settings
        try:
            proof = await self._proof()
            headers = {"Action": "Login", "Username": settings.username, **proof, "Events": "on"}
            await self.protocol.request(Action(headers), within=settings.open_timeout)
        except ActionRefused as error:
            said = error.message.get("Message")
            raise LinkTrouble(troubles.of_refusal(said, username=settings.username)) from None
        except BadAction:
            raise LinkTrouble(troubles.UNFIT) from None
        except AmiError:
            trouble = self.protocol.trouble
            cut = trouble is None or trouble == troubles.LOST
            raise LinkTrouble(troubles.LOGIN_CUT if trouble is None or cut else trouble) from None

    async def _proof(self) -> dict[str, str]:
        """What shows that we know the secret; by challenge it never crosses the wire."""
        secret = self.settings.secret.get_secret_value()
        if self.settings.login == "plain":
            return {"Secret": secret}
        question = Action({"Action": "Challenge", "AuthType": "MD5"})
        answer = await self.protocol.request(question, within=self.settings.open_timeout)
        text = (answer.get("Challenge") + secret).encode()
        key = hashlib.md5(text, usedforsecurity=False).hexdigest()  # AMI knows no other digest
        return {"AuthType": "MD5", "Key": key}

    async def _answers_ping(self) -> bool:
        begun = self.loop.time()
        try:
            ping = Action({"Action": "Ping"})
            await self.protocol.request(ping, within=self.settings.ping_timeout)
        except ActionRefused:
            pass  # a refusal is an answer
        except AmiError:
            return False
        self.ear.counts.ping_seconds = self.loop.time() - begun
        return True

    async def _lost_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self.protocol.lost.wait()
        except TimeoutError:
            return False
        return True

    def _too_slow(self) -> Trouble:
        settings = self.settings
        return troubles.slow(
            self._stage, host=settings.host, port=settings.port, seconds=settings.open_timeout
        )

    def _silence(self, misses: int) -> float:
        return self.settings.ping_interval + misses * self.settings.ping_timeout


def tls_context(config: AmiConfig) -> ssl.SSLContext:
    """What we ask of the PBX's certificate; raises LinkTrouble when the CA file is of no use."""
    try:
        context = ssl.create_default_context(cafile=config.tls_ca)
    except (OSError, ssl.SSLError) as error:
        raise LinkTrouble(troubles.of_ca_file(config.tls_ca)) from error
    if not config.tls_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
