"""The calls that wait for a review: who has which, done, or skipped and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

import storage.users
from storage import audit
from storage.errors import Conflict, NotFound, Refused
from storage.picks.tables import LONGEST_REASON, Pick, PickReason, PickRule, PickState
from storage.queues import Queue
from storage.reviews.others import CALLS
from storage.rules import texts
from storage.users import User

MOST = 200  # lines of a page


@dataclass(frozen=True, slots=True, kw_only=True)
class PickLine:
    """A picked call as the list shows it; each reason with the name of its rule."""

    pick: Pick
    agent: str
    caller: str
    queue: str
    talk_seconds: float
    reasons: Sequence[tuple[str, PickReason]]
    user: str = ""  # who has it


async def get(session: AsyncSession, key: UUID, *, locked: bool = False) -> Pick:
    """The picked call; raises NotFound."""
    pick = await session.get(
        Pick, key, with_for_update=True if locked else None, populate_existing=locked
    )
    if pick is None:
        raise NotFound("pick", key)
    return pick


async def listed(
    session: AsyncSession, states: Sequence[PickState], *, reach: frozenset[UUID] | None
) -> Sequence[PickLine]:
    """Picked calls of agents within reach, the oldest call first; at most 200."""
    query = (
        select(
            Pick, User.name, CALLS.c.name, CALLS.c.e164, CALLS.c.number,
            func.coalesce(Queue.label, CALLS.c.queue, ""), CALLS.c.talk_seconds,
        )
        .join(User, User.id == Pick.agent_id)
        .join(CALLS, CALLS.c.id == Pick.call_id)
        .outerjoin(Queue, (Queue.pbx_id == CALLS.c.pbx_id) & (Queue.name == CALLS.c.queue))
        .where(Pick.state.in_(states))
        .order_by(Pick.call_at, Pick.id)
        .limit(MOST)
    )  # fmt: skip
    if reach is not None:
        query = query.where(Pick.agent_id.in_(reach))
    rows = (await session.execute(query)).all()
    reasons = await _reasons(session, [row[0].id for row in rows])
    names = await storage.users.names(session)
    return [
        PickLine(
            pick=pick, agent=agent, caller=name or e164 or number, queue=queue,
            talk_seconds=talk, reasons=reasons.get(pick.id, ()),
            user=names.get(pick.user_id, "") if pick.user_id else "",
        )
        for pick, agent, name, e164, number, queue, talk in rows
    ]  # fmt: skip


async def reasons_of(
    session: AsyncSession, call_id: UUID, agent_id: UUID
) -> Sequence[tuple[str, PickReason]]:
    """Why a call of an agent was picked; empty where it was not."""
    query = select(Pick.id).where(Pick.call_id == call_id, Pick.agent_id == agent_id)
    key = await session.scalar(query)
    return (await _reasons(session, [key])).get(key, ()) if key else ()


async def scorecard_of(session: AsyncSession, key: UUID) -> str:
    """The id of the scorecard that a rule of the pick asks for; empty where none does."""
    query = (
        select(PickRule.scorecard_id)
        .join(PickReason, PickReason.rule_id == PickRule.id)
        .where(PickReason.pick_id == key, PickRule.scorecard_id.is_not(None))
        .order_by(PickRule.name)
    )
    return str(await session.scalar(query.limit(1)) or "")


async def take(session: AsyncSession, key: UUID, *, by: UUID, now: datetime) -> Pick:
    """Take a call to review it; the first has it, the next one is told who."""
    pick = await get(session, key, locked=True)
    if pick.state in {PickState.DONE, PickState.SKIPPED}:
        raise Conflict("Somebody has dealt with this call already.")
    if pick.user_id is not None and pick.user_id != by:
        name = (await storage.users.get(session, pick.user_id)).name
        raise Conflict("{name} has taken this already.", name=name)
    if pick.state is PickState.OPEN:
        pick.state, pick.user_id, pick.taken_at = PickState.TAKEN, by, now
        audit.record(session, "pick.taken", by=by, key=key)
        await session.flush()
    return pick


async def give_back(session: AsyncSession, key: UUID, *, by: UUID) -> Pick:
    """Let somebody else take it."""
    pick = await get(session, key, locked=True)
    if pick.state is PickState.TAKEN:
        was = str(pick.user_id)
        pick.state, pick.user_id, pick.taken_at = PickState.OPEN, None, None
        audit.record(session, "pick.given_back", by=by, key=key, was=was)
        await session.flush()
    return pick


async def skip(session: AsyncSession, key: UUID, reason: str, *, by: UUID, now: datetime) -> Pick:
    """Do not review the call, and say why; raises Refused without a word."""
    reason = texts.one_line(reason, limit=LONGEST_REASON)
    if not reason:
        raise Refused("Say why it is not reviewed.")
    pick = await take(session, key, by=by, now=now)
    pick.state, pick.reason, pick.ended_at = PickState.SKIPPED, reason, now
    audit.record(session, "pick.skipped", by=by, key=key)
    await session.flush()
    return pick


async def begun(
    session: AsyncSession, call_id: UUID, agent_id: UUID, review_id: UUID, *, by: UUID,
    now: datetime,
) -> None:  # fmt: skip
    """A review of the call was begun, from the list or not: nobody needs to take it any more."""
    query = select(Pick).where(Pick.call_id == call_id, Pick.agent_id == agent_id)
    pick = await session.scalar(query.with_for_update())
    if pick is None or pick.review_id is not None or pick.state is PickState.DONE:
        return
    if pick.state is not PickState.TAKEN or pick.user_id != by:
        audit.record(session, "pick.taken", by=by, key=pick.id)
    pick.state, pick.user_id, pick.taken_at = PickState.TAKEN, by, now
    pick.review_id, pick.reason, pick.ended_at = review_id, "", None
    await session.flush()


async def settled(
    session: AsyncSession, review_id: UUID, *, done: bool, by: UUID, now: datetime
) -> None:
    """The review of a picked call was submitted, or is gone on with."""
    pick = await session.scalar(select(Pick).where(Pick.review_id == review_id).with_for_update())
    state = PickState.DONE if done else PickState.TAKEN
    if pick is not None and pick.state is not state:
        pick.state, pick.ended_at = state, now if done else None
        audit.record(session, "pick.done" if done else "pick.taken", by=by, key=pick.id)
        await session.flush()


async def move(session: AsyncSession, *, keep: UUID, gone: UUID) -> None:
    """Give the call `keep` what was picked of `gone`; one that both have stays as it is there."""
    there = select(Pick.agent_id).where(Pick.call_id == keep)
    agents = set(await session.scalars(there))
    moved = update(Pick).where(Pick.call_id == gone, Pick.agent_id.not_in(agents))
    await session.execute(moved.values(call_id=keep))


async def erase_texts(session: AsyncSession, calls: Sequence[UUID], *, by: UUID | None) -> int:
    """Take the reasons why these calls were skipped; gives how many had one."""
    rows = await session.scalars(select(Pick).where(Pick.call_id.in_(calls), Pick.reason != ""))
    found = rows.all()
    for pick in found:
        pick.reason = ""
        audit.record(session, "pick.erased", by=by, key=pick.id)
    await session.flush()
    return len(found)


async def _reasons(
    session: AsyncSession, keys: Sequence[UUID]
) -> Mapping[UUID, list[tuple[str, PickReason]]]:
    query = (
        select(PickRule.name, PickReason)
        .join(PickRule, PickRule.id == PickReason.rule_id)
        .where(PickReason.pick_id.in_(keys))
        .order_by(PickRule.name)
    )
    found: dict[UUID, list[tuple[str, PickReason]]] = {}
    for name, reason in await session.execute(query):
        found.setdefault(reason.pick_id, []).append((name, reason))
    return found
