"""Tell the calls of some books, as well as the books allow; what they do not say is named."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from pbx_bridge.books import cel_events, queue_events
from pbx_bridge.books.channels import Channels, ordered
from pbx_bridge.books.rows import Books
from pbx_bridge.call import Call
from pbx_bridge.changes import CallChanged, CallsJoined
from pbx_bridge.events import Event
from pbx_bridge.tracker import Tracker


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """A call as the books tell it.

    `uncertain` names what they do not say: offers, segments, talk, hold, direction, number, queue,
    result, started_at, recordings. `is_open`: they tell no end of it yet.
    """

    call: Call
    uncertain: frozenset[str] = frozenset()
    is_open: bool = False


def tell(pbx: UUID, phones: Mapping[str, str], books: Books) -> tuple[Recovered, ...]:
    """Return the calls that the books tell of, in order of their begin.

    `phones` maps the interfaces of our phones to their extensions. The ids are derived as those of
    live calls are, and yet differ from them: match calls by PBX and uniqueid of their legs.
    """
    tracker = Tracker(pbx, phones)
    told: dict[UUID, Call] = {}
    for event in _events(books):
        for change in tracker.feed(event):
            if isinstance(change, CallsJoined):
                told.pop(change.gone, None)
            if isinstance(change, CallChanged):
                told[change.call.id] = change.call
    calls = sorted(told.values(), key=lambda call: (call.started_at, call.id))
    return tuple(Recovered(call=call, is_open=call.ended_at is None) for call in calls)


def _events(books: Books) -> list[Event]:
    """Return what the rows of CEL and the lines of queue_log tell, in order of time."""
    channels = Channels(books)
    found: list[Event] = []
    for row in ordered(books.cels):
        found += cel_events.of_row(channels, row)
    found += _of_queues(books, channels)
    return sorted(found, key=lambda event: event.at)


def _of_queues(books: Books, channels: Channels) -> Iterator[Event]:
    for entry in books.queue_log:
        yield from queue_events.of_entry(channels, entry)
