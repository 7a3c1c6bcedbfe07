"""Queues, as the PBX names them and as people call them."""

from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base


class Queue(Base):
    """A queue of a PBX; it is added by itself when its first call comes."""

    __tablename__ = "queues"
    __table_args__ = (UniqueConstraint("pbx_id", "name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    pbx_id: Mapped[UUID] = mapped_column(ForeignKey("pbxs.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(80))  # as in queues.conf
    label: Mapped[str] = mapped_column(String(80))  # as people say it
