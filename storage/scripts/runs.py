"""A script in a call: what is offered, what was answered by whom, and how far it came."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

import storage.queues
from storage.rules import scripts as rules
from storage.rules.scripts import Outline, Stand
from storage.scripts.tables import Script, ScriptAnswer, ScriptQueue, ScriptRun, ScriptVersion
from storage.users import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A script for a call, with what is answered so far; without a run nothing is."""

    script_id: UUID
    name: str
    version: ScriptVersion
    outline: Outline
    run: ScriptRun | None = None
    answers: Mapping[str, ScriptAnswer] = field(default_factory=dict)
    names: Mapping[UUID, str] = field(default_factory=dict)  # of who answered

    @property
    def stand(self) -> Stand:
        """Where the agents are."""
        if self.run is None:
            return Stand(self.outline.steps[0].key)
        return Stand(self.run.step, ended=self.run.finished_at is not None)

    def said(self) -> dict[str, str]:
        """The answers by field."""
        return {key: row.answer for key, row in self.answers.items() if row.answer}


async def of_call(session: AsyncSession, call_id: UUID) -> Sequence[Offered]:
    """The scripts that were filled in the call, in the order in which they began."""
    query = (
        select(ScriptRun, Script.name, ScriptVersion)
        .join(Script, Script.id == ScriptRun.script_id)
        .join(ScriptVersion, ScriptVersion.id == ScriptRun.version_id)
        .where(ScriptRun.call_id == call_id)
        .order_by(ScriptRun.started_at, ScriptRun.id)
    )
    rows = (await session.execute(query)).all()
    return [await _read(session, name, version, run) for run, name, version in rows]


async def asking_for_cards(session: AsyncSession, calls: Collection[UUID]) -> frozenset[UUID]:
    """Those of the calls whose script stands at a step that asks for card data."""
    query = (
        select(ScriptRun.call_id, ScriptRun.step, ScriptVersion.outline)
        .join(ScriptVersion, ScriptVersion.id == ScriptRun.version_id)
        .where(ScriptRun.call_id.in_(calls), ScriptRun.finished_at.is_(None))
    )
    found = set()
    for call, at, outline in await session.execute(query):
        step = rules.from_data(outline).step(at)
        if step is not None and step.card:
            found.add(call)
    return frozenset(found)


class Place(NamedTuple):
    """Where a page of filled scripts begins: after the one of this begin and id."""

    started_at: datetime
    id: UUID


async def filled(
    session: AsyncSession,
    *,
    script_id: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    after: Place | None = None,
    limit: int,
) -> Sequence[Offered]:
    """Filled scripts that began in a period, in the order in which they began."""
    query = (
        select(ScriptRun, Script.name, ScriptVersion)
        .join(Script, Script.id == ScriptRun.script_id)
        .join(ScriptVersion, ScriptVersion.id == ScriptRun.version_id)
        .order_by(ScriptRun.started_at, ScriptRun.id)
        .limit(limit)
    )
    if script_id is not None:
        query = query.where(ScriptRun.script_id == script_id)
    if since is not None:
        query = query.where(ScriptRun.started_at >= since)
    if until is not None:
        query = query.where(ScriptRun.started_at < until)
    if after is not None:
        same = and_(ScriptRun.started_at == after.started_at, ScriptRun.id > after.id)
        query = query.where(or_(ScriptRun.started_at > after.started_at, same))
    rows = (await session.execute(query)).all()
    return [await _read(session, name, version, run) for run, name, version in rows]


async def offered(
    session: AsyncSession, call_id: UUID, *, pbx_id: UUID, queue: str | None
) -> Offered | None:
    """What is to be filled in the call: its queue's script, else the one that was begun last.

    A script that was begun goes on in the version it began with, also when it is withdrawn.
    """
    script = await _of_queue(session, pbx_id, queue)
    begun = await of_call(session, call_id)
    for run in reversed(begun):
        if script is None or run.script_id == script.id:
            return run
    if script is None or script.published is None:
        return begun[-1] if begun else None
    query = select(ScriptVersion).where(
        ScriptVersion.script_id == script.id, ScriptVersion.number == script.published
    )
    version = (await session.scalars(query)).one()
    return await _read(session, script.name, version, None)


async def _of_queue(session: AsyncSession, pbx_id: UUID, name: str | None) -> Script | None:
    queue = await storage.queues.named(session, pbx_id, name)
    if queue is None:
        return None
    query = (
        select(Script)
        .join(ScriptQueue, ScriptQueue.script_id == Script.id)
        .where(ScriptQueue.queue_id == queue.id)
    )
    found: Script | None = await session.scalar(query)
    return found


async def answers_of(session: AsyncSession, run_id: UUID) -> dict[str, ScriptAnswer]:
    """The answers of a run by field, also those that do not count now."""
    rows = await session.scalars(select(ScriptAnswer).where(ScriptAnswer.run_id == run_id))
    return {row.field: row for row in rows}


async def _read(
    session: AsyncSession, name: str, version: ScriptVersion, run: ScriptRun | None
) -> Offered:
    answers = await answers_of(session, run.id) if run else {}
    users = {row.user_id for row in answers.values()}
    names = await session.execute(select(User.id, User.name).where(User.id.in_(users)))
    return Offered(
        script_id=version.script_id, name=name, version=version,
        outline=rules.from_data(version.outline), run=run, answers=answers,
        names=dict(names.all()),
    )  # fmt: skip
