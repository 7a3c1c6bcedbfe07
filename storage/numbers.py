"""Every phone number we know, and whose it is."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base


class Number(Base):
    """A number of a customer. Several may share one: the pair is unique, not the number."""

    __tablename__ = "numbers"
    __table_args__ = (UniqueConstraint("e164", "customer_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    e164: Mapped[str] = mapped_column(String(20), index=True)
    written: Mapped[str] = mapped_column(String(40))  # as a person wrote it
    label: Mapped[str] = mapped_column(String(40), default="")  # mobile, office …
    customer_id: Mapped[UUID] = mapped_column(
        ForeignKey("customers.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime]
