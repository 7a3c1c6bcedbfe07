"""The AMI side of the simulated PBX: logins, the few actions the link needs, and its events."""

import asyncio
import contextlib
import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from pbx_bridge.rights import WRITE
from pbx_bridge.simulator.channels import Headers, provoked
from pbx_bridge.simulator.members import DONE, Members
from pbx_bridge.simulator.presence import Presence
from pbx_bridge.simulator.sound import speak
from pbx_bridge.simulator.stories import Exchange, Phone, Story, outgoing

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
VERSION = "22.10.1-simulated"
LINE_LIMIT = 64 * 1024  # bytes of one action
LISTS = {  # all but the channels' and the members' are empty: it tells what happens, not what is
    "bridgelist": "BridgeListComplete",
    "coreshowchannels": "CoreShowChannelsComplete",
    "devicestatelist": "DeviceStateListComplete",
    "parkedcalls": "ParkedCallsComplete",
    "queuestatus": "QueueStatusComplete",
    "queuesummary": "QueueSummaryComplete",
    "status": "StatusComplete",
}
CANNOT = frozenset({"hangup", "blindtransfer", "atxfer", "park", "playdtmf", "redirect"})
RINGS, TALKS = 4.0, 20.0  # seconds of a call that somebody places by a click
COMMANDS = ("BridgeList", "Challenge", "CoreSettings", "CoreShowChannels", "CoreStatus",
            "DeviceStateList", "Events",
            "ListCommands", "Login", "Logoff", "ParkedCalls", "Ping", "QueueStatus",
            "QueueAdd", "QueueRemove", *WRITE.values())  # fmt: skip


