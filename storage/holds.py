"""Legal holds: what is held is deleted by no rule until the hold is lifted."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from pbx_bridge.ids import uuid7
from storage import audit
from storage.database import Base
from storage.errors import NotFound, Refused

PAGE = 200


class LegalHold(Base):
    """A hold on one call, or on every call of a customer; lifted, it stays as a row."""

    __tablename__ = "legal_holds"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    call_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("calls.id", ondelete="CASCADE"), index=True
    )
    customer_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("customers.id", ondelete="CASCADE"), index=True
    )
    reason: Mapped[str] = mapped_column(String(200))  # a person's: never translated
    placed_at: Mapped[datetime]
    placed_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    lifted_at: Mapped[datetime | None] = mapped_column(index=True)
    lifted_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))


async def place(
    session: AsyncSession, reason: str, *, call_id: UUID | None = None,
    customer_id: UUID | None = None, by: UUID | None, now: datetime,
) -> LegalHold:  # fmt: skip
    """Hold a call, or all of a customer; raises Refused without a reason."""
    if not reason.strip():
        raise Refused("say why")
    if (call_id is None) is (customer_id is None):
        raise Refused("a hold is on a call or on a customer")
    hold = LegalHold(
        id=uuid7(now), call_id=call_id, customer_id=customer_id, reason=reason.strip()[:200],
        placed_at=now, placed_by=by,
    )  # fmt: skip
    session.add(hold)
    await session.flush()
    on = {"call": str(call_id)} if call_id else {"customer": str(customer_id)}
    audit.record(session, "hold.placed", by=by, key=hold.id, **on)
    return hold


async def lift(session: AsyncSession, key: UUID, *, by: UUID | None, now: datetime) -> LegalHold:
    """Lift a hold; raises NotFound, and Refused where it is lifted already."""
    hold = await session.get(LegalHold, key)
    if hold is None:
        raise NotFound("hold", key)
    if hold.lifted_at is not None:
        raise Refused("this hold is lifted already")
    hold.lifted_at, hold.lifted_by = now, by
    audit.record(session, "hold.lifted", by=by, key=key)
    return hold


async def on_call(
    session: AsyncSession, call_id: UUID, customer_id: UUID | None
) -> Sequence[LegalHold]:
    """The holds that keep a call now: its own, and its customer's."""
    mine = LegalHold.call_id == call_id
    whose = mine if customer_id is None else or_(mine, LegalHold.customer_id == customer_id)
    query = select(LegalHold).where(LegalHold.lifted_at.is_(None), whose)
    return (await session.scalars(query.order_by(LegalHold.id))).all()


async def on_customer(session: AsyncSession, customer_id: UUID) -> Sequence[LegalHold]:
    """The holds on a customer now."""
    query = select(LegalHold).where(
        LegalHold.lifted_at.is_(None), LegalHold.customer_id == customer_id
    )
    return (await session.scalars(query.order_by(LegalHold.id))).all()


async def listed(session: AsyncSession) -> Sequence[LegalHold]:
    """The holds that stand, the newest first, at most 200."""
    query = select(LegalHold).where(LegalHold.lifted_at.is_(None))
    return (await session.scalars(query.order_by(LegalHold.id.desc()).limit(PAGE))).all()
