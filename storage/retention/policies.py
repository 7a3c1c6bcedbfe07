"""The rules by which recordings are kept, and which of them wins."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

import storage.settings
from pbx_bridge.ids import uuid7
from storage import audit
from storage.database import Base
from storage.errors import NotFound, Refused
from storage.rules.retention import Consent, Policy, Refusal, Terms, Wins

SETTING = "retention"
LONGEST = 36_500  # days


class RetentionPolicy(Base):
    """A rule; what it does not name fits every call."""

    __tablename__ = "retention_policies"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    days: Mapped[int | None]  # None: for ever
    queue: Mapped[str | None] = mapped_column(String(80))
    tag_id: Mapped[UUID | None] = mapped_column(ForeignKey("tags.id"))
    outcome_id: Mapped[UUID | None] = mapped_column(ForeignKey("outcomes.id"))
    consent: Mapped[Consent | None]
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]  # stays for the tombstones that name it


async def listed(session: AsyncSession) -> Sequence[RetentionPolicy]:
    """The rules that hold, in the order in which they were made."""
    query = select(RetentionPolicy).where(RetentionPolicy.removed_at.is_(None))
    return (await session.scalars(query.order_by(RetentionPolicy.id))).all()


async def add(
    session: AsyncSession, *, name: str, days: int | None, queue: str | None = None,
    tag_id: UUID | None = None, outcome_id: UUID | None = None, consent: Consent | None = None,
    by: UUID | None, now: datetime,
) -> RetentionPolicy:  # fmt: skip
    """Make a rule; raises Refused for one without a name or of days that cannot be."""
    name = name.strip()[:80]
    if not name:
        raise Refused("give the rule a name")
    if days is not None and not 0 <= days <= LONGEST:
        raise Refused("a rule keeps recordings for 0 to 36500 days, or for ever")
    row = RetentionPolicy(
        id=uuid7(now), name=name, days=days, queue=queue or None, tag_id=tag_id,
        outcome_id=outcome_id, consent=consent, created_at=now,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    audit.record(session, "retention.added", by=by, key=row.id, days=days)
    return row


async def remove(session: AsyncSession, key: UUID, *, by: UUID | None, now: datetime) -> None:
    """Take a rule away; raises NotFound."""
    row = await session.get(RetentionPolicy, key)
    if row is None or row.removed_at is not None:
        raise NotFound("rule", key)
    row.removed_at = now
    audit.record(session, "retention.removed", by=by, key=key)


async def choose(session: AsyncSession, *, wins: Wins, refusal: Refusal, by: UUID | None) -> None:
    """Say which rule wins, and what becomes of recordings that were refused."""
    value = {"wins": wins.value, "refusal": refusal.value}
    if await storage.settings.get(session, SETTING) != value:
        await storage.settings.put(session, SETTING, value, by=by)


async def terms(session: AsyncSession) -> Terms:
    """What the company chose."""
    value = await storage.settings.get(session, SETTING) or {}
    policies = tuple(
        Policy(
            id=row.id, name=row.name, days=row.days, queue=row.queue, tag_id=row.tag_id,
            outcome_id=row.outcome_id, consent=row.consent,
        )
        for row in await listed(session)
    )  # fmt: skip
    return Terms(
        policies=policies,
        wins=Wins(value.get("wins", Wins.LONGEST)),
        refusal=Refusal(value.get("refusal", Refusal.DISCARD)),
    )
