"""The erasure of one person: everything that names them goes, the calls stay as bare figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, delete, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

import storage.customers
import storage.holds
import storage.picks
import storage.recording_comments
import storage.reviews
import storage.tombstones
from pbx_bridge.call import Direction
from pbx_bridge.ids import uuid7
from pbx_bridge.matching import Level
from storage import audit
from storage.calls import ERASED, CallRecord, LegRecord, SegmentParty, SegmentRecord, WrapUp
from storage.customers import Customer
from storage.database import Base, Database
from storage.errors import Refused
from storage.findings import Finding
from storage.hand_overs import HandOver
from storage.holds import LegalHold
from storage.imports import ImportRow, ImportRun
from storage.notes import Note
from storage.numbers import Number
from storage.originates import Originate
from storage.promises import Promise
from storage.recordings import Recording, RecordingState
from storage.retention import RetentionPolicy
from storage.rules.retention import Ground
from storage.scripts import ScriptRun
from storage.shares import Share
from storage.spools import SpoolFile
from storage.tags import CallTag, Tag
from storage.tasks.tables import Task

LONGEST = 200


class Erasure(Base):
    """One erasure: who, when, why and how much, and nothing of the person."""

    __tablename__ = "erasures"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(String(LONGEST))  # a person's: never translated
    calls: Mapped[int]
    recordings: Mapped[int]
    messages: Mapped[int]  # of the journals


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What an erasure takes: a dry run shows it."""

    customer: Customer
    calls: Sequence[UUID]
    recordings: Sequence[UUID]  # those that there still is something of
    numbers: Sequence[str]  # in E.164
    notes: int
    promises: int
    tasks: int
    holds: int  # that forbid it
    live: int  # calls that go on


async def scope_of(session: AsyncSession, customer_id: UUID) -> Scope:
    """What the erasure of this customer takes; raises NotFound."""
    customer = await storage.customers.get(session, customer_id)
    mine = select(Number.e164).where(Number.customer_id == customer_id)
    numbers = list(await session.scalars(mine))
    shared = select(Number.e164).where(Number.customer_id != customer_id)
    alone = set(numbers) - set(await session.scalars(shared.where(Number.e164.in_(numbers))))
    of_number = CallRecord.e164.in_(alone) & CallRecord.customer_id.is_(None)
    whose = or_(CallRecord.customer_id == customer_id, of_number)
    rows = (await session.execute(select(CallRecord.id, CallRecord.ended_at).where(whose))).all()
    calls = [row.id for row in rows]
    left = select(Recording.id).where(
        Recording.call_id.in_(calls), Recording.state != RecordingState.DELETED
    )

    held = (
        select(func.count())
        .select_from(LegalHold)
        .where(
            LegalHold.lifted_at.is_(None),
            or_(LegalHold.customer_id == customer_id, LegalHold.call_id.in_(calls)),
        )
    )
    return Scope(
        customer=customer,
        calls=calls,
        recordings=list(await session.scalars(left)),
        numbers=numbers,
        notes=await _count(session, Note.customer_id, customer_id),
        promises=await _count(session, Promise.customer_id, customer_id),
        tasks=await _count(session, Task.customer_id, customer_id),
        holds=await session.scalar(held) or 0,
        live=sum(row.ended_at is None for row in rows),
    )


async def _count(session: AsyncSession, column: InstrumentedAttribute[Any], key: UUID) -> int:
    return await session.scalar(select(func.count()).where(column == key)) or 0


async def erase(
    session: AsyncSession, scope: Scope, reason: str, *, messages: int, by: UUID | None,
    now: datetime,
) -> Erasure:  # fmt: skip
    """Erase a person from the base, in one transaction; files and journals are the caller's.

    Raises Refused without a reason, where a hold forbids it, and while a call goes on.
    """
    refuse(scope, reason)
    if session.get_bind().dialect.name == "sqlite":
        await session.execute(text("PRAGMA secure_delete = ON"))  # freed room is overwritten
    for key in scope.recordings:
        await storage.tombstones.delete_recording(session, key, Ground.ERASURE, by=by, now=now)
    of_calls = select(Recording.id).where(Recording.call_id.in_(scope.calls))
    recordings = list(await session.scalars(of_calls))
    await _empty_recordings(session, recordings)
    if session.get_bind().dialect.name == "sqlite":  # what was deleted stays in the index's pages
        merge = "INSERT INTO transcript_index (transcript_index) VALUES ('optimize')"
        await session.execute(text(merge))
    await _empty_calls(session, scope.calls)
    await storage.reviews.erase_texts(session, scope.calls, by=by)
    await storage.picks.erase_texts(session, scope.calls, by=by)
    await _empty_rest(session, scope)
    erasure = Erasure(
        id=uuid7(now), at=now, user_id=by, reason=reason.strip()[:LONGEST], calls=len(scope.calls),
        recordings=len(scope.recordings), messages=messages,
    )  # fmt: skip
    session.add(erasure)
    await session.execute(delete(Customer).where(Customer.id == scope.customer.id))
    audit.record(
        session, "customer.erased", by=by, key=scope.customer.id, calls=len(scope.calls),
        recordings=len(scope.recordings), messages=messages,
    )  # fmt: skip
    return erasure


