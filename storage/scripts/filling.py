"""Filling a script during a call: each answer is kept at once, with who gave it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from pbx_bridge.ids import uuid7
from pbx_bridge.matching import Reason
from storage import audit
from storage.errors import Conflict, NotFound, Refused
from storage.rules import scripts as rules
from storage.rules.scripts import Field, Outline, Stand
from storage.scripts.runs import answers_of
from storage.scripts.tables import ScriptAnswer, ScriptRun, ScriptVersion


class AnswerRefused(Refused):
    """An answer that the question cannot have; carries why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(str(reason))
        self.reason = reason


class AnsweredMeanwhile(Conflict):
    """A colleague answered the same question first; carries their answer."""

    def __init__(self, theirs: ScriptAnswer) -> None:
        super().__init__("A colleague has answered this meanwhile.")
        self.answer, self.user_id, self.version = theirs.answer, theirs.user_id, theirs.version


class StepUnfinished(Refused):
    """A step that cannot be left yet; carries the needed questions without an answer."""

    def __init__(self, fields: Sequence[Field]) -> None:
        super().__init__("Not everything that is needed is answered.")
        self.fields = tuple(fields)


async def give(
    session: AsyncSession,
    call_id: UUID,
    version_id: UUID,
    key: str,
    text: str,
    *,
    seen: int | None,
    by: UUID,
    now: datetime,
) -> None:
    """Keep an answer; `seen` is the version of the answer that it replaces, 0 for none.

    Raises NotFound, AnswerRefused, and AnsweredMeanwhile where a colleague's is another (with
    `seen` None theirs is replaced).
    """
    version, outline, run = await _begun(session, call_id, version_id, by=by, now=now)
    question = outline.field(key)
    if question is None:
        raise NotFound("question", key)
    answer, problem = rules.read_answer(question, text)
    if problem is not None:
        raise AnswerRefused(problem)
    rows = await answers_of(session, run.id)
    row = rows.get(key)
    if (row.answer if row else "") == answer:
        return
    if row is not None and seen is not None and row.version != seen and row.user_id != by:
        raise AnsweredMeanwhile(row)
    if row is None:
        row = ScriptAnswer(run_id=run.id, field=key, version=0)
        session.add(row)
        rows[key] = row
    row.answer, row.user_id, row.at, row.version = answer, by, now, row.version + 1
    row.counts = True
    said = {one.field: one.answer for one in rows.values() if one.answer}
    stand = rules.settle(outline, said, _stand(run), key)
    _keep(run, outline, rows, stand, now)
    audit.record(
        session, "script.answered", by=by, key=version.script_id, call=str(call_id), field=key
    )
    await session.flush()


async def go_on(
    session: AsyncSession, call_id: UUID, version_id: UUID, step: str, *, by: UUID, now: datetime
) -> None:
    """Leave the step for the one that follows, or end the script there.

    Asked of a step that was left already it does nothing. Raises NotFound and StepUnfinished.
    """
    version, outline, run = await _begun(session, call_id, version_id, by=by, now=now)
    if run.step != step or run.finished_at is not None:
        return
    rows = await answers_of(session, run.id)
    said = {row.field: row.answer for row in rows.values() if row.answer}
    here = outline.step(step)
    lacking = rules.missing(here, said) if here else ()
    if lacking:
        raise StepUnfinished(lacking)
    stand = rules.advance(outline, said, step)
    _keep(run, outline, rows, stand, now)
    if stand.ended:
        audit.record(
            session, "script.finished", by=by, key=version.script_id, call=str(call_id), step=step
        )
    await session.flush()


def _stand(run: ScriptRun) -> Stand:
    return Stand(run.step, ended=run.finished_at is not None)


def _keep(
    run: ScriptRun, outline: Outline, rows: Mapping[str, ScriptAnswer], stand: Stand, now: datetime
) -> None:
    """Write where the agents are, and which answers count there."""
    run.step, run.updated_at = stand.at, now
    run.finished_at = (run.finished_at or now) if stand.ended else None
    said = {row.field: row.answer for row in rows.values() if row.answer}
    counted = rules.counted(outline, said, stand.at)
    for row in rows.values():
        row.counts = bool(row.answer) and row.field in counted


async def _begun(
    session: AsyncSession, call_id: UUID, version_id: UUID, *, by: UUID, now: datetime
) -> tuple[ScriptVersion, Outline, ScriptRun]:
    """Return the run of the call, begun by whoever is first, locked against other writers."""
    version = await session.get(ScriptVersion, version_id)
    if version is None:
        raise NotFound("script", version_id)
    outline = rules.from_data(version.outline)
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    await session.execute(
        insert(ScriptRun)
        .values(
            id=uuid7(now), call_id=call_id, script_id=version.script_id, version_id=version_id,
            step=outline.steps[0].key, started_at=now, started_by=by, updated_at=now,
        )
        .on_conflict_do_nothing(index_elements=["call_id", "script_id"])
    )  # fmt: skip
    query = select(ScriptRun).where(
        ScriptRun.call_id == call_id, ScriptRun.script_id == version.script_id
    )
    run = (
        await session.scalars(
            query.with_for_update(), execution_options={"populate_existing": True}
        )
    ).one()
    if run.version_id != version_id:
        raise Conflict("The script of this call is another version. Load the page again.")
    return version, outline, run
