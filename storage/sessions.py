"""Log-ins that are open: one row per browser, known by the hash of its cookie."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKey, String, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from pbx_bridge.ids import uuid7
from storage import audit
from storage.database import Base
from storage.errors import NotFound
from storage.users import User

TOUCH_EVERY = timedelta(minutes=1)  # how exact `last_seen_at` is: a write per minute, not per click
LONGEST = timedelta(days=30)  # however often it is used, a log-in ends then


class LoginSession(Base):
    """One open log-in; deleting the row ends it everywhere at once."""

    __tablename__ = "sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)  # sha256 of the cookie
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    address: Mapped[str] = mapped_column(String(64))
    browser: Mapped[str] = mapped_column(String(200))  # the User-Agent, cut


@dataclass(frozen=True, slots=True)
class Opened:
    """A new log-in: `cookie` is told to the browser once and never stored."""

    session: LoginSession
    cookie: str


def hashed(secret: str) -> str:
    """Return what is stored of a random secret: it is long, so one round of SHA-256 is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


async def open_for(
    session: AsyncSession, user_id: UUID, *, now: datetime, hours: int, address: str, browser: str
) -> Opened:
    """Open a log-in for the user, valid for `hours` after it was last used."""
    cookie = secrets.token_urlsafe(32)
    row = LoginSession(
        id=uuid7(now),
        token_hash=hashed(cookie),
        user_id=user_id,
        created_at=now,
        last_seen_at=now,
        expires_at=now + timedelta(hours=hours),
        address=address[:64],
        browser=browser[:200],
    )
    session.add(row)
    audit.record(session, "session.opened", by=user_id, key=row.id)
    return Opened(row, cookie)


async def find(
    session: AsyncSession, cookie: str, *, now: datetime
) -> tuple[LoginSession, User] | None:
    """Return the log-in of `cookie` and its user, unless it has expired or the user is closed."""
    query = (
        select(LoginSession, User)
        .join(User, User.id == LoginSession.user_id)
        .where(
            LoginSession.token_hash == hashed(cookie),
            LoginSession.expires_at > now,
            LoginSession.created_at > now - LONGEST,
            User.active,
        )
    )
    row = (await session.execute(query)).first()
    return (row[0], row[1]) if row else None


async def touch(session: AsyncSession, key: UUID, *, now: datetime, hours: int) -> None:
    """Note that the log-in was used, and let it live on."""
    await session.execute(
        update(LoginSession)
        .where(LoginSession.id == key)
        .values(last_seen_at=now, expires_at=now + timedelta(hours=hours))
    )


async def of_user(session: AsyncSession, user_id: UUID, *, now: datetime) -> Sequence[LoginSession]:
    """The user's open log-ins, last used first."""
    query = select(LoginSession).where(
        LoginSession.user_id == user_id,
        LoginSession.expires_at > now,
        LoginSession.created_at > now - LONGEST,
    )
    return (await session.scalars(query.order_by(LoginSession.last_seen_at.desc()))).all()


async def close(session: AsyncSession, key: UUID, *, user_id: UUID, by: UUID | None) -> None:
    """End one log-in of the user; raises NotFound where it is not theirs."""
    query = delete(LoginSession).where(LoginSession.id == key, LoginSession.user_id == user_id)
    result = await session.execute(query.returning(LoginSession.id))
    if result.first() is None:
        raise NotFound("session", key)
    audit.record(session, "session.closed", by=by, key=key)


async def close_all(
    session: AsyncSession, user_id: UUID, *, by: UUID | None, but: UUID | None = None
) -> None:
    """End every log-in of the user, except `but`."""
    query = delete(LoginSession).where(LoginSession.user_id == user_id)
    if but is not None:
        query = query.where(LoginSession.id != but)
    await session.execute(query)
    audit.record(session, "session.closed_all", by=by, key=user_id)


async def sweep(session: AsyncSession, *, now: datetime) -> None:
    """Delete the log-ins that nobody can use any more."""
    await session.execute(
        delete(LoginSession).where(
            or_(LoginSession.expires_at <= now, LoginSession.created_at <= now - LONGEST)
        )
    )


async def replace(session: AsyncSession, cookie: str, *, now: datetime, by: UUID) -> None:
    """End the log-in that a browser had before it logged in again, whoever's it was."""
    found = await find(session, cookie, now=now)
    if found is not None:
        await close(session, found[0].id, user_id=found[1].id, by=by)
