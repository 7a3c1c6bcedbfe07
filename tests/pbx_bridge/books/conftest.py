"""The stories of the lab, as they were heard live and as the PBX wrote them down."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from uuid import UUID

import pytest

from pbx_bridge import books
from pbx_bridge.ami.message import Message
from pbx_bridge.call import Call
from pbx_bridge.changes import CallEnded
from pbx_bridge.tracker import Tracker
from pbx_bridge.translate import translate

STREAMS = Path(__file__).parents[2] / "streams"
PBX = UUID(int=7)
PHONES = {f"PJSIP/{n}": str(n) for n in range(101, 250)}
DAY = datetime(2026, 11, 22, tzinfo=UTC), datetime(2026, 11, 30, tzinfo=UTC)


def folder_of(name: str) -> books.BookFolder:
    stream = STREAMS / name
    return books.BookFolder(
        cel=stream.with_suffix(".cel.csv"),
        cdr=stream.with_suffix(".cdr.csv"),
        queue_log=stream.with_suffix(".queue_log"),
    )


@cache
def books_of(name: str) -> books.Books:
    since, until = DAY
    return books.read(folder_of(name), since=since, until=until)


@cache
def heard(name: str) -> tuple[Call, ...]:
    """Return the calls of a story as the tracker told them live."""
    tracker = Tracker(PBX, PHONES)
    ended: dict[UUID, None] = {}
    for raw in (STREAMS / f"{name}.ami").read_bytes().split(b"\r\n\r\n"):
        event = translate(Message(raw, 0.0)) if raw.startswith(b"Event: ") else None
        for change in tracker.feed(event) if event else ():
            if isinstance(change, CallEnded):
                ended[change.call.id] = None
    calls = (tracker.call(call) for call in ended)
    told = {call.id: call for call in calls if call is not None}
    return tuple(sorted(told.values(), key=lambda call: call.started_at))


@pytest.fixture
def written() -> Callable[[str], books.Books]:
    """Return the books of a story."""
    return books_of


@pytest.fixture
def live() -> Callable[[str], list[Call]]:
    """Return a story as it was told live."""
    return lambda name: list(heard(name))
