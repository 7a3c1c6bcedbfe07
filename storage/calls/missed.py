"""Calls that rang at a user and were not taken, and who has called back since."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from pbx_bridge.call import CallState, Direction, OfferEnd
from storage.calls.tables import CallAgent, CallRecord, OfferRecord
from storage.customers import Customer
from storage.users import User

MOST = 100


class Contact(NamedTuple):
    """A later call with the same number."""

    call_id: UUID
    at: datetime
    by: str | None  # the colleague's name
    talked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedCall:
    """The last call from a number that the user missed, and what came after it."""

    call: CallRecord
    customer: str | None
    times: int  # how often the number was missed
    tried: Contact | None = None  # the last try to call back that reached nobody
    reached: Contact | None = None  # the first talk since

    @property
    def is_open(self) -> bool:
        """Whether nobody has talked to them since."""
        return self.reached is None


def rang_in_vain() -> ColumnElement[bool]:
    """An offer that its phone let ring, or whose caller gave up ringing at that phone alone."""
    alone = and_(OfferRecord.end == OfferEnd.CANCELLED, OfferRecord.queue.is_(None))
    return and_(OfferRecord.outgoing.is_(False), or_(OfferRecord.end == OfferEnd.MISSED, alone))


async def missed(session: AsyncSession, user_id: UUID, *, since: datetime) -> Sequence[MissedCall]:
    """Numbers whose calls the user missed since then and nobody took, the newest first."""
    mine = aliased(CallAgent)
    talked = exists().where(CallAgent.call_id == CallRecord.id, CallAgent.talked)
    rang = exists().where(
        OfferRecord.call_id == CallRecord.id, OfferRecord.user_id == user_id, rang_in_vain()
    )
    query = (
        select(CallRecord, Customer.name)
        .join(mine, mine.call_id == CallRecord.id)
        .outerjoin(Customer, Customer.id == CallRecord.customer_id)
        .where(
            mine.user_id == user_id,
            mine.started_at >= since,
            CallRecord.direction == Direction.INBOUND,
            CallRecord.state == CallState.ENDED,
            CallRecord.e164.is_not(None),
            ~talked,
            rang,
        )
        .order_by(CallRecord.started_at.desc())
        .limit(MOST)
    )
    found: dict[str, list[tuple[CallRecord, str | None]]] = {}
    for call, customer in await session.execute(query):
        found.setdefault(str(call.e164), []).append((call, customer))
    if not found:
        return []
    later = await _later(session, found, since=since)
    return [_told(calls, later.get(number, [])) for number, calls in found.items()]


def _told(calls: Sequence[tuple[CallRecord, str | None]], later: Sequence[Contact]) -> MissedCall:
    """The newest of a number's missed calls, with the contacts after it in order of time."""
    call, customer = calls[0]
    after = [contact for contact in later if contact.at > call.started_at]
    return MissedCall(
        call=call,
        customer=customer,
        times=len(calls),
        reached=next((contact for contact in after if contact.talked), None),
        tried=next((contact for contact in reversed(after) if not contact.talked), None),
    )


async def _later(
    session: AsyncSession, numbers: Collection[str], *, since: datetime
) -> dict[str, list[Contact]]:
    """Talks with these numbers, and our tries to reach them, in order of time."""
    is_talk = CallRecord.answered_at.is_not(None)
    query = (
        select(CallRecord.e164, CallRecord.id, CallRecord.started_at, User.name, is_talk)
        .outerjoin(User, User.id == CallRecord.user_id)
        .where(
            CallRecord.e164.in_(numbers),
            CallRecord.started_at >= since,
            or_(is_talk, CallRecord.direction == Direction.OUTBOUND),
        )
        .order_by(CallRecord.started_at)
    )
    found: dict[str, list[Contact]] = {}
    rows: Any = await session.execute(query)
    for number, key, at, name, talked in rows:
        found.setdefault(number, []).append(Contact(key, at, name, bool(talked)))
    return found
