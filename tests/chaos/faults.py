"""What may be done to a stream, byte by byte and message by message; pure, decided by a seed."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

LINE, MESSAGE = b"\r\n", b"\r\n\r\n"


def is_event(message: bytes) -> bool:
    """Whether nobody asked for this message: what was asked for names its question."""
    return message.startswith(b"Event: ") and b"\r\nActionID: " not in message


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What is done to one direction; a chance is that of each byte or message, times are seconds.

    Whole messages are dropped, duplicated and swapped with the one that follows `within` a time;
    `only` says which. `pieces` are the sizes in which bytes are sent on.
    """

    lose: float = 0.0  # bytes
    drop: float = 0.0  # messages, as the next two
    duplicate: float = 0.0
    swap: float = 0.0
    within: float = 0.5
    only: Callable[[bytes], bool] = is_event
    pieces: tuple[int, ...] = ()
    delay: tuple[float, float] = (0.0, 0.0)

    @property
    def by_message(self) -> bool:
        """Whether a message must be whole before it goes on."""
        return bool(self.drop or self.duplicate or self.swap)


NONE = Faults()


class Meddler:
    """One direction of one connection: what comes in, and what goes on of it.

    Each kind of decision has a chance of its own, so that the same seed does the same to the same
    messages however the bytes happen to arrive. A message that has begun to pass is left in peace.
    """

    def __init__(self, seed: str, did: Counter[str], *, framed: bool, greets: bool) -> None:
        self.held: bytes | None = None  # waits for the one that it is swapped with
        self._did = did
        self._framed = framed
        self._end = LINE if greets else MESSAGE
        self._rest = b""
        self._seen = b""  # the last bytes that have passed of a message that is not over
        self._injected: list[bytes] = []
        self._losses, self._messages, self._cuts, self._delays = (
            random.Random(f"{seed} {kind}") for kind in ("losses", "messages", "cuts", "delays")
        )
        self._to_next_cut = 0

    def feed(self, data: bytes, faults: Faults) -> bytes:
        """Take what came and return what may go on now."""
        data = self._without_losses(data, faults)
        if not self._framed:
            return data
        self._rest += data
        going = bytearray()
        while (end := (self._seen + self._rest).find(self._end)) >= 0:
            size = end + len(self._end) - len(self._seen)
            message, self._rest = self._rest[:size], self._rest[size:]
            untouched = bool(self._seen) or not faults.by_message
            going += message + self.release() if untouched else self._treated(message, faults)
            self._did["messages"] += 1
            self._seen, self._end = b"", MESSAGE
            going += self._inserted()
        if self._rest and (self._seen or not faults.by_message):
            going += self.release() + self._rest
            self._seen = (self._seen + self._rest)[-len(MESSAGE) + 1 :]
            self._rest = b""
        return bytes(going)

    def inject(self, data: bytes) -> bytes:
        """Return the bytes if they may go at once, else keep them until the message is over."""
        self._injected.append(data)
        return b"" if self._seen else self._inserted()

    def release(self) -> bytes:
        """Return the message that waits in vain for another."""
        held, self.held = self.held, None
        return held or b""

    def pieces(self, data: bytes, faults: Faults) -> Iterator[bytes]:
        """Cut what goes on; the cuts lie where the seed says, wherever `data` begins and ends."""
        if not faults.pieces:
            yield data
            return
        while data:
            if self._to_next_cut == 0:
                self._to_next_cut = self._cuts.choice(faults.pieces)
            piece, data = data[: self._to_next_cut], data[self._to_next_cut :]
            self._to_next_cut -= len(piece)
            yield piece

    def delay(self, faults: Faults) -> float:
        """Return for how long the next bytes are on their way."""
        return self._delays.uniform(*faults.delay) if any(faults.delay) else 0.0

    def _treated(self, message: bytes, faults: Faults) -> bytes:
        going = message
        if faults.only(message):
            chances = (faults.drop, faults.duplicate, faults.swap)
            # Three at each message, whatever comes of it, so that the next has the same as ever.
            drop, twice, swap = [self._messages.random() < chance for chance in chances]
            if drop:
                self._did["dropped"] += 1
                going = b""
            elif twice:
                self._did["duplicated"] += 1
                going = message * 2
            elif swap and self.held is None:
                self.held = message
                return b""
        if self.held is not None and going:
            self._did["swapped"] += 1
        return going + self.release()

    def _inserted(self) -> bytes:
        data, self._injected = b"".join(self._injected), []
        return data

    def _without_losses(self, data: bytes, faults: Faults) -> bytes:
        if not faults.lose:
            return data
        kept = bytes(byte for byte in data if self._losses.random() >= faults.lose)
        self._did["lost bytes"] += len(data) - len(kept)
        return kept
