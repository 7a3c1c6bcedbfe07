"""Which open log-ins and tokens still let their user in, asked for many at once."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.sessions import LoginSession
from storage.tokens import Token
from storage.users import User

CHUNK = 500  # keys a statement


async def roles(
    session: AsyncSession,
    *,
    sessions: Collection[UUID],
    tokens: Collection[UUID],
    now: datetime,
) -> Mapping[UUID | None, str]:
    """Return the role that each log-in or token gives now; one that has ended is left out."""
    found: dict[UUID | None, str] = {}
    for some in _chunks(sessions):
        login = (
            select(LoginSession.id, User.role)
            .join(User, User.id == LoginSession.user_id)
            .where(LoginSession.id.in_(some), LoginSession.expires_at > now, User.active)
        )
        found.update((row.id, row.role) for row in await session.execute(login))
    for some in _chunks(tokens):
        token = (
            select(Token.id, User.role)
            .join(User, User.id == Token.user_id)
            .where(
                Token.id.in_(some),
                Token.revoked_at.is_(None),
                or_(Token.expires_at.is_(None), Token.expires_at > now),
                User.active,
            )
        )
        found.update((row.id, row.role) for row in await session.execute(token))
    return found


def _chunks(keys: Collection[UUID]) -> list[list[UUID]]:
    ordered = list(keys)
    return [ordered[i : i + CHUNK] for i in range(0, len(ordered), CHUNK)]
