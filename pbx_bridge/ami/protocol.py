"""The reader: bytes in, messages out, and no exception ever closes the connection."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from panoramisk.ami_protocol import AMIProtocol

from pbx_bridge.ami import troubles
from pbx_bridge.ami.actions import Action
from pbx_bridge.ami.errors import BadAction, LinkTrouble, NotConnected, OutcomeUnknown, described
from pbx_bridge.ami.message import EOL, EVENT, Message
from pbx_bridge.ami.splitter import Splitter
from pbx_bridge.ami.states import LinkCounts
from pbx_bridge.ami.troubles import Trouble
from pbx_bridge.config import AmiConfig

log = structlog.get_logger(__name__)

_NAME = len(EVENT)
_ACTION_ID = b"\r\nActionID: "
_MAX_UNSENT = 1024 * 1024

Deliver = Callable[[Sequence[Message], int], bool]
Tap = Callable[[Sequence[bytes], float], int | None]


@dataclass(slots=True, kw_only=True)
class Ear:
    """Who listens: `deliver` gets the messages of interest, `tap` every message's bytes.

    It is told the time of their arrival, too: what bears no time of its own is then dated the same
    when it is told again. What `tap` answers is the number of the first message that it was given;
    the others follow.
    """

    deliver: Deliver
    interests: frozenset[bytes] | None = None  # names of events; None: all
    tap: Tap | None = None
    counts: LinkCounts = field(default_factory=LinkCounts)


class Protocol(AMIProtocol):
    """panoramisk's protocol with its reader, its sender and its end written anew."""

    def __init__(self, config: AmiConfig, ear: Ear) -> None:
        self.ear = ear
        self.trouble: Trouble | None = None
        self.greeted = asyncio.Event()  # or lost before
        self.lost = asyncio.Event()
        self.heard_bytes = 0
        self._fallback = config.encoding
        self._splitter = Splitter(
            max_message=config.max_message,
            max_line=config.max_line,
            max_headers=config.max_headers,
        )
        interests = ear.interests
        self._keeps_all = interests is None
        self._first_lines = {EVENT + name: name.decode() for name in interests or ()}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        super().connection_made(transport)  # type: ignore[no-untyped-call]  # panoramisk has no types
        self.responses: dict[str, Action] = {}

    def data_received(self, data: bytes) -> None:
        """Called by asyncio; only splits, sorts and hands over."""
        if self.closed:
            return
        self.heard_bytes += len(data)
        self.ear.counts.received_bytes += len(data)
        try:
            blocks = self._splitter.feed(data)
        except LinkTrouble as error:
            self.fail(error.trouble)
            return
        if self.version is None and self._splitter.greeting is not None:
            self.version = self._splitter.greeting.rpartition("/")[2]
            self.greeted.set()
        if blocks:
            self._sort(blocks)

    def send(
        self,
        data: Action,
        as_list: object = None,  # noqa: ARG002  # panoramisk's signature
    ) -> "asyncio.Future[Any]":
        """Write the action; its future ends with the answer, or when the link is lost."""
        action = data
        if self.closed or self.transport.is_closing():
            raise NotConnected("there is no link to Asterisk")
        if self.transport.get_write_buffer_size() > _MAX_UNSENT:
            raise NotConnected("Asterisk does not take what is sent")
        if action.id in self.responses:
            raise BadAction("an action with this ActionID is already waiting")
        self.responses[action.id] = action
        self.transport.write(action.wire)
        future: asyncio.Future[Any] = action.future
        return future

    async def request(self, action: Action, *, within: float) -> Message:
        """Send, and wait for the answer at most `within` seconds."""
        answer: Message = await self._answer(action, within)
        return answer

    async def request_list(self, action: Action, *, within: float) -> list[Message]:
        """Send, and wait for the whole list at most `within` seconds."""
        events: list[Message] = await self._answer(action, within)
        return events

    async def _answer(self, action: Action, within: float) -> Any:  # noqa: ANN401  # by kind of action
        future = self.send(action)
        try:
            async with asyncio.timeout(within):
                return await future
        except TimeoutError:
            raise OutcomeUnknown(f"{action.name} was not answered in {within:g} seconds") from None
        finally:
            self.responses.pop(action.id, None)

    def handle_message(self, message: Message) -> None:
        """Give an answer, or an event of a list, to the action that waits for it."""
        action = self.responses.get(message.get("ActionID"))
        if action is not None and action.add_message(message):
            del self.responses[action.id]

    def fail(self, trouble: Trouble) -> None:
        """Cut the connection, for a reason of ours."""
        self.trouble = self.trouble or trouble
        self.closed = True
        self.transport.abort()

    def eof_received(self) -> None:
        """Called by asyncio, which then closes."""

    def connection_lost(self, _: BaseException | None) -> None:
        """Called by asyncio, once: nobody is left waiting."""
        self.close()
        waiting, self.responses = self.responses, {}
        for action in waiting.values():
            action.lost()
        self.trouble = self.trouble or (troubles.SHORT if self.version is None else troubles.LOST)
        self.lost.set()
        self.greeted.set()

    def close(self) -> None:
        """Close when all that was written has left."""
        self.closed = True
        self.transport.close()

    def _sort(self, blocks: list[bytes]) -> None:
        """Keep the events of interest, in order; answers go to who asked."""
        now = time.time_ns() // 1000 / 1_000_000  # what a journal keeps of a time
        ear, fallback, waiting = self.ear, self._fallback, self.responses
        tap, name_of, keeps_all = ear.tap, self._first_lines.get, self._keeps_all
        kept: list[Message] = []
        size = 0
        n, step = (0, 0) if tap is None else self._tapped(tap, blocks, now)
        n -= step
        for block in blocks:
            n += step
            name = name_of(block.partition(EOL)[0])
            if name is None and block[:_NAME] != EVENT:
                self._sort_other(block, now, kept, n)
                continue
            if waiting and _ACTION_ID in block:
                self._handle_safely(Message(block, now, fallback))
            if name is not None or keeps_all:
                kept.append(Message(block, now, fallback, name, n))
                size += len(block)
        ear.counts.received_messages += len(blocks)
        if kept and not ear.deliver(kept, size):
            self.fail(troubles.BEHIND)

    def _sort_other(self, block: bytes, now: float, kept: list[Message], n: int) -> None:
        """An answer, an event with strange spacing, or rubbish."""
        message = Message(block.lstrip(b"\r\n"), now, self._fallback, n=n)
        if message.is_event:
            if self.responses:
                self._handle_safely(message)
            if self._keeps_all or EVENT + message.name.encode() in self._first_lines:
                kept.append(message)
        elif message.raw[:9].lower() == b"response:":
            self._handle_safely(message)
        elif message.raw:
            self.ear.counts.strange_messages += 1

    def _handle_safely(self, message: Message) -> None:
        try:
            self.handle_message(message)
        except Exception as error:  # noqa: BLE001  # an odd answer must not cost the link
            self._fault("answer", error)

    def _tapped(self, tap: Tap, blocks: Sequence[bytes], now: float) -> tuple[int, int]:
        """Return the number of the first message, and how much the numbers grow: 0 and 0: none."""
        try:
            first = tap(blocks, now)
        except Exception as error:  # noqa: BLE001  # a listener's fault must not cost the link
            self._fault("tap", error)
            return 0, 0
        return (first, 1) if first else (0, 0)

    def _fault(self, place: str, error: Exception) -> None:
        counts = self.ear.counts
        counts.faults += 1
        if counts.faults & (counts.faults - 1) == 0:  # the 1st, 2nd, 4th, 8th…: no flood of logs
            log.error("ami.fault", place=place, error=described(error), faults=counts.faults)
