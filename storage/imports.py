"""Imports of customer files: the file and its dry run, kept until they are carried out."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, Table, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, undefer

from pbx_bridge.ids import uuid7
from storage import audit
from storage.customers import Customer
from storage.database import Base
from storage.errors import NotFound, Refused
from storage.numbers import Number
from storage.rules import texts
from storage.rules.drafts import Column, Draft
from storage.rules.imports import Judged, Known, Seen, Verdict

KEPT = timedelta(hours=24)  # a file that nobody imports is forgotten after a day
LARGEST = 32 * 1024 * 1024  # bytes
SHOWN = 200  # rows of each verdict on a page


class ImportState(StrEnum):
    """How far an import is."""

    UPLOADED = "uploaded"  # the columns are being named
    CHECKED = "checked"  # the dry run stands
    DONE = "done"


class ImportRun(Base):
    """One uploaded file, with what the person said of it."""

    __tablename__ = "imports"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    file_name: Mapped[str] = mapped_column(String(120))  # shown, never opened
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    state: Mapped[ImportState] = mapped_column(default=ImportState.UPLOADED)
    encoding: Mapped[str] = mapped_column(String(20))
    delimiter: Mapped[str] = mapped_column(String(1))
    has_header: Mapped[bool]
    region: Mapped[str] = mapped_column(String(2))
    columns: Mapped[list[str]] = mapped_column(default=list)  # what each holds
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)  # rows by verdict, then made rows
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    done_at: Mapped[datetime | None]


class ImportRow(Base):
    """A row of the file as the dry run judged it."""

    __tablename__ = "import_rows"

    run_id: Mapped[UUID] = mapped_column(
        ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True
    )
    line: Mapped[int] = mapped_column(primary_key=True)
    verdict: Mapped[Verdict]
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(200))
    why: Mapped[str] = mapped_column(String(120))  # msgid
    params: Mapped[dict[str, Any]]
    draft: Mapped[dict[str, Any]]
    customer_id: Mapped[UUID | None]  # where the row is present


async def begin(
    session: AsyncSession,
    *,
    file_name: str,
    content: bytes,
    encoding: str,
    delimiter: str,
    has_header: bool,
    region: str,
    columns: Sequence[Column],
    by: UUID | None,
    now: datetime,
) -> ImportRun:
    """Keep an uploaded file for a day; older ones that nobody imported are forgotten."""
    if len(content) > LARGEST:
        raise Refused("The file is larger than 32 MB. Split it and import the parts.")
    await session.execute(delete(ImportRun).where(ImportRun.expires_at < now))
    run = ImportRun(
        id=uuid7(now),
        user_id=by,
        file_name=texts.one_line(file_name, limit=120),
        content=content,
        encoding=encoding,
        delimiter=delimiter,
        has_header=has_header,
        region=region,
        columns=list(columns),
        created_at=now,
        expires_at=now + KEPT,
    )
    session.add(run)
    audit.record(session, "import.uploaded", by=by, key=run.id, size=len(content))
    await session.flush()
    return run


async def get(
    session: AsyncSession, run_id: UUID, *, now: datetime, with_content: bool = False
) -> ImportRun:
    """Return the import; raises NotFound where it is not there any more."""
    options = [undefer(ImportRun.content)] if with_content else []
    run = await session.get(ImportRun, run_id, options=options)
    if run is None or (run.expires_at < now and run.state is not ImportState.DONE):
        raise NotFound("import", run_id)
    return run


async def describe(
    session: AsyncSession,
    run_id: UUID,
    *,
    encoding: str,
    delimiter: str,
    has_header: bool,
    region: str,
    columns: Sequence[Column],
    now: datetime,
) -> ImportRun:
    """Say anew how the file is read; an earlier dry run is forgotten."""
    run = await _unfinished(session, run_id, now=now)
    run.encoding, run.delimiter, run.has_header = encoding, delimiter, has_header
    run.region, run.columns = region, list(columns)
    run.state, run.counts = ImportState.UPLOADED, {}
    await session.execute(delete(ImportRow).where(ImportRow.run_id == run_id))
    await session.flush()
    return run


async def remember(session: AsyncSession, drafts: Iterable[Draft], seen: Seen) -> None:
    """Add to `seen` the customers we have who share a number or a name with these drafts."""
    batch = list(drafts)
    numbers = {phone.e164 for draft in batch for phone in draft.phones} - seen.asked
    folded = {draft.folded[:200] for draft in batch if draft.folded} - seen.asked
    seen.asked |= numbers | folded
    columns = (Customer.id, Customer.sort_name, Customer.name, Customer.email)
    owners = (
        select(Number.e164, *columns)
        .join(Customer, Customer.id == Number.customer_id)
        .where(Number.e164.in_(numbers))
        .order_by(Customer.closed_at.is_not(None), Customer.id)
    )
    for e164, key, fold, name, email in (await session.execute(owners)).all():
        seen.by_number.setdefault(e164, []).append(_known(key, fold, name, email))
    namesakes = (
        select(*columns)
        .where(Customer.sort_name.in_(folded))
        .order_by(Customer.closed_at.is_not(None), Customer.id)
    )
    for key, fold, name, email in (await session.execute(namesakes)).all():
        seen.by_name.setdefault(fold, []).append(_known(key, fold, name, email))


async def keep_rows(session: AsyncSession, run_id: UUID, judged: Sequence[Judged]) -> None:
    """Store judged rows of the dry run."""
    rows = [
        {
            "run_id": run_id,
            "line": one.draft.line,
            "verdict": one.verdict,
            "kind": one.draft.kind,
            "name": one.draft.name,
            "why": one.why.text,
            "params": dict(one.why.params),
            "draft": _kept(one.draft),
            "customer_id": one.customer,
        }
        for one in judged
    ]
    if rows:
        await session.execute(insert(cast("Table", ImportRow.__table__)), rows)


async def conclude(session: AsyncSession, run_id: UUID, *, now: datetime) -> ImportRun:
    """The dry run is whole: count its rows by verdict."""
    run = await _unfinished(session, run_id, now=now)
    counted = (
        select(ImportRow.verdict, func.count())
        .where(ImportRow.run_id == run_id)
        .group_by(ImportRow.verdict)
    )
    found = {verdict.value: count for verdict, count in (await session.execute(counted)).all()}
    run.counts = {verdict.value: found.get(verdict.value, 0) for verdict in Verdict}
    run.state = ImportState.CHECKED
    await session.flush()
    return run


async def rows_of(
    session: AsyncSession, run_id: UUID, *, limit: int = SHOWN
) -> Mapping[Verdict, Sequence[ImportRow]]:
    """The first rows of each verdict, in the order of the file."""
    found = {}
    for verdict in Verdict:
        query = select(ImportRow).where(ImportRow.run_id == run_id, ImportRow.verdict == verdict)
        found[verdict] = (await session.scalars(query.order_by(ImportRow.line).limit(limit))).all()
    return found


async def forget(session: AsyncSession, run_id: UUID, *, by: UUID | None) -> None:
    """Throw away an import and its file."""
    await session.execute(delete(ImportRun).where(ImportRun.id == run_id))
    audit.record(session, "import.forgotten", by=by, key=run_id)


async def _unfinished(session: AsyncSession, run_id: UUID, *, now: datetime) -> ImportRun:
    run = await get(session, run_id, now=now)
    if run.state is ImportState.DONE:
        raise Refused("This file is imported already.")
    return run


def _kept(draft: Draft) -> dict[str, Any]:
    """What the import needs of a row beside its name and kind."""
    return {
        "company": draft.company,
        "role": draft.role,
        "email": draft.email,
        "address_as": draft.address_as,
        "about": draft.about,
        "lifecycle": draft.lifecycle,
        "phones": draft.phones,
    }


def _known(key: UUID, folded: str, name: str, email: str | None) -> Known:
    return Known(key, folded, name, (email or "").casefold())
