"""Notes: what a colleague wrote about a customer, with or without a call."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base


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
