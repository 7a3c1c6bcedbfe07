"""What happened to each recording, as a chain of hashes that shows what was changed behind us."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DDL, String, event, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base
from storage.rules.custody import START, Act, Entry, digest

LOCK = 0x52494E48  # of two transactions on PostgreSQL, one appends and the other waits
BATCH = 250  # entries read at once: others have their turns in between


class CustodyEntry(Base):
    """One act on one recording. Triggers refuse to change or delete it, whoever asks."""

    __tablename__ = "custody"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    act: Mapped[str] = mapped_column(String(24))
    recording_id: Mapped[UUID] = mapped_column(index=True)  # no foreign keys: outlives them
    call_id: Mapped[UUID | None]
    user_id: Mapped[UUID | None]
    sha256: Mapped[str] = mapped_column(String(64))  # of the sound
    details: Mapped[dict[str, Any]]
    previous: Mapped[str] = mapped_column(String(64), unique=True)
    hash: Mapped[str] = mapped_column(String(64))


async def append(
    session: AsyncSession,
    act: Act,
    *,
    recording_id: UUID,
    call_id: UUID | None,
    sha256: str,
    by: UUID | None,
    **details: str,
) -> None:
    """Add an act to the chain, in the transaction that does it; others who append wait for it."""
    await session.flush()
    if session.get_bind().dialect.name == "postgresql":  # SQLite writes one after another anyway
        await session.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
    newest = select(CustodyEntry.number, CustodyEntry.hash).order_by(CustodyEntry.number.desc())
    last = (await session.execute(newest.limit(1))).first()
    number, previous = (last.number + 1, last.hash) if last else (1, START)
    entry = Entry(
        number=number, at=datetime.now(UTC), act=act.value, recording_id=recording_id,
        call_id=call_id, user_id=by, sha256=sha256, details=details, previous=previous,
    )  # fmt: skip
    session.add(
        CustodyEntry(
            number=number, at=entry.at, act=entry.act, recording_id=recording_id, call_id=call_id,
            user_id=by, sha256=sha256, details=details, previous=previous, hash=digest(entry),
        )
    )  # fmt: skip
    await session.flush()


async def stand_still(session: AsyncSession) -> None:
    """See the base as it is at one moment, whatever others write; on SQLite every session does."""
    if session.get_bind().dialect.name == "postgresql":
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


async def entries(session: AsyncSession) -> AsyncIterator[Entry]:
    """Every entry of the chain, the oldest first, read in pieces."""
    after = None
    while True:
        query = select(CustodyEntry).order_by(CustodyEntry.number).limit(BATCH)
        if after is not None:
            query = query.where(CustodyEntry.number > after)
        rows = (await session.scalars(query)).all()
        for row in rows:
            yield entry_of(row)
        if len(rows) < BATCH:
            return
        after = rows[-1].number
        session.expunge_all()


async def newest(
    session: AsyncSession, *, before: int | None = None, limit: int
) -> Sequence[CustodyEntry]:
    """The newest entries, or those before a number."""
    query = select(CustodyEntry).order_by(CustodyEntry.number.desc()).limit(limit)
    if before is not None:
        query = query.where(CustodyEntry.number < before)
    return (await session.scalars(query)).all()


async def of_recording(session: AsyncSession, recording_id: UUID) -> Sequence[CustodyEntry]:
    """What happened to a recording, the oldest act first."""
    query = select(CustodyEntry).where(CustodyEntry.recording_id == recording_id)
    return (await session.scalars(query.order_by(CustodyEntry.number))).all()


def entry_of(row: CustodyEntry) -> Entry:
    """Return the row's content as it is hashed."""
    return Entry(
        number=row.number, at=row.at, act=row.act, recording_id=row.recording_id,
        call_id=row.call_id, user_id=row.user_id, sha256=row.sha256, details=row.details,
        previous=row.previous, hash=row.hash,
    )  # fmt: skip


SQLITE_GUARDS = tuple(
    f"""CREATE TRIGGER custody_no_{verb} BEFORE {verb} ON custody
    BEGIN SELECT RAISE(ABORT, 'the chain of custody cannot be changed'); END"""
    for verb in ("update", "delete")
)
POSTGRES_GUARDS = (
    """CREATE FUNCTION custody_is_final() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the chain of custody cannot be changed'; END $$""",
    """CREATE TRIGGER custody_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON custody
    FOR EACH STATEMENT EXECUTE FUNCTION custody_is_final()""",
)

for _dialect, _guards in (("sqlite", SQLITE_GUARDS), ("postgresql", POSTGRES_GUARDS)):
    for _guard in _guards:
        event.listen(
            CustodyEntry.__table__,
            "after_create",
            DDL(_guard).execute_if(dialect=_dialect),  # type: ignore[no-untyped-call]
        )
