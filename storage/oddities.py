"""Oddities: events of a PBX that fit no transition. Each kind is counted by the hour, and the first
few of the hour are kept one by one, so that a flood fills no table.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Select, String, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from pbx_bridge.ids import derived_uuid7
from storage.calls.tables import CallAlias, CallRecord
from storage.database import Base
from storage.errors import NotFound
from storage.pbxs import Pbx

FIRST = 5  # of a kind and hour are kept one by one
KEPT = timedelta(days=30)
MOST_KINDS = 200  # on a page


class OddityRecord(Base):
    """How often an event of one kind fitted no transition, for one reason, in one hour."""

    __tablename__ = "oddities"
    __table_args__ = (Index(None, "pbx_id", "hour"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)  # derived from what follows
    pbx_id: Mapped[UUID] = mapped_column(ForeignKey("pbxs.id", ondelete="CASCADE"))
    hour: Mapped[datetime]
    event: Mapped[str] = mapped_column(String(80))  # as AMI names it
    why: Mapped[str] = mapped_column(String(120))
    count: Mapped[int] = mapped_column(BigInteger)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]


class OddityCase(Base):
    """One such event: where it stands in the journal, and the call it was about."""

    __tablename__ = "oddity_cases"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    oddity_id: Mapped[UUID] = mapped_column(
        ForeignKey("oddities.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime]
    n: Mapped[int] = mapped_column(BigInteger)  # in the journal; 0: there was none
    call_id: Mapped[UUID | None]  # may never have been stored, or be an alias by now


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One event that fitted no transition."""

    at: datetime
    n: int = 0
    call: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Events of one kind that came since the last time, with the first of them."""

    pbx: UUID
    event: str
    why: str
    count: int
    first_at: datetime
    last_at: datetime
    cases: tuple[Case, ...] = ()

    @property
    def hour(self) -> datetime:
        """The hour in which they are counted."""
        return self.first_at.replace(minute=0, second=0, microsecond=0)

    @property
    def key(self) -> UUID:
        """The same for the same kind, PBX and hour."""
        return derived_uuid7(self.hour, self.pbx, "oddity", self.event, self.why)


@dataclass(frozen=True, slots=True)
class Shown:
    """A case as a page shows it; `call` is one that is stored."""

    id: UUID
    at: datetime
    n: int
    call: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Oddity:
    """One kind of event for one reason, over all the time that is kept."""

    pbx_id: UUID
    pbx: str
    event: str
    why: str
    count: int
    first_at: datetime
    last_at: datetime
    cases: tuple[Shown, ...]  # the newest first


async def add(session: AsyncSession, tallies: Iterable[Tally], *, now: datetime) -> None:
    """Count them, keep the first of each hour, and let go of what is too old."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    for tally in tallies:
        adding = insert(OddityRecord).values(
            id=tally.key, pbx_id=tally.pbx, hour=tally.hour, event=tally.event[:80],
            why=tally.why[:120], count=tally.count, first_at=tally.first_at, last_at=tally.last_at,
        )  # fmt: skip
        counted = {
            "count": OddityRecord.count + adding.excluded.count,
            "last_at": adding.excluded.last_at,
        }
        await session.execute(adding.on_conflict_do_update(index_elements=["id"], set_=counted))
        await _keep_first(session, tally)
    await session.execute(delete(OddityRecord).where(OddityRecord.hour < now - KEPT))


async def listed(session: AsyncSession, *, limit: int = MOST_KINDS) -> Sequence[Oddity]:
    """Every kind there was lately, the one that came last first."""
    last_at = func.max(OddityRecord.last_at, type_=OddityRecord.last_at.type)
    columns = (OddityRecord.pbx_id, Pbx.name, OddityRecord.event, OddityRecord.why)
    query = (
        select(
            *columns,
            func.sum(OddityRecord.count),
            func.min(OddityRecord.first_at, type_=OddityRecord.first_at.type),
            last_at,
        )
        .join(Pbx, Pbx.id == OddityRecord.pbx_id)
        .group_by(*columns)
        .order_by(last_at.desc())
        .limit(limit)
    )
    return [
        Oddity(
            pbx_id=pbx_id, pbx=pbx, event=event, why=why, count=int(count), first_at=first,
            last_at=last, cases=await _cases(session, pbx_id, event, why),
        )
        for pbx_id, pbx, event, why, count, first, last in (await session.execute(query)).all()
    ]  # fmt: skip


async def case(session: AsyncSession, key: UUID) -> tuple[OddityRecord, Shown]:
    """One event and its kind; raises NotFound."""
    found = (await session.execute(_shown().where(OddityCase.id == key))).first()
    if found is None:
        raise NotFound("oddity", key)
    one = await session.get_one(OddityCase, key)
    return await session.get_one(OddityRecord, one.oddity_id), Shown(*found)


async def _keep_first(session: AsyncSession, tally: Tally) -> None:
    query = select(func.count()).where(OddityCase.oddity_id == tally.key)
    there = await session.scalar(query) or 0
    for number, one in enumerate(tally.cases[: FIRST - there], there):
        key = derived_uuid7(one.at, tally.key, number)
        session.add(OddityCase(id=key, oddity_id=tally.key, at=one.at, n=one.n, call_id=one.call))
    await session.flush()


async def _cases(session: AsyncSession, pbx_id: UUID, event: str, why: str) -> tuple[Shown, ...]:
    query = (
        _shown()
        .join(OddityRecord, OddityRecord.id == OddityCase.oddity_id)
        .where(OddityRecord.pbx_id == pbx_id, OddityRecord.event == event, OddityRecord.why == why)
        .order_by(OddityCase.at.desc(), OddityCase.id.desc())
        .limit(FIRST)
    )
    return tuple(Shown(*row) for row in (await session.execute(query)).all())


def _shown() -> Select[UUID, datetime, int, UUID | None]:
    """A case, with the call as it is stored now."""
    return (
        select(
            OddityCase.id,
            OddityCase.at,
            OddityCase.n,
            func.coalesce(CallAlias.call_id, CallRecord.id),
        )
        .outerjoin(CallAlias, CallAlias.id == OddityCase.call_id)
        .outerjoin(CallRecord, CallRecord.id == OddityCase.call_id)
    )
