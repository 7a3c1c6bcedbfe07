"""Pause reasons: why an agent takes no calls for a while, from a list that the company keeps."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import String, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from pbx_bridge.ids import uuid7
from pbx_bridge.presences import AUTO_PAUSE, WRAP_UP
from storage import audit
from storage.database import Base
from storage.errors import Conflict, NotFound, Refused

_FIT = re.compile(r"[\w .'-]{1,80}")  # what the PBX is given as the reason, and its logs keep
_TAKEN = frozenset({AUTO_PAUSE.lower(), WRAP_UP.lower()})


class PauseReason(Base):
    """One choice. Never deleted, only closed: the PBX's logs and our history name it."""

    __tablename__ = "pause_reasons"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    position: Mapped[int] = mapped_column(default=0)  # order in the list
    active: Mapped[bool] = mapped_column(default=True)


async def listed(session: AsyncSession, *, closed: bool = False) -> Sequence[PauseReason]:
    """The reasons in their order; `closed` adds those that can no longer be chosen."""
    query = select(PauseReason).order_by(PauseReason.position, PauseReason.id)
    if not closed:
        query = query.where(PauseReason.active)
    return (await session.scalars(query)).all()


async def get(session: AsyncSession, key: UUID) -> PauseReason:
    """The reason; raises NotFound."""
    reason = await session.get(PauseReason, key)
    if reason is None:
        raise NotFound("pause reason", key)
    return reason


async def create(
    session: AsyncSession, name: str, *, now: datetime, by: UUID | None
) -> PauseReason:
    """Add a reason at the end of the list.

    Raises Conflict where there is one of this name, Refused where the PBX cannot take it.
    """
    await _refuse(session, name)
    last = await session.scalar(select(func.max(PauseReason.position)))
    reason = PauseReason(id=uuid7(now), name=name, position=0 if last is None else last + 1)
    session.add(reason)
    await session.flush()
    audit.record(session, "pause_reason.created", by=by, key=reason.id)
    return reason


async def change(
    session: AsyncSession, key: UUID, *, name: str, active: bool, by: UUID | None
) -> None:
    """Rename a reason, close it or open it again; raises as `create`."""
    reason = await get(session, key)
    await _refuse(session, name, but=key)
    reason.name, reason.active = name, active
    audit.record(session, "pause_reason.changed", by=by, key=key, active=active)


async def move(
    session: AsyncSession, key: UUID, to: Literal["up", "down"], *, by: UUID | None
) -> None:
    """Let a reason change places with the one above or below it; at the end nothing moves."""
    order = list(await listed(session, closed=True))
    at = next((place for place, reason in enumerate(order) if reason.id == key), None)
    if at is None:
        raise NotFound("pause reason", key)
    other = at - 1 if to == "up" else at + 1
    if not 0 <= other < len(order):
        return
    order[at], order[other] = order[other], order[at]
    for place, reason in enumerate(order):
        reason.position = place
    audit.record(session, "pause_reason.moved", by=by, key=key, to=to)


async def _refuse(session: AsyncSession, name: str, *, but: UUID | None = None) -> None:
    if not _FIT.fullmatch(name):
        raise Refused("letters, digits, spaces, dots, apostrophes and dashes can be used here")
    if name.lower() in _TAKEN:
        raise Refused("this word is given by Ringbook or the PBX itself; choose another")
    query = select(PauseReason.id).where(func.lower(PauseReason.name) == name.lower())
    if any(key != but for key in await session.scalars(query)):
        raise Conflict("there is a reason of this name already")
