"""Those we serve: persons and companies."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base


class CustomerKind(StrEnum):
    """A human being, or an organisation that contacts speak for."""

    PERSON = "person"
    COMPANY = "company"


class Customer(Base):
    """A person or company we serve."""

    __tablename__ = "customers"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[CustomerKind]
    name: Mapped[str] = mapped_column(String(200), index=True)  # one display name
    address_as: Mapped[str | None] = mapped_column(String(120))  # preferred form of address
    email: Mapped[str | None] = mapped_column(String(254))
    about: Mapped[str] = mapped_column(Text, default="")  # what everyone should know
    version: Mapped[int] = mapped_column(default=1)  # of the row, against lost updates
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]  # no longer served: matched no more, still found

    __mapper_args__ = {"version_id_col": version}


class CustomerWord(Base):
    """One folded word of a customer's name: search by the beginning of any word, on any engine."""

    __tablename__ = "customer_words"
    __table_args__ = (Index(None, "customer_id"),)

    word: Mapped[str] = mapped_column(String(80, collation=None), primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(
        ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True
    )
