"""Promises: a commitment to a customer, with a due date, kept or not."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base


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
