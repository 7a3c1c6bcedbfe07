"""Blueprints: what supervisors edit as a draft and publish in versions, such as a script."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from pbx_bridge.ids import uuid7
from pbx_bridge.matching import Reason
from storage import audit
from storage.database import Base
from storage.errors import Conflict, NotFound, Refused
from storage.rules import texts

LONGEST_NAME = 120


class Blueprint(Base):
    """A blueprint as it is edited; `version` counts its changes, against lost updates."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    draft: Mapped[dict[str, Any]]  # an outline, perhaps not usable yet
    published: Mapped[int | None]  # the number of the version in use; None: nobody begins with it
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    updated_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))


class BlueprintVersion(Base):
    """A blueprint as it was published. Never changed: what was done with it is read by it."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int]
    outline: Mapped[dict[str, Any]]
    published_at: Mapped[datetime]
    published_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))


B = TypeVar("B", bound=Blueprint)
V = TypeVar("V", bound=BlueprintVersion)
O = TypeVar("O")  # noqa: E741 - the outline of such a blueprint


class ChangedMeanwhile(Conflict):
    """A colleague saved this blueprint first; carries theirs and its version."""

    def __init__(self, sentence: str, theirs: Blueprint, outline: Any) -> None:  # noqa: ANN401 - an O
        super().__init__(sentence)
        self.name, self.outline, self.version = theirs.name, outline, theirs.version


class NotUsable(Refused):
    """What is wrong with a blueprint that was to be published, each a sentence."""

    def __init__(self, problems: Sequence[Reason]) -> None:
        super().__init__(" ".join(map(str, problems)))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprints(Generic[B, V, O]):
    """One kind of blueprint: its tables, its rules, and what is said of it."""

    noun: str  # in the audit: "script"
    table: type[B]
    version_table: type[V]
    of: InstrumentedAttribute[UUID]  # of a version: whose it is
    first: O  # with what one begins
    to_data: Callable[[O], dict[str, Any]]
    from_data: Callable[[Mapping[str, Any]], O]
    check: Callable[[AsyncSession, O], Awaitable[Sequence[Reason]]]  # all that is wrong with it
    fits: Callable[[O], None]  # raises Refused where there is too much of it to be kept
    nameless: str
    changed: str  # by a colleague

    async def listed(self, session: AsyncSession) -> Sequence[tuple[B, int]]:
        """Every blueprint by name, with how often it was published."""
        table = self.table
        count = select(func.count()).where(self.of == table.id).scalar_subquery()
        query = select(table, count).order_by(func.lower(table.name), table.id)
        rows = await session.execute(query)
        return [(row[0], row[1]) for row in rows]

    async def get(self, session: AsyncSession, key: UUID, *, locked: bool = False) -> B:
        """The blueprint; raises NotFound."""
        found: B | None = await session.get(
            self.table, key, with_for_update=True if locked else None, populate_existing=locked
        )
        if found is None:
            raise NotFound(self.noun, key)
        return found

    async def version(self, session: AsyncSession, key: UUID, number: int) -> V:
        """A blueprint as it was published; raises NotFound."""
        table = self.version_table
        query = select(table).where(self.of == key, table.number == number)
        found: V | None = await session.scalar(query)
        if found is None:
            raise NotFound("version", number)
        return found

    async def versions(self, session: AsyncSession, key: UUID) -> Sequence[V]:
        """Every version of a blueprint, the newest first."""
        query = select(self.version_table).where(self.of == key)
        return (await session.scalars(query.order_by(self.version_table.number.desc()))).all()

    async def create(
        self, session: AsyncSession, name: str, *, by: UUID | None, now: datetime
    ) -> B:
        """Begin a blueprint with the first of outlines; raises Refused without a name."""
        row = self.table(
            id=uuid7(now), name=self._name(name), draft=self.to_data(self.first), published=None,
            created_at=now, updated_at=now, updated_by=by,
        )  # fmt: skip
        session.add(row)
        await session.flush()
        audit.record(session, f"{self.noun}.created", by=by, key=row.id)
        return row

    async def save(
        self,
        session: AsyncSession,
        key: UUID,
        name: str,
        outline: O,
        *,
        version: int,
        by: UUID | None,
        now: datetime,
    ) -> B:
        """Keep what was edited from `version` on; it is used once it is published.

        Raises ChangedMeanwhile where a colleague was first, unless with the same.
        """
        self.fits(outline)
        row = await self.get(session, key, locked=True)
        name, draft = self._name(name), self.to_data(outline)
        if (row.name, row.draft) == (name, draft):
            return row
        self._unchanged(row, version)
        row.name, row.draft = name, draft
        row.version += 1
        row.updated_at, row.updated_by = now, by
        audit.record(session, f"{self.noun}.changed", by=by, key=key)
        await session.flush()
        return row

    async def publish(
        self, session: AsyncSession, key: UUID, *, version: int, by: UUID | None, now: datetime
    ) -> V:
        """Let it be used as it is edited now, as another version.

        Raises ChangedMeanwhile where it is no longer what was looked at, NotUsable with every
        problem.
        """
        row = await self.get(session, key, locked=True)
        self._unchanged(row, version)
        problems = await self.check(session, self.from_data(row.draft))
        if problems:
            raise NotUsable(problems)
        latest = next(iter(await self.versions(session, key)), None)
        if latest is None or latest.outline != row.draft:
            latest = self.version_table(
                id=uuid7(now), number=latest.number + 1 if latest else 1, outline=row.draft,
                published_at=now, published_by=by, **{self.of.key: key},
            )  # fmt: skip
            session.add(latest)
        row.published = latest.number
        audit.record(session, f"{self.noun}.published", by=by, key=key, number=latest.number)
        await session.flush()
        return latest

    async def withdraw(self, session: AsyncSession, key: UUID, *, by: UUID | None) -> None:
        """Let nobody begin with it any more; what was done with it stays."""
        row = await self.get(session, key, locked=True)
        if row.published is not None:
            row.published = None
            audit.record(session, f"{self.noun}.withdrawn", by=by, key=key)

    def _unchanged(self, row: B, version: int) -> None:
        if row.version != version:
            raise ChangedMeanwhile(self.changed, row, self.from_data(row.draft))

    def _name(self, name: str) -> str:
        name = texts.one_line(name, limit=LONGEST_NAME)
        if not name:
            raise Refused(self.nameless)
        return name


def labels(rows: Iterable[Any]) -> Mapping[UUID, Sequence[str]]:
    """Gather rows of (blueprint, label) by blueprint, in their order; one without any has none."""
    found: dict[UUID, list[str]] = defaultdict(list)
    for key, label in rows:
        found[key].append(label)
    return found
