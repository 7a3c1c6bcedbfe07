"""What was answered in scripts, for programs."""

from collections.abc import Iterable

import storage.calls
import storage.scripts
from storage.rules.permissions import Permission
from storage.scripts import Offered, Place
from web.api import cursors, models
from web.api.operations import Ask, operation
from web.keys import DATABASE

SEE = Permission.SEE_CALLS


@operation(
    "GET", "/calls/{id}/scripts", name="api.call_scripts", scope="read", permission=SEE,
    gives=models.ScriptRuns,
)  # fmt: skip
async def of_call(ask: Ask) -> models.ScriptRuns:
    """Read what was answered in one call, also by an id that it had before."""
    async with ask.request.app[DATABASE].reading() as session:
        reach = await storage.calls.reach(session, ask.visitor.user_id, ask.visitor.scope(SEE))
        story = await storage.calls.get(session, ask.key(), reach=reach)
        filled = await storage.scripts.of_call(session, story.call.id)
    return models.ScriptRuns(runs=[*_told(filled)], next=None)


@operation(
    "GET", "/script-runs", name="api.script_runs", scope="read",
    permission=Permission.SEE_REPORTS, query=models.ScriptRunQuery, gives=models.ScriptRuns,
)  # fmt: skip
async def listed(ask: Ask) -> models.ScriptRuns:
    """List filled scripts with their answers, in the order in which they began."""
    query: models.ScriptRunQuery = ask.query
    async with ask.request.app[DATABASE].reading() as session:
        found = await storage.scripts.filled(
            session, script_id=query.script, since=query.since, until=query.until,
            after=cursors.place(query.cursor, Place), limit=query.limit + 1,
        )  # fmt: skip
    shown, following = cursors.cut(found, query.limit, _began)
    return models.ScriptRuns(runs=[*_told(shown)], next=following)


OPERATIONS = [of_call, listed]


def _began(filled: Offered) -> tuple[object, ...]:
    run = filled.run
    return (run.started_at, run.id) if run else ()


def _told(filled: Iterable[Offered]) -> Iterable[models.ScriptRun]:
    for one in filled:
        run = one.run
        if run is None:
            continue
        step = one.outline.step(run.step)
        answers = [
            models.ScriptAnswer(
                field=field.key, question=field.label, kind=field.kind, answer=row.answer,
                counts=row.counts, user_id=row.user_id, at=row.at,
            )
            for _step, field in one.outline.fields()
            if (row := one.answers.get(field.key)) is not None and row.answer
        ]  # fmt: skip
        yield models.ScriptRun(
            id=run.id, call_id=run.call_id, script_id=run.script_id, script=one.name,
            version=one.version.number, step=step.title if step else run.step,
            started_at=run.started_at, started_by=run.started_by, updated_at=run.updated_at,
            finished_at=run.finished_at, answers=answers,
        )  # fmt: skip
