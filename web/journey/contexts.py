"""What is added to a call that is told again, as it is to a live one: who sat where, who called."""

from collections.abc import Mapping
from uuid import UUID

import storage.calls
from pbx_bridge import phone
from pbx_bridge.call import Call, Direction
from storage.calls import CallContext, CallRecord
from storage.cards import Cards
from storage.pbxs import Pbx
from web.live.pop import Caller

Users = Mapping[tuple[UUID, str], UUID]  # (pbx, extension) → user


async def of(
    cards: Cards, users: Users, pbx: Pbx, call: Call, row: CallRecord | None
) -> CallContext:
    """Return it as stored while the number is the same, else look it up."""
    if row is not None and row.number == call.number:
        return storage.calls.context_of(row, users)
    e164 = phone.normalise(call.number, pbx.region, internal_digits=pbx.internal_digits)
    if e164 is None or call.direction is Direction.INTERNAL:
        return CallContext(users=users)
    found = (await cards.find("public", e164)).match
    return CallContext(
        users=users, e164=e164, match=found.level, why=found.why, customer_id=found.customer
    )


def heard(users: Users, caller: Caller | None) -> CallContext:
    """Return it for a live call, with what is known of its other side by now."""
    if caller is None:
        return CallContext(users=users)
    return CallContext(
        users=users,
        e164=caller.e164,
        match=caller.match.level,
        why=caller.match.why,
        customer_id=caller.match.customer,
    )
