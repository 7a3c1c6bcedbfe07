"""What ends a user's ways in: closing the account, another role, another password."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

import storage.sessions
import storage.tokens
import storage.users
from storage import audit
from storage.errors import Refused
from storage.rules.permissions import RoleName
from storage.users import User


async def change_user(
    session: AsyncSession,
    key: UUID,
    *,
    name: str,
    role: RoleName,
    language: str,
    active: bool,
    now: datetime,
    by: UUID | None,
) -> bool:
    """Change an account; gives whether its log-ins were ended (closed, or another role).

    Raises Refused where the last administrator would lose the right to administer.
    """
    user = await _locked(session, key)
    loses_access, was = user.active and not active, user.role
    if await _would_leave_nobody(session, user, role, active=active):
        raise Refused("this is the last administrator; make another one first")
    changed = _assign(user, name=name.strip(), role=role, language=language, active=active)
    if changed:
        told = {"fields": changed, "role": str(role), "active": active}
        audit.record(session, "user.changed", by=by, key=key, **told)
    if loses_access:
        await storage.tokens.revoke_all(session, key, now=now, by=by)
    if loses_access or role != was:
        await storage.sessions.close_all(session, key, by=by)
        return True
    return False


def _assign(user: User, **wanted: object) -> list[str]:
    """Write what differs into the row; gives its names."""
    changed = sorted(word for word, value in wanted.items() if getattr(user, word) != value)
    for word in changed:
        setattr(user, word, wanted[word])
    return changed


async def _locked(session: AsyncSession, key: UUID) -> User:
    """The user, while every administrator's row is held: two of them cannot close each other."""
    await session.execute(
        select(User.id)
        .where(User.role == RoleName.ADMINISTRATOR)
        .order_by(User.id)
        .with_for_update()
    )
    return await storage.users.get(session, key)


async def _would_leave_nobody(
    session: AsyncSession, user: User, role: RoleName, *, active: bool
) -> bool:
    stays = active and role == RoleName.ADMINISTRATOR
    return not stays and await storage.users.is_last_administrator(session, user)


async def close_user(session: AsyncSession, key: UUID, *, now: datetime, by: UUID | None) -> bool:
    """Take away the account's access; what the person did stays theirs."""
    user = await storage.users.get(session, key)
    return await change_user(
        session,
        key,
        name=user.name,
        role=RoleName(user.role),
        language=user.language,
        active=False,
        now=now,
        by=by,
    )


async def set_password(
    session: AsyncSession,
    key: UUID,
    password_hash: str,
    *,
    must_change: bool,
    by: UUID | None,
) -> None:
    """Give the account another password and end every log-in it has, the one that asks too."""
    user = await storage.users.get(session, key)
    user.password_hash = password_hash
    user.must_change_password = must_change
    audit.record(session, "user.password_set", by=by, key=key, must_change=must_change)
    await storage.sessions.close_all(session, key, by=by)


async def rehash(session: AsyncSession, key: UUID, *, old: str, new: str) -> None:
    """Keep the same password hashed with today's parameters, unless it changed meanwhile."""
    user = await storage.users.get(session, key)
    if user.password_hash == old:
        user.password_hash = new
