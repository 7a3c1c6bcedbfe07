"""API tokens: a program's way in, known by its hash, scoped and revocable."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from pbx_bridge.ids import uuid7
from storage import audit
from storage.database import Base
from storage.errors import NotFound, Refused
from storage.sessions import hashed
from storage.users import User

SCOPES = ("read", "write", "live", "recordings", "dial", "pause", "supervise")
PREFIX = "rb_"  # so that a leaked one can be found by a scanner


class Token(Base):
    """A key that acts as its user, within its scopes."""

    __tablename__ = "tokens"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)  # sha256
    scopes: Mapped[list[str]]  # of SCOPES
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Issued:
    """A new token: `secret` is told once and never stored."""

    token: Token
    secret: str


async def create(
    session: AsyncSession,
    user_id: UUID,
    *,
    name: str,
    scopes: Collection[str],
    now: datetime,
    by: UUID | None,
    expires_at: datetime | None = None,
) -> Issued:
    """Issue a token that acts as the user within `scopes`; raises Refused for an unknown one."""
    unknown = set(scopes) - set(SCOPES)
    if unknown or not scopes:
        raise Refused("a token needs scopes, of these: {scopes}", scopes=", ".join(SCOPES))
    secret = PREFIX + secrets.token_urlsafe(32)
    chosen = [scope for scope in SCOPES if scope in scopes]
    token = Token(
        id=uuid7(now),
        user_id=user_id,
        name=name.strip()[:80],
        token_hash=hashed(secret),
        scopes=chosen,
        created_at=now,
        expires_at=expires_at,
    )
    session.add(token)
    audit.record(session, "token.created", by=by, key=token.id, user=str(user_id), scopes=chosen)
    return Issued(token, secret)


async def of_user(session: AsyncSession, user_id: UUID) -> Sequence[Token]:
    """The user's tokens that are not revoked, newest first."""
    query = select(Token).where(Token.user_id == user_id, Token.revoked_at.is_(None))
    return (await session.scalars(query.order_by(Token.id.desc()))).all()


async def revoke(
    session: AsyncSession, key: UUID, *, user_id: UUID, now: datetime, by: UUID | None
) -> None:
    """End a token of the user; raises NotFound where it is not theirs or ended already."""
    query = update(Token).where(
        Token.id == key, Token.user_id == user_id, Token.revoked_at.is_(None)
    )
    result = await session.execute(query.values(revoked_at=now).returning(Token.id))
    if result.first() is None:
        raise NotFound("token", key)
    audit.record(session, "token.revoked", by=by, key=key)


async def revoke_all(
    session: AsyncSession, user_id: UUID, *, now: datetime, by: UUID | None
) -> None:
    """End every token of the user."""
    query = update(Token).where(Token.user_id == user_id, Token.revoked_at.is_(None))
    result = await session.execute(query.values(revoked_at=now).returning(Token.id))
    for (key,) in result.all():
        audit.record(session, "token.revoked", by=by, key=key)


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
