"""A client of the hub without a socket."""

import json
from uuid import UUID

from web.live.hub import Hub
from web.live.messages import Seen
from web.live.streams import Frame, Screen
from web.live.view import View

ANN = UUID(int=1)
BOB = UUID(int=2)


class Glass:
    """A client: takes what its screen gets and folds it, as docs/live-protocol.md says."""

    def __init__(self, hub: Hub, user: UUID, *, takes_at_once: bool = True) -> None:
        self.hub = hub
        self.user = user
        self.takes_at_once = takes_at_once
        self.messages: list[dict] = []
        self.view: View | None = None
        self.seen: Seen | None = None
        self.screen: Screen | None = None

    def open(self, now: float = 0.0) -> "Glass":
        self.screen = Screen(self.user, push=self.push, wake=lambda: None)
        self.hub.join(self.screen, seen=self.seen, now=now, clock="")
        self.drain()
        return self

    def push(self, frame: Frame) -> bool:
        if self.takes_at_once:
            self.take(frame)
        return self.takes_at_once

    def drain(self) -> None:
        while frame := self.screen.take():
            self.take(frame)

    def close(self, now: float = 0.0) -> None:
        self.hub.leave(self.screen, now=now)

    def take(self, frame: Frame) -> None:
        message = json.loads(frame.text)
        self.messages.append(message)
        kind, n = message["type"], message["n"]
        if kind == "snapshot":
            self.view = View.of(message["data"])
        elif kind not in {"resumed", "beat"}:
            assert n == self.seen.n + 1, "a gap or a repetition"
            self.view.apply(kind, message["data"])
        self.seen = Seen(message["epoch"], n)

    def kinds(self) -> list[str]:
        return [message["type"] for message in self.messages]


def pop(key: int, state: str = "ringing") -> dict:
    return {"id": str(key), "state": state}


def fresh(hub: Hub, user: UUID) -> dict:
    glass = Glass(hub, user).open()
    glass.close()
    return glass.view.data()
