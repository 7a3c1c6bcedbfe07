"""Who tries again and again to dial what they may not: a stolen session looks like that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.audit import AuditEntry
from storage.users import User

BARRED = "originate.barred"
WITHIN = timedelta(minutes=10)
MANY = 10  # refusals in that time: nobody mistakes as often


@dataclass(frozen=True, slots=True, kw_only=True)
class Misdialler:
    """A user whom Ringbook refused many numbers."""

    user_id: UUID
    name: str
    count: int
    last_at: datetime


async def lately(session: AsyncSession, *, now: datetime) -> Sequence[Misdialler]:
    """Those who were refused `MANY` numbers or more in the last ten minutes, the worst first."""
    count = func.count(AuditEntry.id)
    query = (
        select(AuditEntry.user_id, User.name, count, func.max(AuditEntry.at))
        .join(User, User.id == AuditEntry.user_id)
        .where(AuditEntry.action == BARRED, AuditEntry.at >= now - WITHIN)
        .group_by(AuditEntry.user_id, User.name)
        .having(count >= MANY)
        .order_by(count.desc(), User.name)
    )
    return [
        Misdialler(user_id=user, name=name, count=many, last_at=last)
        for user, name, many, last in await session.execute(query)
        if user is not None
    ]
