"""Rights over recordings that an administrator gave to a role, or took from it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage import audit
from storage.database import Base
from storage.rules.permissions import GIVEN, Permission, RoleName, Scope, scope_of


class RoleRight(Base):
    """For whom a role holds a right; no row means what the table of rights says."""

    __tablename__ = "role_rights"

    role: Mapped[str] = mapped_column(ForeignKey("roles.name"), primary_key=True)
    permission: Mapped[str] = mapped_column(String(40), primary_key=True)
    scope: Mapped[int]


async def given(session: AsyncSession, role: str) -> Mapping[Permission, Scope]:
    """What was given to the role or taken from it; an unknown word or scope gives nothing."""
    query = select(RoleRight.permission, RoleRight.scope).where(RoleRight.role == role)
    rows = {row.permission: row.scope for row in await session.execute(query)}
    return {one: _scope(rows[one]) for one in GIVEN if one in rows}


async def of_all(session: AsyncSession) -> dict[RoleName, dict[Permission, Scope]]:
    """For whom each role holds each of the rights that can be given."""
    held = {}
    for role in RoleName:
        chosen = await given(session, role)
        held[role] = {one: chosen.get(one, scope_of(role, one)) for one in GIVEN}
    return held


async def give(
    session: AsyncSession, role: RoleName, wanted: Mapping[Permission, Scope], *, by: UUID | None
) -> bool:
    """Say for whom a role holds its rights; gives whether anything changed."""
    held = (await of_all(session))[role]
    changed = {one: scope for one, scope in wanted.items() if one in GIVEN and held[one] != scope}
    for permission, scope in changed.items():
        await session.merge(RoleRight(role=role, permission=permission, scope=scope))
    if changed:
        told: dict[str, Any] = {
            one.partition(".")[2]: scope.name.lower() for one, scope in changed.items()
        }
        audit.record(session, "rights.given", by=by, role=str(role), **told)
    return bool(changed)


def _scope(number: int) -> Scope:
    return Scope(number) if number in set(Scope) else Scope.NONE
