"""Whose calls a person may see or hear: their own, their team's, everyone's."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

import storage.teams
from storage.rules.permissions import Scope


async def reach(session: AsyncSession, user_id: UUID, scope: Scope) -> frozenset[UUID] | None:
    """The users whose calls a right of this scope covers; None is everyone, empty is nobody."""
    if scope is Scope.ALL:
        return None
    if scope is Scope.TEAM:
        return frozenset(await storage.teams.colleagues(session, user_id))
    return frozenset({user_id} if scope is Scope.OWN else ())
