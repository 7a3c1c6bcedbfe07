"""From a number to a customer: who may be calling, and making an unknown caller known."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, Uuid, cast, func, literal, null, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

import storage.calls
import storage.customers
import storage.numbers
from pbx_bridge import matching
from pbx_bridge.matching import Candidate, Match
from storage.calls import CallRecord
from storage.contacts import Contact
from storage.customers import Customer, Profile
from storage.database import UtcDateTime
from storage.numbers import Home, Number

PEOPLE_OF_A_LINE = 50  # of one company at most: more cannot be chosen from while it rings


async def owners(session: AsyncSession, e164: str) -> Sequence[Candidate]:
    """Who may be calling from a number: who has it, and who speaks for a company that has it."""
    company = aliased(Customer)
    have = (
        _candidates(literal(value=True), Number.chosen_at, cast(null(), Uuid), cast(null(), String))
        .join(Number, Number.customer_id == Customer.id)
        .where(Number.e164 == e164)
    )
    speak = (
        _candidates(
            literal(value=False), cast(null(), UtcDateTime), Contact.company_id, Contact.role
        )
        .join(Contact, Contact.person_id == Customer.id)
        .join(Number, Number.customer_id == Contact.company_id)
        .join(company, company.id == Contact.company_id)
        .where(Number.e164 == e164, Contact.ended_on.is_(None), company.closed_at.is_(None))
        .order_by(_last_contact().desc().nulls_last(), Customer.id)
        .limit(PEOPLE_OF_A_LINE)
    )
    both = have.union_all(select(speak.subquery()))
    return [
        Candidate(
            customer=row.id,
            name=row.name,
            kind=row.kind,
            owns=bool(row.owns),
            closed=row.closed_at is not None,
            chosen=row.chosen_at is not None,
            company=row.company_id,
            role=row.role or "",
            last_contact=row.last_contact,
        )
        for row in (await session.execute(both)).all()
    ]


async def match(session: AsyncSession, e164: str) -> Match:
    """Say whose a public number is: known, likely or unknown."""
    return matching.match("public", await owners(session, e164))


async def give_number(
    session: AsyncSession,
    customer_id: UUID,
    written: str,
    *,
    home: Home,
    by: UUID | None,
    now: datetime,
    label: str = "",
) -> int:
    """Give a customer a number; its earlier unknown calls follow, and how many is returned.

    Raises Refused for what is no number, Conflict where they have it already.
    """
    number = await storage.numbers.add(
        session, customer_id, written, home=home, label=label, by=by, now=now
    )
    return await storage.calls.adopt(session, number.e164, customer_id, by=by)


async def create_from_call(
    session: AsyncSession, call_id: UUID, profile: Profile, *, by: UUID | None, now: datetime
) -> Customer:
    """Make the other side of a call a customer: the number, the call and its like are theirs.

    Raises NotFound where the call is not stored.
    """
    customer = await storage.customers.create(session, profile, by=by, now=now)
    await attach(session, call_id, customer.id, by=by, now=now)
    return customer


async def attach(
    session: AsyncSession,
    call_id: UUID,
    customer_id: UUID,
    *,
    by: UUID | None,
    now: datetime,
    remember: bool = False,
) -> int:
    """Say that a call and its number are a customer's; gives how many earlier calls followed.

    With `remember` the next calls of the number are theirs too, whoever shares it.
    """
    call = await storage.calls.match_by_hand(session, call_id, customer_id, by=by)
    if call.e164 is None:
        return 0
    number = await storage.numbers.ensure(session, customer_id, call.e164, by=by, now=now)
    if remember:
        await storage.numbers.choose(session, number.id, by=by, now=now)
    return await storage.calls.adopt(session, call.e164, customer_id, by=by)


def _last_contact() -> ColumnElement[Any]:
    return (
        select(func.max(CallRecord.started_at, type_=UtcDateTime()))
        .where(CallRecord.customer_id == Customer.id)
        .correlate(Customer)
        .scalar_subquery()
    )


def _candidates(owns: Any, chosen_at: Any, company: Any, role: Any) -> Select[*tuple[Any, ...]]:  # noqa: ANN401 - columns of any kind
    return select(
        Customer.id,
        Customer.name,
        Customer.kind,
        Customer.closed_at,
        owns.label("owns"),
        chosen_at.label("chosen_at"),
        company.label("company_id"),
        role.label("role"),
        _last_contact().label("last_contact"),
    )
