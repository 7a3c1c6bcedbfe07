"""Cuts what Asterisk sends into messages, whatever pieces it arrives in, within bounds."""

from pbx_bridge.ami import troubles
from pbx_bridge.ami.errors import LinkTrouble

END = b"\r\n\r\n"
GREETING = b"Asterisk Call Manager"
_MAX_GREETING = 256
_SHORTEST_HEADER = len(b"k:\r\n")


class Splitter:
    """Feed it bytes, get whole messages; raises LinkTrouble at what no Asterisk would send."""

    def __init__(self, *, max_message: int, max_line: int, max_headers: int) -> None:
        self.greeting: str | None = None
        self._max_message = max_message
        self._max_line = max_line
        self._max_headers = max_headers
        self._suspect = min(max_message, max_line, max_headers * _SHORTEST_HEADER)
        self._parts: list[bytes] = []  # of the message that is not complete
        self._size = 0
        self._line = 0  # length of its last line so far
        self._border = b""  # its last three bytes, in which the end may have begun

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that `data` completes, without the empty lines that end them."""
        if self.greeting is None:
            data = self._greet(data)
        if self._parts:
            if END not in self._border + data:
                self._keep(data)
                return []
            data = b"".join((*self._parts, data))
        blocks = data.split(END)
        rest = blocks.pop()
        if blocks and max(map(len, blocks)) > self._suspect:
            self._check(blocks)
        self._parts, self._size, self._line, self._border = [], 0, 0, b""
        if rest:
            self._keep(rest)
        return blocks

    def _greet(self, data: bytes) -> bytes:
        """Take the greeting off; what follows it is returned."""
        heard = b"".join((*self._parts, data))
        self._parts = []
        if heard[: len(GREETING)] != GREETING[: len(heard)]:
            raise LinkTrouble(troubles.not_asterisk(heard))
        line, eol, rest = heard[:_MAX_GREETING].partition(b"\r\n")
        if eol:
            self.greeting = line.decode("ascii", "replace")
            return rest + heard[_MAX_GREETING:]
        if len(heard) >= _MAX_GREETING:
            raise LinkTrouble(troubles.not_asterisk(heard))
        self._parts = [heard] if heard else []
        return b""

    def _keep(self, data: bytes) -> None:
        self._parts.append(data)
        self._size += len(data)
        self._line = self._grown(data)
        self._border = (self._border + data)[-3:]
        if self._line > self._max_line:
            raise LinkTrouble(troubles.too_big("line", self._max_line))
        if self._size > self._max_message:
            raise LinkTrouble(troubles.too_big("message", self._max_message))

    def _grown(self, data: bytes) -> int:
        eol = data.rfind(b"\n")
        return self._line + len(data) if eol < 0 else len(data) - eol - 1

    def _check(self, blocks: list[bytes]) -> None:
        for block in blocks:
            if len(block) <= self._suspect:
                continue
            lines = block.split(b"\r\n")
            if len(lines) > self._max_headers:
                raise LinkTrouble(troubles.too_big("headers", self._max_headers))
            if max(map(len, lines)) > self._max_line:
                raise LinkTrouble(troubles.too_big("line", self._max_line))
            if len(block) > self._max_message:
                raise LinkTrouble(troubles.too_big("message", self._max_message))
