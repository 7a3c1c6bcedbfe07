"""What callers said to being recorded, by call: told by the dialplan, an agent or a program."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from storage import audit
from storage.database import Base
from storage.rules.retention import Consent


class ConsentSource(StrEnum):
    """Who told."""

    PBX = "pbx"  # the dialplan
    PERSON = "person"
    API = "api"


class CallConsent(Base):
    """The last that was told of a call; no row means that nothing is known."""

    __tablename__ = "call_consents"

    call_id: Mapped[UUID] = mapped_column(
        ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True
    )
    state: Mapped[Consent] = mapped_column(index=True)
    source: Mapped[ConsentSource]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
    heard_at: Mapped[datetime | None]  # of the last word of the dialplan, by the PBX's clock


def unrefused(call_id: ColumnElement[UUID] | InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """Whether the caller of this call did not refuse to be recorded."""
    return ~exists().where(CallConsent.call_id == call_id, CallConsent.state == Consent.REFUSED)


async def of_call(session: AsyncSession, call_id: UUID) -> CallConsent | None:
    """What was told last of a call."""
    return await session.get(CallConsent, call_id)


async def of_calls(session: AsyncSession, calls: Collection[UUID]) -> dict[UUID, CallConsent]:
    """What was told last of each of these calls, where something was."""
    rows = await session.scalars(select(CallConsent).where(CallConsent.call_id.in_(calls)))
    return {row.call_id: row for row in rows}


async def tell(
    session: AsyncSession, call_id: UUID, state: Consent, *, source: ConsentSource,
    by: UUID | None, now: datetime, heard_at: datetime | None = None,
) -> bool:  # fmt: skip
    """Note what the caller said; gives whether that is news.

    The dialplan takes back no refusal that a person noted: it announces, and cannot hear. A word
    of it (`heard_at`, by the PBX's clock) that is told again is not heard again.
    """
    row = await session.get(CallConsent, call_id)
    if row is not None and heard_at is not None:
        if row.heard_at is not None and heard_at <= row.heard_at:
            return False
        row.heard_at = heard_at
    if row is not None and row.state is state:
        return False
    refused = row is not None and row.state is Consent.REFUSED
    if refused and source is ConsentSource.PBX:
        return False
    if row is None:
        row = CallConsent(call_id=call_id, heard_at=heard_at)
        session.add(row)
    row.state, row.source, row.user_id, row.at = state, source, by, now
    audit.record(
        session, "call.consent", by=by, key=call_id, state=state.value, source=source.value
    )
    return True
