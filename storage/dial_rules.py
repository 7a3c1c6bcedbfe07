"""Which numbers each role may dial, and what all may place together: chosen by an administrator."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

import storage.settings
from storage import audit
from storage.database import Base
from storage.rules.dialling import DEFAULTS, DialCaps, DialRule, NumberKind
from storage.rules.permissions import RoleName

CAPS = "dial_caps"  # the setting that holds what all may place together
MOST = 1000  # calls that a cap may be set to
_NOTHING = DialRule(kinds=frozenset(), per_minute=0, at_once=0)


class DialRuleRecord(Base):
    """What one role may dial; no row means the default."""

    __tablename__ = "dial_rules"

    role: Mapped[str] = mapped_column(ForeignKey("roles.name"), primary_key=True)
    kinds: Mapped[str] = mapped_column(String(120))  # words of NumberKind, a space between
    per_minute: Mapped[int]
    at_once: Mapped[int]


async def of_role(session: AsyncSession, role: str) -> DialRule:
    """The rule of a role; an unknown role may dial nothing but emergencies."""
    row = await session.get(DialRuleRecord, role)
    if row is not None:
        return _rule(row)
    return DEFAULTS[RoleName(role)] if role in DEFAULTS else _NOTHING


async def of_all(session: AsyncSession) -> Mapping[RoleName, DialRule]:
    """The rule of every role."""
    rows = {row.role: _rule(row) for row in await session.scalars(select(DialRuleRecord))}
    return {role: rows.get(role, default) for role, default in DEFAULTS.items()}


async def caps(session: AsyncSession) -> DialCaps:
    """What all may place together."""
    value = await storage.settings.get(session, CAPS)
    return DialCaps(**value) if value else DialCaps()


async def hour(session: AsyncSession, now: datetime) -> int:
    """The hour of the company's own clock."""
    return now.astimezone(ZoneInfo(await storage.settings.time_zone(session))).hour


async def choose(session: AsyncSession, role: RoleName, rule: DialRule, *, by: UUID | None) -> None:
    """Say what a role may dial; a rule that is as it was leaves no trace."""
    if await of_role(session, role) == rule:
        return
    words = " ".join(sorted(rule.kinds))
    await session.merge(
        DialRuleRecord(role=role, kinds=words, per_minute=rule.per_minute, at_once=rule.at_once)
    )
    audit.record(
        session,
        "dial_rule.changed",
        by=by,
        role=str(role),
        kinds=words,
        per_minute=rule.per_minute,
        at_once=rule.at_once,
    )


async def choose_caps(session: AsyncSession, wanted: DialCaps, *, by: UUID | None) -> None:
    """Say what all may place together."""
    if await caps(session) == wanted:
        return
    await storage.settings.put(session, CAPS, asdict(wanted), by=by)


def _rule(row: DialRuleRecord) -> DialRule:
    return DialRule(kinds=_kinds(row.kinds.split()), per_minute=row.per_minute, at_once=row.at_once)


def _kinds(words: Iterable[str]) -> frozenset[NumberKind]:
    """A word that this release does not know opens nothing."""
    known = {str(kind) for kind in NumberKind}
    return frozenset(NumberKind(word) for word in words if word in known)
