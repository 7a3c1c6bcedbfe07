"""Filled scripts as moments of a customer's history, and where two calls become one."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Uuid, column, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from storage.rules import scripts as rules
from storage.rules.scripts import FieldKind
from storage.scripts.tables import Script, ScriptAnswer, ScriptRun, ScriptVersion
from storage.users import User

# storage.calls moves our rows when calls join, so this folder does not import it
CALLS = table("calls", column("id", Uuid), column("customer_id", Uuid))


class Said(NamedTuple):
    """A question and its answer, as it is kept for its kind."""

    question: str
    answer: str
    kind: FieldKind


class RunLine(NamedTuple):
    """A script that was filled in a call with a customer, and what was answered."""

    run: ScriptRun
    script: str
    author: str | None
    answers: tuple[Said, ...]  # in the script's order


async def latest_of(session: AsyncSession, customer_id: UUID, *, limit: int) -> Sequence[RunLine]:
    """The latest scripts that were filled with a customer, newest first."""
    query = (
        select(ScriptRun, Script.name, User.name, ScriptVersion.outline)
        .join(CALLS, CALLS.c.id == ScriptRun.call_id)
        .join(Script, Script.id == ScriptRun.script_id)
        .join(ScriptVersion, ScriptVersion.id == ScriptRun.version_id)
        .outerjoin(User, User.id == ScriptRun.started_by)
        .where(CALLS.c.customer_id == customer_id)
        .order_by(ScriptRun.started_at.desc(), ScriptRun.id.desc())
        .limit(limit)
    )
    found = (await session.execute(query)).all()
    said: dict[UUID, dict[str, str]] = {row[0].id: {} for row in found}
    counting = select(ScriptAnswer).where(ScriptAnswer.run_id.in_(said), ScriptAnswer.counts)
    for answer in await session.scalars(counting):
        said[answer.run_id][answer.field] = answer.answer
    lines = []
    for run, script, author, data in found:
        fields = (field for _step, field in rules.from_data(data).fields())
        given = (Said(field.label, said[run.id].get(field.key, ""), field.kind) for field in fields)
        lines.append(RunLine(run, script, author, tuple(one for one in given if one.answer)))
    return lines


async def move(session: AsyncSession, *, keep: UUID, gone: UUID) -> None:
    """Give the call `keep` what was answered in `gone`; of two answers the later one counts."""
    rows = await session.scalars(select(ScriptRun).where(ScriptRun.call_id.in_((keep, gone))))
    there: dict[UUID, ScriptRun] = {}
    for run in sorted(rows, key=lambda run: run.call_id != keep):
        first = there.setdefault(run.script_id, run)
        if first is run:
            run.call_id = keep
        else:
            await _merge(session, first, run)
    await session.flush()


async def _merge(session: AsyncSession, first: ScriptRun, other: ScriptRun) -> None:
    query = select(ScriptAnswer).where(ScriptAnswer.run_id.in_((first.id, other.id)))
    answers: dict[str, ScriptAnswer] = {}
    for answer in sorted(await session.scalars(query), key=lambda one: one.at):
        answers[answer.field] = answer
    late = [answer for answer in answers.values() if answer.run_id == other.id]
    for answer in late:
        mine = await session.get(ScriptAnswer, (first.id, answer.field))
        if mine is None:
            mine = ScriptAnswer(run_id=first.id, field=answer.field, version=answer.version)
            session.add(mine)
        else:
            mine.version += answer.version
        mine.answer, mine.counts = answer.answer, answer.counts
        mine.user_id, mine.at = answer.user_id, answer.at
    if other.updated_at > first.updated_at:
        first.step, first.finished_at = other.step, other.finished_at
        first.version_id, first.updated_at = other.version_id, other.updated_at
    first.started_at = min(first.started_at, other.started_at)
    await session.delete(other)
