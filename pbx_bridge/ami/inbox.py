"""What was heard and not yet taken, in order, with a bound."""

import asyncio
from collections import deque
from collections.abc import Sequence

from pbx_bridge.ami.message import Message
from pbx_bridge.ami.states import Heard


class Inbox:
    """A queue whose writer never waits: it is told when there is no more room (in bytes)."""

    def __init__(self, max_bytes: int) -> None:
        self.items: deque[Heard] = deque()
        self._max = max_bytes
        self._bytes = 0  # never too small; counted anew when it seems too much
        self._ready = asyncio.Event()
        self._closed = False

    def __len__(self) -> int:
        return len(self.items)

    def mark(self, marker: Heard) -> None:
        """Put a marker: there is always room for one."""
        self.items.append(marker)
        self._ready.set()

    def put(self, messages: Sequence[Message], size: int) -> bool:
        """Put messages of `size` bytes together; False, and none is kept, when there is no room."""
        if self._bytes + size > self._max and self._counted() + size > self._max:
            return False
        self._bytes += size
        self.items.extend(messages)
        self._ready.set()
        return True

    def take_over(self, other: "Inbox") -> bool:
        """Put what another inbox holds; False when there is no room."""
        messages = [item for item in other.items if isinstance(item, Message)]
        return self.put(messages, sum(len(message.raw) for message in messages))

    def is_crowded(self) -> bool:
        """Whether more than half of the room is taken."""
        return self._counted() > self._max // 2

    def close(self) -> None:
        """Nothing more will come: `wait` ends when all is taken."""
        self._closed = True
        self._ready.set()

    async def wait(self) -> bool:
        """Wait until there is something; False when there is nothing and never will be."""
        while not self.items:
            if self._closed:
                return False
            self._bytes = 0
            self._ready.clear()
            await self._ready.wait()
        return True

    def _counted(self) -> int:
        self._bytes = sum(len(item.raw) for item in self.items if isinstance(item, Message))
        return self._bytes
