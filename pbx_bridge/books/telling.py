"""Tell the calls of some books, as well as the books allow; what they do not say is named."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from pbx_bridge.books import cdr_rows, cel_events, queue_events, queue_guesses
from pbx_bridge.books.doubts import Doubts
from pbx_bridge.books.ledgers import Ledger
from pbx_bridge.books.rows import Books, Cdr
from pbx_bridge.call import Call
from pbx_bridge.changes import CallChanged, CallsJoined
from pbx_bridge.events import Event
from pbx_bridge.tracker import Tracker
from pbx_bridge.tracker.grouping import WIRES


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """A call as the books tell it.

    `uncertain` names what they do not say: legs, offers, segments, talk, hold, direction, number,
    queue, result, started_at, recordings. `is_open`: they tell no end of it yet.
    """

    call: Call
    uncertain: frozenset[str] = frozenset()
    is_open: bool = False


def tell(pbx: UUID, phones: Mapping[str, str], books: Books) -> tuple[Recovered, ...]:
    """Return the calls that the books tell of, in order of their begin.

    `phones` maps the interfaces of our phones to their extensions. The ids are derived as those of
    live calls are, and yet differ from them: match calls by PBX and uniqueid of their legs.
    """
    ledger = Ledger([*books.cels, *cdr_rows.as_cel(_left_over(books), books.queue_log)], books.cdrs)
    tracker = Tracker(pbx, phones)
    told: dict[UUID, Call] = {}
    for event in _events(ledger, books):
        for change in tracker.feed(event):
            if isinstance(change, CallsJoined):
                told.pop(change.gone, None)
            if isinstance(change, CallChanged):
                told[change.call.id] = change.call
    doubts = Doubts(books, ledger)
    return tuple(
        Recovered(call=call, uncertain=doubts.of(call), is_open=call.ended_at is None)
        for call in sorted(told.values(), key=lambda call: (call.started_at, call.id))
        if _has_party(call)
    )


def _events(ledger: Ledger, books: Books) -> list[Event]:
    """Return what the lines of queue_log and the rows of CEL tell, in order of time."""
    logged = {entry.callid for entry in books.queue_log}
    log = [*books.queue_log, *queue_guesses.entries(ledger, logged)]
    ledger.enter_log(log)
    found: list[Event] = []
    for entry in log:
        found += queue_events.of_entry(ledger, entry)
    for channel, row in ledger.entries:
        found += cel_events.of_row(ledger, channel, row)
    return sorted(found, key=lambda event: event.at)


def _left_over(books: Books) -> list[Cdr]:
    """Return the rows of CDR about channels of which CEL says nothing."""
    known = {row.channel for row in books.cels} | {row.uniqueid for row in books.cels}
    return [row for row in books.cdrs if not known & {row.channel, row.uniqueid}]


def _has_party(call: Call) -> bool:
    return any(leg.channel.partition("/")[0] not in WIRES for leg in call.legs)
