"""Rules that pick calls for a review, as supervisors keep them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pbx_bridge.ids import uuid7
from pbx_bridge.matching import msgid
from storage import audit
from storage.errors import Conflict, NotFound, Refused
from storage.picks.tables import LONGEST_NAME, Pick, PickReason, PickRule, PickState
from storage.rules import texts
from storage.rules.picks import LEAST, Rule, RuleKind

SETS = ("outcomes", "queues", "teams")


class RuleChanged(Conflict):
    """A colleague saved this rule first."""

    def __init__(self) -> None:
        super().__init__(msgid("A colleague has changed this rule since you opened the page."))


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFacts:
    """What a person says of a rule in one form."""

    name: str
    rule: Rule  # its id is not looked at
    scorecard_id: UUID | None = None
    active: bool = True


async def listed(session: AsyncSession) -> Sequence[PickRule]:
    """Every rule by name."""
    query = select(PickRule).order_by(func.lower(PickRule.name), PickRule.id)
    return (await session.scalars(query)).all()


async def get(session: AsyncSession, key: UUID, *, locked: bool = False) -> PickRule:
    """The rule; raises NotFound."""
    row = await session.get(
        PickRule, key, with_for_update=True if locked else None, populate_existing=locked
    )
    if row is None:
        raise NotFound("rule", key)
    return row


async def create(
    session: AsyncSession, facts: RuleFacts, *, by: UUID | None, now: datetime
) -> PickRule:
    """Add a rule; raises Refused with what is missing."""
    row = PickRule(id=uuid7(now), created_at=now, looked_at=None, **_values(facts, by, now))
    session.add(row)
    await session.flush()
    audit.record(session, "pick_rule.created", by=by, key=row.id, kind=row.kind.value)
    return row


async def change(
    session: AsyncSession,
    key: UUID,
    facts: RuleFacts,
    *,
    version: int,
    by: UUID | None,
    now: datetime,
) -> PickRule:
    """Save what was edited from `version` on; raises RuleChanged where a colleague was first."""
    row = await get(session, key, locked=True)
    if row.version != version:
        raise RuleChanged
    for name, value in _values(facts, by, now).items():
        setattr(row, name, value)
    row.version += 1
    audit.record(session, "pick_rule.changed", by=by, key=key, active=row.active)
    await session.flush()
    return row


async def remove(session: AsyncSession, key: UUID, *, by: UUID | None) -> None:
    """Delete a rule; what it picked stays where another rule did so too, or it was taken."""
    await session.delete(await get(session, key, locked=True))
    await session.flush()
    unreasoned = ~exists().where(PickReason.pick_id == Pick.id)
    await session.execute(delete(Pick).where(Pick.state == PickState.OPEN, unreasoned))
    audit.record(session, "pick_rule.removed", by=by, key=key)
    await session.flush()


async def looked(session: AsyncSession, keys: Sequence[UUID], *, now: datetime) -> None:
    """Remember when these rules looked for calls."""
    for row in await session.scalars(select(PickRule).where(PickRule.id.in_(keys))):
        row.looked_at = now


def rule_of(row: PickRule) -> Rule:
    """The rule as the pure part reads it."""
    terms: Mapping[str, Any] = row.terms
    sets = {name: frozenset(terms.get(name, ())) for name in SETS}
    return Rule(
        id=row.id, kind=row.kind, share=terms.get("share", 0.0), least=terms.get("least", 0),
        limit=terms.get("limit", 0.0), script=terms.get("script", ""),
        question=terms.get("question", ""), **sets,
    )  # fmt: skip


def _values(facts: RuleFacts, by: UUID | None, now: datetime) -> dict[str, Any]:
    rule, name = facts.rule, texts.one_line(facts.name, limit=LONGEST_NAME)
    if not name:
        raise Refused("A rule needs a name.")
    if rule.kind is RuleKind.RANDOM and not (rule.share or rule.least):
        raise Refused("Say which share of the calls, or how many of a week.")
    if rule.kind is RuleKind.OUTCOME and not rule.outcomes:
        raise Refused("Choose the outcomes after which a call is reviewed.")
    if rule.kind is RuleKind.FEEDBACK and not (rule.script and rule.question):
        raise Refused("Choose the question whose answer counts.")
    if rule.kind in LEAST and rule.limit <= 0:
        raise Refused("Say from how much on a call is reviewed.")
    terms = {
        "share": rule.share, "least": rule.least, "limit": rule.limit, "script": rule.script,
        "question": rule.question, **{word: sorted(getattr(rule, word)) for word in SETS},
    }  # fmt: skip
    return {
        "name": name, "kind": rule.kind, "terms": terms, "scorecard_id": facts.scorecard_id,
        "active": facts.active, "updated_at": now, "updated_by": by,
    }  # fmt: skip
