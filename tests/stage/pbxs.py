"""A PBX that says what a test has it say."""

import asyncio
import contextlib
import re
import time
from pathlib import Path

STREAMS = Path(__file__).parents[1] / "streams"


def acts_of(stream: str, *, silence: float = 0.25) -> list[bytes]:
    """A captured stream without greeting and answers, cut where the PBX was silent (seconds)."""
    raw = (STREAMS / f"{stream}.ami").read_bytes().replace(b"\r\n", b"\n")
    acts: list[list[bytes]] = [[]]
    last = 0.0
    for block in raw.split(b"\n\n"):
        text = block.strip()
        stamp = re.search(rb"^Timestamp: ([\d.]+)$", text, re.MULTILINE)
        if not text.startswith(b"Event: ") or stamp is None:
            continue
        at = float(stamp[1])
        if last and at - last > silence:
            acts.append([])
        last = at
        acts[-1].append(text.replace(b"\n", b"\r\n") + b"\r\n\r\n")
    return [b"".join(act) for act in acts]


class FakePbx:
    """Takes any login, answers what the link asks, and says what `say` is given."""

    def __init__(self) -> None:
        self.channels: list[dict[str, str]] = []  # what CoreShowChannels lists
        self.callers: list[dict[str, str]] = []  # what QueueStatus lists
        self.startup = "08:00:00"
        self.asked: list[str] = []
        self.refused: dict[str, int] = {}  # actions it does not know yet, and how many times
        self.port = 0
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []
        self.connected = asyncio.Event()
        self.listed = 0
        self.is_deaf = False  # its account does not read what is provoked
        self.up: list[tuple[str, str]] = []  # channels and uniqueids that Status lists
        self.waiting: dict[str, int] = {}  # callers in queues, as QueueSummary lists them
        self.commands: tuple[str, ...] = ()  # what ListCommands names
        self.cuts: set[str] = set()  # actions after which the cable is cut, unanswered

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        self.cut()

    def cut(self) -> None:
        """The cable is cut."""
        self.connected.clear()
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def say(self, raw: bytes) -> None:
        for writer in self._writers:
            writer.write(raw)

    def say_act(self, stream: str, *numbers: int) -> None:
        """Say acts of a stream: what a real Asterisk said between two silences."""
        acts = acts_of(stream)
        for number in numbers or range(len(acts)):
            self.say(acts[number])

    def later(self, stream: str, *, seconds: int) -> list[bytes]:
        """The acts of a stream as the same call would be `seconds` later."""

        def shift(found: re.Match[bytes]) -> bytes:
            return str(int(found[0]) + seconds).encode()

        return [re.sub(rb"\b17\d{8}(?=\.\d)", shift, act) for act in acts_of(stream)]

    def now(self, stream: str) -> list[bytes]:
        """The acts of a stream as if it happened now."""
        first = re.search(rb"Timestamp: (\d+)", acts_of(stream)[0])
        assert first is not None
        return self.later(stream, seconds=int(time.time()) - int(first[1]) - 30)

    def move_to_now(self, stream: str) -> None:
        """Say a whole stream as if it happened now."""
        for act in self.now(stream):
            self.say(act)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                raw = (await reader.readuntil(b"\r\n\r\n")).decode()
                headers = dict(line.split(": ", 1) for line in raw.split("\r\n") if ": " in line)
                self._answer(writer, headers)
        writer.close()

    def _answer(self, writer: asyncio.StreamWriter, action: dict[str, str]) -> None:
        key = f"ActionID: {action.get('ActionID', '')}\r\n"
        good = f"Response: Success\r\n{key}"
        self.asked.append(action["Action"])
        if action["Action"] in self.cuts:
            writer.transport.abort()
            return
        match action["Action"]:
            case name if self.refused.get(name):
                self.refused[name] -= 1
                said = "Message: Invalid/unknown command"
                writer.write(f"Response: Error\r\n{key}{said}\r\n\r\n".encode())
            case "Challenge":
                writer.write(f"{good}Challenge: 123\r\n\r\n".encode())
            case "CoreSettings":
                writer.write(f"{good}AsteriskVersion: 22.10.1\r\n\r\n".encode())
            case "CoreStatus":
                day = f"CoreStartupDate: 2026-11-22\r\nCoreStartupTime: {self.startup}\r\n"
                writer.write(f"{good}{day}\r\n".encode())
            case "CoreShowChannels":
                self._list(writer, good, key)
            case "QueueStatus" | "DeviceStateList" | "BridgeList" | "ParkedCalls":
                name = action["Action"] + "Complete"
                writer.write(f"{good}EventList: start\r\n\r\n".encode())
                for caller in self.callers if name == "QueueStatusComplete" else ():
                    lines = "".join(f"{name}: {value}\r\n" for name, value in caller.items())
                    writer.write(f"Event: QueueEntry\r\n{key}{lines}\r\n".encode())
                done = f"Event: {name}\r\n{key}EventList: Complete\r\nListItems: 0\r\n\r\n"
                writer.write(done.encode())
            case name:
                writer.write(self._about_rights(name, action, good, key).encode())

    def _about_rights(self, name: str, action: dict[str, str], good: str, key: str) -> str:
        """What is asked to find out what the account may do."""
        listed = {
            "Status": [f"Channel: {name}\r\nUniqueid: {each}" for name, each in self.up],
            "QueueSummary": [f"Queue: {name}\r\nCallers: {n}" for name, n in self.waiting.items()],
        }
        if name in listed:
            rows = [f"Event: {name}\r\n{key}{row}\r\n\r\n" for row in listed[name]]
            end = f"Event: {name}Complete\r\n{key}EventList: Complete\r\n\r\n"
            return f"{good}EventList: start\r\n\r\n{''.join(rows)}{end}"
        if name == "ListCommands":
            good += "".join(f"{each}: Does it.  (Priv: all)\r\n" for each in self.commands)
        if name == "Setvar" and not self.is_deaf:
            pair = "".join(f"{each}: {action.get(each, '')}\r\n" for each in ("Variable", "Value"))
            return f"{good}\r\nEvent: VarSet\r\nPrivilege: dialplan,all\r\n{pair}\r\n"
        return f"{good}\r\n"

    def _list(self, writer: asyncio.StreamWriter, good: str, key: str) -> None:
        writer.write(f"{good}EventList: start\r\n\r\n".encode())
        for channel in self.channels:
            lines = "".join(f"{name}: {value}\r\n" for name, value in channel.items())
            writer.write(f"Event: CoreShowChannel\r\n{key}{lines}\r\n".encode())
        done = f"Event: CoreShowChannelsComplete\r\n{key}EventList: Complete\r\n"
        writer.write(f"{done}ListItems: {len(self.channels)}\r\n\r\n".encode())
        self.listed += 1
        self._writers.append(writer)
        self.connected.set()
