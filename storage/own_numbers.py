"""Our own numbers: what people call those that are dialled, and where their callers come from."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from pbx_bridge import phone
from pbx_bridge.call import Direction
from pbx_bridge.ids import uuid7
from storage import audit
from storage.calls import CallRecord
from storage.database import Base
from storage.errors import Conflict, NotFound, Refused
from storage.pbxs import Pbx
from storage.rules import texts

LONGEST = 80  # characters of a number, a label or a source
MOST_DIALLED = 50  # numbers without a name that are offered to be named


class OwnNumber(Base):
    """A number of ours that is dialled, as people call it."""

    __tablename__ = "own_numbers"
    __table_args__ = (UniqueConstraint("pbx_id", "dialled"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    pbx_id: Mapped[UUID] = mapped_column(ForeignKey("pbxs.id", ondelete="CASCADE"))
    dialled: Mapped[str] = mapped_column(String(LONGEST))  # E.164 where it is public
    label: Mapped[str] = mapped_column(String(LONGEST))  # as people call it: Hotline
    source: Mapped[str] = mapped_column(String(LONGEST), default="")  # where it is advertised
    created_at: Mapped[datetime]


class Dialled(NamedTuple):
    """A number that was dialled lately and has no name."""

    pbx_id: UUID
    dialled: str
    calls: int


@lru_cache(maxsize=4096)
def key_of(dialled: str, region: str, internal_digits: int) -> str:
    """Return how a dialled number is kept, whatever the PBX's spelling."""
    e164 = phone.normalise(dialled, region, internal_digits=internal_digits)
    return e164 or texts.one_line(dialled, limit=LONGEST)


async def listed(session: AsyncSession) -> Sequence[OwnNumber]:
    """Every own number, by label."""
    query = select(OwnNumber).order_by(func.lower(OwnNumber.label), OwnNumber.id)
    return (await session.scalars(query)).all()


async def get(session: AsyncSession, key: UUID) -> OwnNumber:
    """The own number; raises NotFound."""
    number = await session.get(OwnNumber, key)
    if number is None:
        raise NotFound("own number", key)
    return number


async def add(
    session: AsyncSession,
    pbx_id: UUID,
    written: str,
    *,
    label: str,
    source: str = "",
    by: UUID | None,
    now: datetime,
) -> OwnNumber:
    """Name a number of ours; raises Refused for none, Conflict for one that has a name."""
    pbx = await session.get(Pbx, pbx_id)
    if pbx is None:
        raise NotFound("pbx", pbx_id)
    dialled = key_of(written, pbx.region, pbx.internal_digits)
    if not dialled:
        raise Refused("A number is needed.")
    taken = select(OwnNumber).where(OwnNumber.pbx_id == pbx_id, OwnNumber.dialled == dialled)
    if (other := await session.scalar(taken)) is not None:
        raise Conflict("This number has a name already: {label}.", label=other.label)
    number = OwnNumber(
        id=uuid7(now), pbx_id=pbx_id, dialled=dialled, label="", source="", created_at=now
    )
    _name(number, label, source)
    session.add(number)
    audit.record(session, "own_number.added", by=by, key=number.id, pbx=str(pbx_id))
    await session.flush()
    return number


async def change(
    session: AsyncSession, key: UUID, *, label: str, source: str, by: UUID | None
) -> OwnNumber:
    """Call the number otherwise; raises Refused without a label."""
    number = await get(session, key)
    _name(number, label, source)
    audit.record(session, "own_number.changed", by=by, key=key)
    return number


async def remove(session: AsyncSession, key: UUID, *, by: UUID | None) -> None:
    """The number has no name any more."""
    number = await get(session, key)
    await session.delete(number)
    audit.record(session, "own_number.removed", by=by, key=key)
    await session.flush()


async def of_calls(
    session: AsyncSession, calls: Collection[CallRecord]
) -> Mapping[UUID, OwnNumber]:
    """The own numbers that callers dialled in these calls, by the call's id."""
    named = {(number.pbx_id, number.dialled): number for number in await listed(session)}
    inbound = [call for call in calls if call.direction == Direction.INBOUND and call.dialled]
    if not named or not inbound:
        return {}
    homes = {pbx.id: pbx for pbx in await session.scalars(select(Pbx))}
    found = {}
    for call in inbound:
        home = homes[call.pbx_id]
        key = key_of(call.dialled, home.region, home.internal_digits)
        if (number := named.get((call.pbx_id, key))) is not None:
            found[call.id] = number
    return found


async def nameless(session: AsyncSession, *, since: datetime) -> Sequence[Dialled]:
    """The numbers that callers dialled since then and that have no name, most dialled first."""
    query = (
        select(CallRecord.pbx_id, CallRecord.dialled, func.count())
        .where(
            CallRecord.started_at > since,
            CallRecord.direction == Direction.INBOUND,
            CallRecord.dialled != "",
        )
        .group_by(CallRecord.pbx_id, CallRecord.dialled)
        .order_by(func.count().desc(), CallRecord.dialled)
    )
    rows = (await session.execute(query)).all()
    homes = {pbx.id: pbx for pbx in await session.scalars(select(Pbx))}
    named = {(number.pbx_id, number.dialled) for number in await listed(session)}
    found = [
        Dialled(pbx_id, dialled, calls)
        for pbx_id, dialled, calls in rows
        if (home := homes.get(pbx_id)) is None
        or (pbx_id, key_of(dialled, home.region, home.internal_digits)) not in named
    ]
    return found[:MOST_DIALLED]


def _name(number: OwnNumber, label: str, source: str) -> None:
    number.label = texts.one_line(label, limit=LONGEST)
    number.source = texts.one_line(source, limit=LONGEST)
    if not number.label:
        raise Refused("A number needs a name.")
