"""One user's stream of messages: what it shows, what of it is kept, and the screens that get it."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from web.live.messages import Close
from web.live.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is kept; seconds and bytes."""

    kept_frames: int = 512  # per user, to be sent again
    kept_seconds: float = 600.0
    kept_bytes: int = 2 * 1024 * 1024
    outbox_frames: int = 256  # per screen, not yet taken
    outbox_bytes: int = 1024 * 1024
    screens: int = 20  # per user


@dataclass(frozen=True, slots=True)
class Frame:
    """A message as it crosses the wire."""

    n: int
    at: float  # monotonic seconds when it was told
    text: bytes
    born: float | None = None  # epoch seconds when the PBX's bytes arrived that caused it


class Screen:
    """One socket of a user: what it has still to be sent."""

    def __init__(
        self, user: UUID, *, push: Callable[[Frame], bool], wake: Callable[[], None]
    ) -> None:
        self.user = user
        self.push = push  # sends at once, or says False: then it goes to the outbox
        self.wake = wake  # there is something in the outbox, or the screen is to be closed
        self.outbox: deque[Frame] = deque()
        self.size = 0  # bytes in the outbox
        self.closing: Close | None = None
        self.muted = False  # nothing is sent until its rights are looked at again

    def take(self) -> Frame | None:
        """Return the next frame to send."""
        if not self.outbox or self.muted or self.closing is not None:
            return None
        frame = self.outbox.popleft()
        self.size -= len(frame.text)
        return frame


@dataclass(slots=True)
class Stream:
    """The frames of one user, numbered by n; every time is an argument, in monotonic seconds."""

    limits: Limits
    n: int = 0
    turn: int = 0  # in which its screens have their beat
    view: View = field(default_factory=View)
    screens: list[Screen] = field(default_factory=list)
    left_at: float = 0.0  # when its last screen left
    kept: deque[Frame] = field(default_factory=deque)
    size: int = 0  # bytes in what is kept

    def keep(self, frame: Frame, *, now: float) -> None:
        """Keep a frame, to be sent again; the oldest give way."""
        self.kept.append(frame)
        self.size += len(frame.text)
        while len(self.kept) > self.limits.kept_frames or self.size > self.limits.kept_bytes:
            self._drop_oldest()
        self.expire(now=now)

    def expire(self, *, now: float) -> None:
        """Let go of frames that are too old."""
        while self.kept and now - self.kept[0].at > self.limits.kept_seconds:
            self._drop_oldest()

    def after(self, n: int) -> list[Frame] | None:
        """Return the frames after this one; None where a screen that saw it needs the snapshot."""
        if not 0 <= n <= self.n:
            return None
        count = self.n - n
        if count > len(self.kept) or count > self.limits.outbox_frames // 2:
            return None
        missed = list(self.kept)[len(self.kept) - count :]
        if sum(len(frame.text) for frame in missed) > self.limits.outbox_bytes // 2:
            return None
        return missed

    def _drop_oldest(self) -> None:
        self.size -= len(self.kept.popleft().text)
