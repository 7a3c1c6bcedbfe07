"""Who did what: one row, written in the same transaction as the change. Ids only, no names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DDL, Index, String, event, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from pbx_bridge.ids import uuid7
from storage.database import Base

SYSTEM = None  # `by=SYSTEM`: Ringbook itself, not a person


class AuditEntry(Base):
    """One act. Triggers refuse to change or delete it, whoever asks."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "noun", "key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    user_id: Mapped[UUID | None] = mapped_column(index=True)  # no foreign key: outlives its user
    action: Mapped[str] = mapped_column(String(40), index=True)  # recording.played, user.created
    noun: Mapped[str] = mapped_column(String(24))
    key: Mapped[UUID | None]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)


def record(
    session: AsyncSession,
    action: str,
    *,
    by: UUID | None,
    key: UUID | None = None,
    **details: object,
) -> None:
    """Add the audit row of `action` ("noun.verb") to the transaction; details are ids and words."""
    now = datetime.now(UTC)
    session.add(
        AuditEntry(
            id=uuid7(now),
            at=now,
            user_id=by,
            action=action,
            noun=action.partition(".")[0],
            key=key,
            details=details,
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Which entries to list; what is None does not limit."""

    user_id: UUID | None = None
    action: str = ""  # a whole action, or a noun
    since: datetime | None = None
    until: datetime | None = None  # before this
    older_than: UUID | None = None  # the page after the entry of this id


async def search(session: AsyncSession, wanted: Search, *, limit: int) -> Sequence[AuditEntry]:
    """The newest entries that fit, at most `limit`."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if wanted.user_id is not None:
        query = query.where(AuditEntry.user_id == wanted.user_id)
    if "." in wanted.action:
        query = query.where(AuditEntry.action == wanted.action)
    elif wanted.action:
        query = query.where(AuditEntry.noun == wanted.action)
    if wanted.since is not None:
        query = query.where(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AuditEntry.at < wanted.until)
    if wanted.older_than is not None:
        query = query.where(AuditEntry.id < wanted.older_than)
    return (await session.scalars(query)).all()


async def last(session: AsyncSession, action: str, key: UUID) -> AuditEntry | None:
    """The newest entry of an act on this thing, None where there is none."""
    query = select(AuditEntry).where(
        AuditEntry.noun == action.partition(".")[0],
        AuditEntry.key == key,
        AuditEntry.action == action,
    )
    found: AuditEntry | None = await session.scalar(query.order_by(AuditEntry.id.desc()).limit(1))
    return found


async def actions(session: AsyncSession) -> Sequence[str]:
    """Every action that was ever recorded, in alphabetical order."""
    query = select(AuditEntry.action).distinct().order_by(AuditEntry.action)
    return (await session.scalars(query)).all()


SQLITE_GUARDS = tuple(
    f"""CREATE TRIGGER audit_no_{verb} BEFORE {verb} ON audit
    BEGIN SELECT RAISE(ABORT, 'audit rows cannot be changed'); END"""
    for verb in ("update", "delete")
)
POSTGRES_GUARDS = (
    """CREATE FUNCTION audit_is_final() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'audit rows cannot be changed'; END $$""",
    """CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_final()""",
)

for _dialect, _guards in (("sqlite", SQLITE_GUARDS), ("postgresql", POSTGRES_GUARDS)):
    for _guard in _guards:
        event.listen(
            AuditEntry.__table__,
            "after_create",
            DDL(_guard).execute_if(dialect=_dialect),  # type: ignore[no-untyped-call]
        )
