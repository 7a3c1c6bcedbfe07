"""Why a call is whose it is: the rule that matched at the time, or the colleague who said so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pbx_bridge.matching import Reason
from storage.audit import AuditEntry
from storage.calls.rows import CallContext
from storage.calls.tables import CallAlias, CallRecord
from storage.customers import Customer
from storage.users import User

NO_NAME = "\N{EN DASH}"  # of a customer who is there no more


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """The reason that was kept with the call; `by` and `at` where a colleague decided."""

    why: Reason | None
    by: str | None = None
    at: datetime | None = None


def reason_of(call: CallRecord) -> Reason | None:
    """The reason that is kept with the call; it names the customer by key alone."""
    kept = dict(call.match_why or {})
    text = kept.pop("text", None)
    return Reason(text=text, params=kept) if text else None


def context_of(call: CallRecord, users: Mapping[tuple[UUID, str], UUID]) -> CallContext:
    """Who was on the other side as it is stored, for a telling that learnt nothing new of it."""
    return CallContext(
        users=users,
        e164=call.e164,
        match=call.match,
        why=reason_of(call),
        customer_id=call.customer_id,
    )


async def matched(session: AsyncSession, call: CallRecord) -> Matched:
    """Why the call is matched as it is, with names as they are today."""
    reason = reason_of(call)
    if reason is not None and (about := reason.params.get("customer")):
        customer = await session.get(Customer, UUID(about))
        name = customer.name if customer else NO_NAME
        reason = Reason(text=reason.text, params={**reason.params, "name": name})
    if not call.matched_by_hand:
        return Matched(why=reason)
    aliases = await session.scalars(select(CallAlias.id).where(CallAlias.call_id == call.id))
    query = (
        select(User.name, AuditEntry.at)
        .outerjoin(User, User.id == AuditEntry.user_id)
        .where(
            AuditEntry.noun == "call",
            AuditEntry.key.in_([call.id, *aliases]),
            AuditEntry.action == "call.matched",
        )
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )
    found = (await session.execute(query)).first()
    return Matched(why=reason, by=found[0] if found else None, at=found[1] if found else None)
