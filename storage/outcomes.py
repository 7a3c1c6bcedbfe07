"""Outcomes: what an agent can choose when a call is over."""

from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base


class Outcome(Base):
    """One choice of the wrap-up. Never deleted, only closed: old calls keep theirs."""

    __tablename__ = "outcomes"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    position: Mapped[int] = mapped_column(default=0)  # order in the list
    active: Mapped[bool] = mapped_column(default=True)
