"""Notes: what a colleague wrote about a customer, with or without a call."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

import storage.customers
from pbx_bridge.ids import uuid7
from storage import audit
from storage.database import Base
from storage.errors import Refused
from storage.rules import texts
from storage.users import User


class Note(Base):
    """One note on a customer's timeline."""

    __tablename__ = "notes"
    __table_args__ = (Index(None, "customer_id", "created_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    call_id: Mapped[UUID | None] = mapped_column(ForeignKey("calls.id"), index=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))  # who wrote it
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class SignedNote(NamedTuple):
    """A note and the name of who wrote it."""

    note: Note
    author: str | None


async def add(
    session: AsyncSession,
    customer_id: UUID,
    text: str,
    *,
    by: UUID | None,
    now: datetime,
    call_id: UUID | None = None,
) -> Note:
    """Write a note about a customer; raises Refused where there is nothing in it."""
    words = texts.clean(text)
    if not words:
        raise Refused("A note needs a text.")
    await storage.customers.get(session, customer_id)
    note = Note(
        id=uuid7(now),
        customer_id=customer_id,
        call_id=call_id,
        user_id=by,
        text=words,
        created_at=now,
    )
    session.add(note)
    audit.record(session, "note.added", by=by, key=note.id, customer=str(customer_id))
    await session.flush()
    return note


async def latest_of(
    session: AsyncSession, customer_id: UUID, *, limit: int
) -> Sequence[SignedNote]:
    """The notes about a customer, newest first."""
    query = (
        select(Note, User.name)
        .outerjoin(User, User.id == Note.user_id)
        .where(Note.customer_id == customer_id)
        .order_by(Note.created_at.desc(), Note.id.desc())
        .limit(limit)
    )
    return [SignedNote(note, author) for note, author in (await session.execute(query)).all()]
