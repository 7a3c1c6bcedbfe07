"""Contacts: which person speaks for which company, in what role, from when to when."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ForeignKey, Select, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

import storage.customers
from pbx_bridge.ids import uuid7
from storage import audit
from storage.customers import Customer, CustomerKind
from storage.database import Base
from storage.errors import Conflict, NotFound, Refused
from storage.rules import texts


class Contact(Base):
    """A person's role at a company; a move ends one row and begins another."""

    __tablename__ = "contacts"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("customers.id", ondelete="CASCADE"), index=True
    )
    company_id: Mapped[UUID] = mapped_column(
        ForeignKey("customers.id", ondelete="CASCADE"), index=True
    )
    role: Mapped[str] = mapped_column(String(120), default="")
    began_on: Mapped[date | None]
    ended_on: Mapped[date | None]


class Role(NamedTuple):
    """A contact together with who stands at its other end."""

    contact: Contact
    customer: Customer


async def people_of(session: AsyncSession, company_id: UUID) -> Sequence[Role]:
    """Who speaks for a company: those who do now by name, then those who did."""
    query = select(Contact, Customer).join(Customer, Customer.id == Contact.person_id)
    return await _roles(session, query.where(Contact.company_id == company_id))


async def companies_of(session: AsyncSession, person_id: UUID) -> Sequence[Role]:
    """For which companies a person speaks: those of now by name, then those of before."""
    query = select(Contact, Customer).join(Customer, Customer.id == Contact.company_id)
    return await _roles(session, query.where(Contact.person_id == person_id))


async def roles_of(session: AsyncSession, customer: Customer) -> Sequence[Role]:
    """A company's people, or a person's companies."""
    if customer.kind is CustomerKind.COMPANY:
        return await people_of(session, customer.id)
    return await companies_of(session, customer.id)


async def begin(
    session: AsyncSession,
    *,
    person_id: UUID,
    company_id: UUID,
    role: str,
    by: UUID | None,
    now: datetime,
    began_on: date | None = None,
) -> Contact:
    """Let a person speak for a company; raises Refused for the wrong kinds, Conflict if they do."""
    person = await storage.customers.get(session, person_id, locked=True)
    company = await storage.customers.get(session, company_id)
    if person.kind is not CustomerKind.PERSON or company.kind is not CustomerKind.COMPANY:
        raise Refused("Only a person can speak for a company.")
    open_pair = select(Contact.id).where(
        Contact.person_id == person_id,
        Contact.company_id == company_id,
        Contact.ended_on.is_(None),
    )
    if await session.scalar(open_pair) is not None:
        raise Conflict(
            "{person} already speaks for {company}.", person=person.name, company=company.name
        )
    contact = Contact(
        id=uuid7(now),
        person_id=person_id,
        company_id=company_id,
        role=texts.one_line(role, limit=120),
        began_on=began_on,
    )
    session.add(contact)
    audit.record(
        session,
        "contact.began",
        by=by,
        key=contact.id,
        person=str(person_id),
        company=str(company_id),
    )
    await session.flush()
    return contact


async def end(
    session: AsyncSession, contact_id: UUID, *, ended_on: date, by: UUID | None
) -> Contact:
    """Let a person speak for a company no longer; the row stays as the history of both."""
    contact = await session.get(Contact, contact_id, with_for_update=True)
    if contact is None:
        raise NotFound("contact", contact_id)
    if contact.began_on is not None and ended_on < contact.began_on:
        raise Refused("A role cannot end before it began.")
    if contact.ended_on is None:
        contact.ended_on = ended_on
        audit.record(session, "contact.ended", by=by, key=contact.id)
    return contact


async def _roles(session: AsyncSession, query: Select[Contact, Customer]) -> Sequence[Role]:
    ordered = query.order_by(
        Contact.ended_on.is_not(None), Contact.ended_on.desc(), Customer.sort_name, Contact.id
    )
    return [Role(contact, customer) for contact, customer in (await session.execute(ordered)).all()]
