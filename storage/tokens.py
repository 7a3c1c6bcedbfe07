"""API tokens: a program's way in, known by its hash, scoped and revocable."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base
from storage.sessions import hashed
from storage.users import User


class Token(Base):
    """A key that acts as its user, within its scopes."""

    __tablename__ = "tokens"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)  # sha256
    scopes: Mapped[list[str]]  # read, write, live, recordings
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


async def find(session: AsyncSession, secret: str, *, now: datetime) -> tuple[Token, User] | None:
    """Return the token behind `secret` and its user, unless revoked, expired or the user closed."""
    query = (
        select(Token, User)
        .join(User, User.id == Token.user_id)
        .where(Token.token_hash == hashed(secret), Token.revoked_at.is_(None), User.active)
    )
    row = (await session.execute(query)).first()
    if row is None or (row[0].expires_at is not None and row[0].expires_at <= now):
        return None
    return row[0], row[1]


async def touch(session: AsyncSession, key: UUID, *, now: datetime) -> None:
    """Note that the token was used."""
    await session.execute(update(Token).where(Token.id == key).values(last_used_at=now))
