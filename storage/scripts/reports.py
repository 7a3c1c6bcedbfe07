"""What came of a script in a time: how often, how far, and what was answered."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Uuid, column, func, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from storage.rules import scripts as rules
from storage.rules.scripts import FieldCount, Outline, Step
from storage.scripts.tables import ScriptAnswer, ScriptRun, ScriptVersion
from storage.users import User

CALLS = table("calls", column("id", Uuid), column("ended_at", DateTime))
AT_ONCE = 500  # rows of an export that are read together


class Period(NamedTuple):
    """Which runs: those that began from the one moment and before the other."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came of one version; each step with how often it ended there, and was left there."""

    outline: Outline
    begun: int
    finished: int
    going_on: int  # the call is not over
    ends: Sequence[tuple[Step, int]]
    left: Sequence[tuple[Step, int]]
    fields: Sequence[FieldCount]


class RunRow(NamedTuple):
    """One run of an export, with its counting answers."""

    run: ScriptRun
    agent: str | None
    customer_id: UUID | None
    answers: Mapping[str, str]


async def report(session: AsyncSession, version: ScriptVersion, period: Period) -> Report:
    """Count what came of the version in the period."""
    outline = rules.from_data(version.outline)
    finished, over = ScriptRun.finished_at.is_not(None), CALLS.c.ended_at.is_not(None)
    query = (
        select(ScriptRun.step, finished, over, func.count())
        .where(*_within(version.id, period))
        .outerjoin(CALLS, CALLS.c.id == ScriptRun.call_id)
        .group_by(ScriptRun.step, finished, over)
    )
    ends: dict[str, int] = {}
    left: dict[str, int] = {}
    going_on = 0
    for step, is_finished, is_over, times in (await session.execute(query)).all():
        if not is_finished and not is_over:
            going_on += times
            continue
        place = ends if is_finished else left
        place[step] = place.get(step, 0) + times
    answers = (
        select(ScriptAnswer.field, ScriptAnswer.answer, func.count())
        .select_from(ScriptRun)
        .where(*_within(version.id, period))
        .join(ScriptAnswer, ScriptAnswer.run_id == ScriptRun.id)
        .where(ScriptAnswer.counts)
        .group_by(ScriptAnswer.field, ScriptAnswer.answer)
    )
    given = [(row[0], row[1], row[2]) for row in await session.execute(answers)]
    return Report(
        outline=outline,
        begun=sum(ends.values()) + sum(left.values()) + going_on,
        finished=sum(ends.values()),
        going_on=going_on,
        ends=[(step, ends[step.key]) for step in outline.steps if step.key in ends],
        left=[(step, left[step.key]) for step in outline.steps if step.key in left],
        fields=rules.count(outline, given),
    )


async def rows(session: AsyncSession, version_id: UUID, period: Period) -> AsyncIterator[RunRow]:
    """Yield the runs of the version in the period, in order of time."""
    calls = table("calls", column("id", Uuid), column("customer_id", Uuid))
    query = (
        select(ScriptRun, User.name, calls.c.customer_id)
        .where(*_within(version_id, period))
        .outerjoin(User, User.id == ScriptRun.started_by)
        .outerjoin(calls, calls.c.id == ScriptRun.call_id)
        .order_by(ScriptRun.started_at, ScriptRun.id)
    )
    last: ScriptRun | None = None
    while True:
        page = query.limit(AT_ONCE)
        if last is not None:
            later = ScriptRun.started_at > last.started_at
            same = (ScriptRun.started_at == last.started_at) & (ScriptRun.id > last.id)
            page = page.where(later | same)
        found = (await session.execute(page)).all()
        said: dict[UUID, dict[str, str]] = {row[0].id: {} for row in found}
        counting = select(ScriptAnswer).where(ScriptAnswer.run_id.in_(said), ScriptAnswer.counts)
        for answer in await session.scalars(counting):
            said[answer.run_id][answer.field] = answer.answer
        for run, agent, customer_id in found:
            yield RunRow(run, agent, customer_id, said[run.id])
        if len(found) < AT_ONCE:
            return
        last = found[-1][0]


def _within(version_id: UUID, period: Period) -> tuple[ColumnElement[bool], ...]:
    return (
        ScriptRun.version_id == version_id,
        ScriptRun.started_at >= period.since,
        ScriptRun.started_at < period.until,
    )
