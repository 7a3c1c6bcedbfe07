"""Rules look for calls: what is to be picked now, and keeping it, each call of an agent once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from pbx_bridge.ids import uuid7
from storage import audit
from storage.picks import facts as reading
from storage.picks.keeping import rule_of
from storage.picks.tables import Pick, PickReason, PickRule, PickState
from storage.rules import picks as rules
from storage.rules.picks import RuleKind
from storage.rules.scorecards import monday_of
from storage.rules.shifts import midnight


class Wanted(NamedTuple):
    """A call of an agent that a rule picks."""

    call_id: UUID
    agent_id: UUID
    call_at: datetime
    rule_id: UUID
    kind: RuleKind
    why: dict[str, Any]


async def wanted(session: AsyncSession, *, now: datetime, zone: ZoneInfo) -> Sequence[Wanted]:
    """What the rules pick of this week and the last one and is not picked by them yet."""
    rows = (await session.scalars(select(PickRule).where(PickRule.active))).all()
    if not rows:
        return []
    monday = monday_of(now, zone) - timedelta(days=7)
    since = midnight(monday, zone)
    told = [rule_of(row) for row in rows]
    facts = await reading.of_calls(session, told, since=since, until=now)
    begins = {(one.call, one.agent): one.at for one in facts}
    query = (
        select(Pick.call_id, Pick.agent_id, PickReason.rule_id)
        .join(PickReason, PickReason.pick_id == Pick.id)
        .where(Pick.call_at >= since)
    )
    there = {(row[0], row[1], row[2]) for row in await session.execute(query)}
    today = now.astimezone(zone).date()
    return [
        Wanted(one.call, one.agent, begins[one.call, one.agent], rule.id, rule.kind, one.why)
        for rule in told
        for one in rules.pick(rule, facts, zone=zone, today=today)
        if (one.call, one.agent, rule.id) not in there
    ]


async def add(session: AsyncSession, some: Sequence[Wanted], *, now: datetime) -> int:
    """Keep what was picked; gives how many calls are new. Kept twice it is the same."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert if is_sqlite else postgresql.insert
    fresh = 0
    for one in some:
        key = uuid7(now)
        added = await session.execute(
            insert(Pick)
            .values(
                id=key, call_id=one.call_id, agent_id=one.agent_id, call_at=one.call_at,
                picked_at=now, state=PickState.OPEN, reason="",
            )
            .on_conflict_do_nothing(index_elements=["call_id", "agent_id"])
            .returning(Pick.id)
        )  # fmt: skip
        if added.first() is not None:
            fresh += 1
            audit.record(
                session, "pick.made", by=audit.SYSTEM, key=key, call=str(one.call_id),
                agent=str(one.agent_id), rule=str(one.rule_id),
            )  # fmt: skip
        query = select(Pick.id).where(Pick.call_id == one.call_id, Pick.agent_id == one.agent_id)
        reason = insert(PickReason).values(
            pick_id=(await session.scalars(query)).one(), rule_id=one.rule_id, kind=one.kind,
            why=one.why,
        )  # fmt: skip
        await session.execute(reason.on_conflict_do_nothing(index_elements=["pick_id", "rule_id"]))
    return fresh
