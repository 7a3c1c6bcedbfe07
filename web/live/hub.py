"""Who looks at which screens, what each was told, and what it missed.

Every user has one stream of messages, numbered n = 1, 2, 3 …, and one view: the stream folded
together. A screen gets the stream from the number it names, or the view where that is not kept.
"""

from dataclasses import dataclass
from itertools import cycle
from uuid import UUID

from web.live.messages import Close, Data, Kind, Seen, encoded
from web.live.streams import Frame, Limits, Screen, Stream
from web.live.view import View

TURNS = 20  # in which screens have their beat: thousands at once would keep a pop waiting


@dataclass(slots=True)
class Counts:
    """What happened since the start, for metrics."""

    told: int = 0
    dropped: int = 0  # screens that did not keep up
    replayed: int = 0  # frames sent again
    resumed: int = 0
    snapshots: int = 0


class Hub:
    """Tells users' screens; every time is an argument, in monotonic seconds."""

    def __init__(self, epoch: str, limits: Limits | None = None) -> None:
        self.epoch = epoch
        self.limits = limits or Limits()
        self.counts = Counts()
        self._streams: dict[UUID, Stream] = {}
        self._reached: dict[UUID, int] = {}  # n of streams that were let go: never used twice
        self._turns = cycle(range(TURNS))
        self._common = View()  # what every user is told: links and storage

    def tell(
        self, user: UUID, kind: Kind, data: Data, *, now: float, born: float | None = None
    ) -> None:
        """Tell one user: kept for screens that are away, sent to those that are here."""
        stream = self._stream(user)
        stream.view.apply(kind, data)
        stream.n += 1
        frame = Frame(stream.n, now, encoded(self.epoch, stream.n, kind, data), born)
        stream.keep(frame, now=now)
        self.counts.told += 1
        for screen in tuple(stream.screens):
            self._give(screen, frame)

    def tell_all(self, kind: Kind, data: Data, *, now: float) -> None:
        """Tell everyone, also those who come later."""
        self._common.apply(kind, data)
        for user in self._streams:
            self.tell(user, kind, data, now=now)

    def hint(self, users: set[UUID], kind: Kind, data: Data, *, now: float) -> None:
        """Tell what only matters to those of the users who have a screen open."""
        for user in users & self._streams.keys():
            if self._streams[user].screens:
                self.tell(user, kind, data, now=now)

    def join(self, screen: Screen, *, seen: Seen | None, now: float, clock: str) -> None:
        """Add a screen: it first gets what it missed, or the snapshot."""
        stream = self._stream(screen.user)
        if len(stream.screens) >= self.limits.screens:
            self.close(screen, Close.TOO_MANY)
            return
        stream.expire(now=now)
        is_ours = seen is not None and seen.epoch == self.epoch
        missed = stream.after(seen.n) if seen and is_ours else None
        if missed is None:
            self.counts.snapshots += 1
            data = {**stream.view.data(), "now": clock}
            text = encoded(self.epoch, stream.n, Kind.SNAPSHOT, data)
            first = [Frame(stream.n, now, text)]
        else:
            self.counts.resumed += 1
            self.counts.replayed += len(missed)
            n = seen.n if seen else stream.n
            data = {"missed": len(missed), "now": clock}
            first = [Frame(n, now, encoded(self.epoch, n, Kind.RESUMED, data)), *missed]
        screen.outbox.extend(first)
        screen.size += sum(len(frame.text) for frame in first)
        stream.screens.append(screen)
        screen.wake()

    def leave(self, screen: Screen, *, now: float) -> None:
        """Forget a screen; its user's stream is kept for a while."""
        stream = self._streams.get(screen.user)
        if stream is not None and screen in stream.screens:
            stream.screens.remove(screen)
            stream.left_at = now

    def close(self, screen: Screen, why: Close) -> None:
        """Have a screen closed; nothing more is sent to it."""
        if screen.closing is None:
            screen.closing = why
            screen.outbox.clear()
            screen.size = 0
            screen.wake()

    def bye(self, screen: Screen) -> Frame:
        """Return the last message of a screen that is being closed."""
        why = screen.closing or Close.SERVER_STOPS
        n = self._stream(screen.user).n
        data = {"code": int(why), "why": why.name.lower()}
        return Frame(n, 0.0, encoded(self.epoch, n, Kind.BYE, data))

    def beat(self, turn: int, *, clock: str, now: float) -> None:
        """Show the idle screens of a turn that the server lives, and where their streams stand."""
        for stream in self._streams.values():
            if stream.turn == turn and (idle := [s for s in stream.screens if not s.outbox]):
                text = encoded(self.epoch, stream.n, Kind.BEAT, {"now": clock})
                for screen in idle:
                    self._give(screen, Frame(stream.n, now, text))

    def forget(self, *, now: float) -> None:
        """Let go of frames that are too old, and of users who show nothing and are away."""
        for user, stream in tuple(self._streams.items()):
            stream.expire(now=now)
            view = stream.view  # what a phone does is told once, and never by itself again
            idle = not (stream.screens or view.pops or view.phones or view.presences)
            if idle and not stream.kept and now - stream.left_at > self.limits.kept_seconds:
                self._reached[user] = stream.n
                del self._streams[user]

    def view(self, user: UUID) -> View:
        """Return what the user's screens show now; not to be changed."""
        return self._stream(user).view

    def screens(self, user: UUID | None = None) -> list[Screen]:
        """Return the user's open screens, or everyone's."""
        if user is not None:
            return list(self._streams[user].screens) if user in self._streams else []
        return [screen for stream in self._streams.values() for screen in stream.screens]

    def _stream(self, user: UUID) -> Stream:
        stream = self._streams.get(user)
        if stream is None:
            # one more than was reached: who comes back meanwhile missed what everyone was told
            reached = self._reached.pop(user, None)
            n = 0 if reached is None else reached + 1
            stream = self._streams[user] = Stream(self.limits, n=n, turn=next(self._turns))
            stream.view.links = dict(self._common.links)
            stream.view.storage = self._common.storage
        return stream

    def _give(self, screen: Screen, frame: Frame) -> None:
        if screen.closing is not None:
            return
        if not screen.outbox and not screen.muted and screen.push(frame):
            return
        screen.outbox.append(frame)
        screen.size += len(frame.text)
        limits = self.limits
        if len(screen.outbox) > limits.outbox_frames or screen.size > limits.outbox_bytes:
            self.counts.dropped += 1
            self.close(screen, Close.TOO_SLOW)
            return
        screen.wake()
