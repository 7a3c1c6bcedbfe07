"""Agents: which user sits at which phone."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base


class Agent(Base):
    """A user at an extension of a PBX. One phone has one agent at a time."""

    __tablename__ = "agents"
    __table_args__ = (
        UniqueConstraint("pbx_id", "extension"),
        UniqueConstraint("pbx_id", "interface"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    pbx_id: Mapped[UUID] = mapped_column(ForeignKey("pbxs.id", ondelete="CASCADE"))
    extension: Mapped[str] = mapped_column(String(20))  # 101
    interface: Mapped[str] = mapped_column(String(80))  # PJSIP/101
    created_at: Mapped[datetime]