class Simulator:
    """Takes any number of AMI sessions of one account and plays stories to all of them."""

    def __init__(
        self,
        username: str,
        secret: str,
        monitor: Path,
        queues: Mapping[str, Sequence[Phone]] | None = None,
    ) -> None:
        self.username = username
        self._secret = secret
        self._monitor = monitor
        self._listeners: set[asyncio.StreamWriter] = set()
        self._presence = Presence()
        self.members = Members(queues or {})
        self._started = datetime.now(UTC)
        self.exchange = Exchange(int(self._started.timestamp()), str(monitor))
        self.port = 0
        self.unread: set[str] = (
            set()
        )  # classes that the account may not read: nothing of them is told
        self.placed: list[Mapping[str, str]] = []  # by clicks
        self._calls: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def serving(self, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator["Simulator"]:
        """Listen on `host`; port 0 takes a free one, found in `.port`."""
        server = await asyncio.start_server(self._serve, host, port, limit=LINE_LIMIT)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for call in list(self._calls):
                call.cancel()
            for writer in list(self._listeners):
                writer.close()

    async def play(self, story: Story, speed: float = 1.0) -> None:
        """Play one story to the end; `speed` 2 is twice as fast."""
        for step in story:
            await asyncio.sleep(step.after / speed)
            if step.audio is not None:
                name, seconds = step.audio
                await asyncio.to_thread(speak, self._monitor / name, seconds, name)
            for event in step.events:
                self._tell(event)

    def _tell(self, event: Headers) -> None:
        now = datetime.now(UTC).timestamp()
        self._presence.follow(event, now)
        if dict(event)["Privilege"].partition(",")[0] in self.unread:
            return
        data = _block([*event[:2], ("Timestamp", f"{now:.6f}"), *event[2:]])
        for writer in self._listeners:
            writer.write(data)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(BANNER)
        challenge = secrets.token_hex(5)
        try:
            while action := await _read_action(reader):
                self._answer(action, challenge, writer)
                await writer.drain()
                if action.get("Action", "").lower() == "logoff":
                    break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            self._listeners.discard(writer)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    def _answer(
        self, action: Mapping[str, str], challenge: str, writer: asyncio.StreamWriter
    ) -> None:
        name = action.get("Action", "").lower()
        tail = [("ActionID", action["ActionID"])] if "ActionID" in action else []
        if name == "challenge":
            head = [("Response", "Success"), *tail, ("Challenge", challenge)]
        elif name == "login":
            good = self._knows(action, challenge)
            head = [("Response", "Success" if good else "Error"), *tail]
            head += [("Message", f"Authentication {'accepted' if good else 'failed'}")]
            if good:
                self._listeners.add(writer)
        elif writer not in self._listeners:
            head = [("Response", "Error"), *tail, ("Message", "Permission denied")]
        elif name in CANNOT:
            head = [("Response", "Error"), *tail, ("Message", "The simulated PBX cannot do this")]
        elif name in DONE:
            self._queue(action, tail, writer)
            return
        else:
            head = [("Response", "Success"), *tail, *self._facts(name)]
        if name == "originate" and writer in self._listeners:
            self._place(action)
        writer.write(_block(head))
        if writer in self._listeners and name == "setvar":
            self._tell(provoked(action.get("Variable", ""), action.get("Value", "")))
        if writer in self._listeners and name in LISTS:
            self._list(name, action, tail, writer)

    def _list(
        self,
        name: str,
        action: Mapping[str, str],
        tail: list[tuple[str, str]],
        writer: asyncio.StreamWriter,
    ) -> None:
        """Say what there is of what was asked for, and that this was all."""
        now = datetime.now(UTC).timestamp()
        rows = self._presence.listed(now) if name == "coreshowchannels" else []
        rows = self.members.listed(action) if name == "queuestatus" else rows
        stamp = ("Timestamp", f"{now:.6f}")
        for row in rows:
            writer.write(_block([row[0], *tail, stamp, *row[1:]]))
        count = ("ListItems", str(len(rows)))
        end = [("Event", LISTS[name]), *tail, stamp, ("EventList", "Complete"), count]
        writer.write(_block(end))

    def _place(self, action: Mapping[str, str]) -> None:
        """Play the call that somebody places by a click."""
        self.placed.append(action)
        phone = Phone(action["Channel"].partition("/")[2], "")
        story = outgoing(
            self.exchange, phone, action["Exten"], ring=RINGS, talk=TALKS,
            uniqueid=action["ChannelId"],
        )  # fmt: skip
        call = asyncio.create_task(self.play(story))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    def _queue(
        self, action: Mapping[str, str], tail: list[tuple[str, str]], writer: asyncio.StreamWriter
    ) -> None:
        """Pause a member, log it in or out: the answer first, then the news to everyone."""
        why, told = self.members.ask(action, datetime.now(UTC).timestamp())
        said = ("Message", why or DONE[action["Action"].lower()])
        writer.write(_block([("Response", "Error" if why else "Success"), *tail, said]))
        for event in told:
            self._tell(event)

    def _knows(self, action: Mapping[str, str], challenge: str) -> bool:
        if action.get("Username") != self.username:
            return False
        if action.get("AuthType", "").upper() == "MD5":
            wanted = hashlib.md5(f"{challenge}{self._secret}".encode()).hexdigest()  # noqa: S324 - AMI's own scheme
            return hmac.compare_digest(action.get("Key", "").encode(), wanted.encode())
        return hmac.compare_digest(action.get("Secret", "").encode(), self._secret.encode())

    def _facts(self, name: str) -> list[tuple[str, str]]:
        day, time = self._started.strftime("%Y-%m-%d %H:%M:%S").split()
        facts: dict[str, list[tuple[str, str]]] = {
            "ping": [("Ping", "Pong")],
            "corestatus": [("CoreStartupDate", day), ("CoreStartupTime", time),
                           ("CoreReloadDate", day), ("CoreReloadTime", time),
                           ("CoreCurrentCalls", "0")],
            "coresettings": [("AMIversion", "11.0.0"), ("AsteriskVersion", VERSION),
                             ("SystemName", "")],
            "listcommands": [(name, "Simulated.  (Priv: <none>)") for name in COMMANDS],
        }  # fmt: skip
        if name in LISTS:
            return [("EventList", "start"), ("Message", "A list will follow")]
        return facts.get(name, [])


async def _read_action(reader: asyncio.StreamReader) -> dict[str, str]:
    """Read one action; an empty dict when the client has hung up."""
    try:
        block = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return {}
    lines = block.decode("utf-8", "replace").split("\r\n")
    return {key: value for key, _, value in (line.partition(": ") for line in lines) if key}


def _block(headers: list[tuple[str, str]]) -> bytes:
    return ("".join(f"{key}: {value}\r\n" for key, value in headers) + "\r\n").encode()
