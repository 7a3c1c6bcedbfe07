"""Lists of choices that the company keeps: named, in an order, closed but never deleted."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Generic, Literal, TypeVar
from uuid import UUID

from sqlalchemy import String, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from pbx_bridge.ids import uuid7
from storage import audit
from storage.database import Base
from storage.errors import NotFound, StorageError


class Choosable(Base):
    """One choice. Never deleted, only closed: what was chosen keeps it."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    position: Mapped[int] = mapped_column(default=0)  # order in the list
    active: Mapped[bool] = mapped_column(default=True)


C = TypeVar("C", bound=Choosable)


class ChoiceList(Generic[C]):
    """One list: `noun` is its word in the audit, `taken` the error of a name that is there.

    `refuse(name)` raises Refused for a name that the list cannot hold.
    """

    def __init__(
        self,
        kind: type[C],
        noun: str,
        *,
        taken: Callable[[], StorageError],
        refuse: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._kind = kind
        self._noun = noun
        self._taken = taken
        self._refuse = refuse

    async def listed(self, session: AsyncSession, *, closed: bool = False) -> Sequence[C]:
        """The choices in their order; `closed` adds those that can no longer be chosen."""
        query = select(self._kind).order_by(self._kind.position, self._kind.id)
        if not closed:
            query = query.where(self._kind.active)
        return (await session.scalars(query)).all()

    async def get(self, session: AsyncSession, key: UUID) -> C:
        """The choice; raises NotFound."""
        choice = await session.get(self._kind, key)
        if choice is None:
            raise NotFound(self._noun.replace("_", " "), key)
        return choice

    async def create(
        self, session: AsyncSession, name: str, *, now: datetime, by: UUID | None
    ) -> C:
        """Add a choice at the end of the list; raises Conflict where the name is taken, Refused."""
        await self._check(session, name)
        last = await session.scalar(select(func.max(self._kind.position)))
        choice = self._kind(id=uuid7(now), name=name, position=0 if last is None else last + 1)
        session.add(choice)
        await session.flush()
        audit.record(session, f"{self._noun}.created", by=by, key=choice.id)
        return choice

    async def change(
        self, session: AsyncSession, key: UUID, *, name: str, active: bool, by: UUID | None
    ) -> None:
        """Rename a choice, close it or open it again; raises as `create`, and NotFound."""
        choice = await self.get(session, key)
        await self._check(session, name, but=key)
        choice.name, choice.active = name, active
        audit.record(session, f"{self._noun}.changed", by=by, key=key, active=active)

    async def move(
        self, session: AsyncSession, key: UUID, to: Literal["up", "down"], *, by: UUID | None
    ) -> None:
        """Let a choice change places with the one above or below; at the end nothing moves."""
        order = list(await self.listed(session, closed=True))
        at = next((place for place, choice in enumerate(order) if choice.id == key), None)
        if at is None:
            raise NotFound(self._noun.replace("_", " "), key)
        other = at - 1 if to == "up" else at + 1
        if not 0 <= other < len(order):
            return
        order[at], order[other] = order[other], order[at]
        for place, choice in enumerate(order):
            choice.position = place
        audit.record(session, f"{self._noun}.moved", by=by, key=key, to=to)

    async def _check(self, session: AsyncSession, name: str, *, but: UUID | None = None) -> None:
        self._refuse(name)
        query = select(self._kind.id).where(func.lower(self._kind.name) == name.lower())
        if any(key != but for key in await session.scalars(query)):
            raise self._taken()
