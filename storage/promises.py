"""Promises: a commitment to a customer, with a due date, kept or not."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Select, Text, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

import storage.customers
from pbx_bridge.ids import uuid7
from storage import audit
from storage.database import Base
from storage.errors import Conflict, NotFound, Refused
from storage.rules import texts
from storage.users import User


class Promise(Base):
    """What was promised to whom by when; open until it is kept or given up."""

    __tablename__ = "promises"
    __table_args__ = (Index(None, "customer_id", "due_on"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    call_id: Mapped[UUID | None] = mapped_column(ForeignKey("calls.id"), index=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))  # who promised
    text: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date]
    created_at: Mapped[datetime]
    kept_at: Mapped[datetime | None]
    broken_at: Mapped[datetime | None]

    @property
    def is_open(self) -> bool:
        """Neither kept nor given up."""
        return self.kept_at is None and self.broken_at is None

    def state_on(self, day: date) -> str:
        """How it stands on a day: kept, broken, overdue, due (that day) or open."""
        if self.kept_at is not None:
            return "kept"
        if self.broken_at is not None:
            return "broken"
        return "overdue" if self.due_on < day else "due" if self.due_on == day else "open"


class SignedPromise(NamedTuple):
    """A promise and the name of who gave it."""

    promise: Promise
    author: str | None


async def add(
    session: AsyncSession,
    customer_id: UUID,
    text: str,
    *,
    due_on: date,
    by: UUID | None,
    now: datetime,
    call_id: UUID | None = None,
) -> Promise:
    """Note what we promised a customer; raises Refused where there is nothing in it."""
    words = texts.clean(text)
    if not words:
        raise Refused("A promise needs a text.")
    await storage.customers.get(session, customer_id)
    promise = Promise(
        id=uuid7(now),
        customer_id=customer_id,
        call_id=call_id,
        user_id=by,
        text=words,
        due_on=due_on,
        created_at=now,
    )
    session.add(promise)
    audit.record(session, "promise.added", by=by, key=promise.id, customer=str(customer_id))
    await session.flush()
    return promise


async def keep(
    session: AsyncSession, promise_id: UUID, *, by: UUID | None, now: datetime
) -> Promise:
    """The promise was kept; raises Conflict where it is open no longer."""
    promise = await _open(session, promise_id)
    promise.kept_at = now
    audit.record(session, "promise.kept", by=by, key=promise.id)
    return promise


async def give_up(
    session: AsyncSession, promise_id: UUID, *, by: UUID | None, now: datetime
) -> Promise:
    """The promise was broken; raises Conflict where it is open no longer."""
    promise = await _open(session, promise_id)
    promise.broken_at = now
    audit.record(session, "promise.broken", by=by, key=promise.id)
    return promise


async def open_of(session: AsyncSession, customer_id: UUID) -> Sequence[SignedPromise]:
    """What we still owe a customer, what is due first first."""
    query = _signed(customer_id).where(Promise.kept_at.is_(None), Promise.broken_at.is_(None))
    return await _fetch(session, query.order_by(Promise.due_on, Promise.id))


async def latest_of(
    session: AsyncSession, customer_id: UUID, *, limit: int
) -> Sequence[SignedPromise]:
    """Every promise to a customer, open or not, newest first."""
    return await _fetch(session, _signed(customer_id).order_by(Promise.id.desc()).limit(limit))


def _signed(customer_id: UUID) -> Select[Promise, str]:
    return (
        select(Promise, User.name)
        .outerjoin(User, User.id == Promise.user_id)
        .where(Promise.customer_id == customer_id)
    )


async def _fetch(session: AsyncSession, query: Select[Promise, str]) -> Sequence[SignedPromise]:
    return [
        SignedPromise(promise, author) for promise, author in (await session.execute(query)).all()
    ]


async def _open(session: AsyncSession, promise_id: UUID) -> Promise:
    promise = await session.get(Promise, promise_id, with_for_update=True)
    if promise is None:
        raise NotFound("promise", promise_id)
    if not promise.is_open:
        raise Conflict("This promise is open no longer.")
    return promise
