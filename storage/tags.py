"""Tags of calls: short names that people give them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from pbx_bridge.ids import uuid7
from storage import audit
from storage.database import Base
from storage.errors import Refused

LONGEST = 40


class Tag(Base):
    """A name for calls that have something in common."""

    __tablename__ = "tags"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST), unique=True)


class CallTag(Base):
    """A tag on a call, and who put it there."""

    __tablename__ = "call_tags"

    call_id: Mapped[UUID] = mapped_column(
        ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True
    )
    tag_id: Mapped[UUID] = mapped_column(
        ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]


async def listed(session: AsyncSession) -> Sequence[Tag]:
    """Every tag there is, by name."""
    return (await session.scalars(select(Tag).order_by(func.lower(Tag.name)))).all()


async def of_call(session: AsyncSession, call_id: UUID) -> Sequence[Tag]:
    """The tags of a call, by name."""
    query = select(Tag).join(CallTag, CallTag.tag_id == Tag.id).where(CallTag.call_id == call_id)
    return (await session.scalars(query.order_by(func.lower(Tag.name)))).all()


async def put(
    session: AsyncSession, call_id: UUID, name: str, *, by: UUID | None, now: datetime
) -> Tag:
    """Tag a call; a name that differs in case alone is the same tag. Raises Refused."""
    name = " ".join(name.split())
    if not name or not name.isprintable():
        raise Refused("give the tag a name")
    if len(name) > LONGEST:
        raise Refused("a tag is at most 40 characters long")
    tag = await session.scalar(select(Tag).where(func.lower(Tag.name) == name.lower()))
    if tag is None:
        tag = Tag(id=uuid7(now), name=name)
        session.add(tag)
        await session.flush()
    if await session.get(CallTag, (call_id, tag.id)) is None:
        session.add(CallTag(call_id=call_id, tag_id=tag.id, user_id=by, at=now))
        audit.record(session, "call.tagged", by=by, key=call_id, tag=str(tag.id))
    return tag


async def take(session: AsyncSession, call_id: UUID, tag_id: UUID, *, by: UUID | None) -> None:
    """Take a tag off a call; one that it has not is no error."""
    gone = delete(CallTag).where(CallTag.call_id == call_id, CallTag.tag_id == tag_id)
    if (await session.scalars(gone.returning(CallTag.tag_id))).all():
        audit.record(session, "call.untagged", by=by, key=call_id, tag=str(tag_id))
