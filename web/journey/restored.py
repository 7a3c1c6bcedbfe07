"""Cards that waited for a wrap-up when the server stopped are shown again when it is back."""

from datetime import UTC, datetime, timedelta

import structlog

import storage.hand_overs
from storage.cards import Cards, CardsUnreadable
from storage.database import Database
from web.journey import stored
from web.journey.callers import Callers
from web.journey.pops import Pops
from web.journey.seats import Seats
from web.live.hand_over import HandOvers, Said

log = structlog.get_logger(__name__)

UNFINISHED_FOR = timedelta(hours=12)  # cards older than that are not shown again
NOTES_FOR = timedelta(hours=4)  # that notes of calls that were sent on are kept at hand


async def show(
    seats: Seats, cards: Cards, database: Database, callers: Callers, pops: Pops
) -> None:
    """Show them; a base that does not answer costs the cards, not the start."""
    with pops.watched() as finished:
        try:
            await cards.prepare()
            waiting = await cards.unfinished(since=datetime.now(UTC) - UNFINISHED_FOR)
        except CardsUnreadable as error:
            log.warning("bridge.not_restored", error=str(error))
            return
        calls = {one.id: one for one in await stored.calls(database, {one.call for one in waiting})}
    for one in waiting:
        if {(one.user, one.call), (one.user, one.offer)} & finished:
            continue  # while we read
        call = calls.get(one.call)
        line = seats.lines.get(call.pbx) if call else None
        offer = next((o for o in call.offers if o.id == one.offer), None) if call else None
        if call is None or line is None or offer is None or call.ended_at is None:
            continue
        callers.meet(call, line)
        callers.decided(call.id)
        pops.restore(one.user, call, offer)


async def remember_notes(database: Database, hand_overs: HandOvers) -> None:
    """What agents wrote when they sent on calls that may still go on shows on the next cards."""
    since = datetime.now(UTC) - NOTES_FOR
    async with database.reading() as session:
        for row in await storage.hand_overs.since(session, since):
            said = Said(user=row.user_id, note=row.note, before=frozenset())
            hand_overs.say_of(row.call_id, said)
