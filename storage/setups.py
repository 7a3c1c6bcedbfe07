"""The first start: a one-time token that makes the first administrator, and is gone."""

import secrets
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

import storage.settings
import storage.users
from storage import audit
from storage.errors import Refused
from storage.rules.permissions import RoleName
from storage.sessions import hashed
from storage.settings import Setting
from storage.users import User

SETTING = "setup_token_hash"


async def ensure_setup_token(session: AsyncSession) -> str | None:
    """Return a fresh token for /setup while there is no user at all, else None; older ones end."""
    if await storage.users.any_exists(session):
        await _forget(session)
        return None
    token = secrets.token_urlsafe(24)
    await storage.settings.put(session, SETTING, {"sha256": hashed(token)}, by=audit.SYSTEM)
    return token


async def is_open(session: AsyncSession) -> bool:
    """Whether the first administrator is still to be made."""
    return not await storage.users.any_exists(session)


async def check(session: AsyncSession, token: str) -> None:
    """Raise Refused where this is not the token that was printed last, or there are users."""
    kept = await storage.settings.get(session, SETTING) or {}
    fits = secrets.compare_digest(kept.get("sha256", ""), hashed(token))
    if not fits or not await is_open(session):
        raise Refused("this set-up token is not valid (any more); start Ringbook again for another")


async def create_first(
    session: AsyncSession,
    token: str,
    *,
    login: str,
    name: str,
    password_hash: str,
    now: datetime,
    language: str = "",
) -> User:
    """Make the first administrator and end the token; raises Refused as `check` does."""
    await check(session, token)
    if not await _forget(session):
        raise Refused("this set-up token was used a moment ago")
    return await storage.users.create(
        session,
        login=login,
        name=name,
        role=RoleName.ADMINISTRATOR,
        password_hash=password_hash,
        must_change_password=False,
        language=language,
        now=now,
        by=audit.SYSTEM,
    )


async def _forget(session: AsyncSession) -> bool:
    query = delete(Setting).where(Setting.name == SETTING).returning(Setting.name)
    return (await session.execute(query)).first() is not None