def refuse(scope: Scope, reason: str) -> None:
    """Raise Refused where this erasure may not be."""
    if scope.holds:
        raise Refused("a legal hold forbids to erase this customer")
    if scope.live:
        raise Refused("a call of this customer goes on: wait for its end")
    if not reason.strip():
        raise Refused("say why")


async def _empty_recordings(session: AsyncSession, recordings: Sequence[UUID]) -> None:
    await storage.recording_comments.erase(session, recordings)
    await session.execute(delete(Share).where(Share.recording_id.in_(recordings)))
    bare = update(Recording).where(Recording.id.in_(recordings))
    await session.execute(bare.values(path_there="", path_found=None, reason=None))


async def _empty_calls(session: AsyncSession, calls: Sequence[UUID]) -> None:
    """What Asterisk and people said of the calls goes; times, agents and results stay.

    The revision is the highest there is: nothing that is told again later writes over it.
    """
    outbound = CallRecord.direction == Direction.OUTBOUND
    ours = update(CallRecord).where(CallRecord.id.in_(calls))
    await session.execute(ours.where(outbound).values(dialled=""))
    await session.execute(
        ours.values(
            number="", e164=None, name="", customer_id=None, match=Level.UNKNOWN, match_why=None,
            matched_by_hand=True, revision=ERASED,
        )
    )  # fmt: skip
    legs = update(LegRecord).where(LegRecord.call_id.in_(calls))
    await session.execute(legs.values(name=""))
    theirs = legs.where(LegRecord.extension.is_(None))
    await session.execute(theirs.values(number="", channel="", interface=""))
    segments = select(SegmentRecord.id).where(SegmentRecord.call_id.in_(calls))
    parties = update(SegmentParty).where(SegmentParty.segment_id.in_(segments))
    await session.execute(parties.where(SegmentParty.extension.is_(None)).values(number=""))
    wrap_ups = update(WrapUp).where(WrapUp.call_id.in_(calls))
    await session.execute(wrap_ups.values(note=""))
    hand_overs = update(HandOver).where(HandOver.call_id.in_(calls))
    await session.execute(hand_overs.values(note="", target=""))
    findings = update(Finding).where(Finding.call_id.in_(calls))
    await session.execute(findings.values(said="", books=""))
    tags = list(await session.scalars(select(CallTag.tag_id).where(CallTag.call_id.in_(calls))))
    for table in (ScriptRun, CallTag, LegalHold):
        await session.execute(delete(table).where(table.call_id.in_(calls)))

    used = select(CallTag.tag_id).union(
        select(RetentionPolicy.tag_id).where(RetentionPolicy.tag_id.is_not(None))
    )
    await session.execute(delete(Tag).where(Tag.id.in_(tags), Tag.id.not_in(used)))


async def _empty_rest(session: AsyncSession, scope: Scope) -> None:
    key, calls = scope.customer.id, scope.calls
    tasks = update(Task).where(or_(Task.customer_id == key, Task.call_id.in_(calls)))
    await session.execute(tasks.values(title="", body="", number=None, customer_id=None))
    for table in (Note, Promise):
        whose = or_(table.customer_id == key, table.call_id.in_(calls))
        await session.execute(delete(table).where(whose))
    placed = update(Originate).where(Originate.exten.in_(scope.numbers))
    await session.execute(placed.values(exten="", why=None))
    digits = [number.lstrip("+") for number in scope.numbers]
    named = [SpoolFile.path.contains(one, autoescape=True) for one in digits]
    await session.execute(delete(SpoolFile).where(or_(SpoolFile.call_id.in_(calls), *named)))
    row = or_(ImportRow.name == scope.customer.name, ImportRow.customer_id == key)
    await session.execute(delete(ImportRow).where(row))
    wanted = [scope.customer.name, *digits]
    for run in await session.execute(select(ImportRun.id, ImportRun.content, ImportRun.encoding)):
        said = run.content.decode(run.encoding or "utf-8", "replace")
        if any(one in said for one in wanted):
            bare = update(ImportRun).where(ImportRun.id == run.id)
            await session.execute(bare.values(content=b""))


async def settle(database: Database) -> None:
    """After the commit: what SQLite keeps of older pages goes as well, if nobody reads them."""
    if database.is_sqlite:
        async with database.engine.connect() as connection:
            await connection.exec_driver_sql("ROLLBACK")
            await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            await connection.exec_driver_sql("BEGIN")
