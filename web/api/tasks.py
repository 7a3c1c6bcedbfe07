"""Tasks and callbacks, for programs."""

from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

import storage.calls
import storage.numbers
import storage.tasks
from storage.database import Session
from storage.errors import NotFound, Refused
from storage.rules.permissions import Permission
from storage.tasks import TaskFacts
from web.api import cursors, models
from web.api.operations import Ask, operation
from web.keys import DATABASE, POPS

WORK = Permission.WORK_TASKS
MAY_BE_EMPTY = {"number", "due_at", "user_id", "team_id", "customer_id"}  # null empties these


@operation(
    "GET", "/tasks", name="api.tasks", scope="read", permission=WORK,
    query=models.TaskQuery, gives=models.Tasks,
)  # fmt: skip
async def listed(ask: Ask) -> models.Tasks:
    """List tasks and callbacks in the order in which they were made."""
    query: models.TaskQuery = ask.query
    async with ask.request.app[DATABASE].reading() as session:
        rows = await storage.tasks.listed(
            session, user_id=query.user, customer_id=query.customer, kind=query.kind,
            done=query.done, due_before=query.due_before,
            after=cursors.place(query.cursor, UUID, str), limit=query.limit + 1,
        )  # fmt: skip
    shown, following = cursors.cut(rows, query.limit, lambda row: (row.id,))
    return models.Tasks(tasks=[models.Task.model_validate(row) for row in shown], next=following)


@operation("GET", "/tasks/{id}", name="api.task", scope="read", permission=WORK, gives=models.Task)
async def show(ask: Ask) -> models.Task:
    """Read one task."""
    async with ask.request.app[DATABASE].reading() as session:
        return models.Task.model_validate(await storage.tasks.get(session, ask.key()))


@operation(
    "POST", "/tasks", name="api.tasks.create", scope="write", permission=WORK,
    body=models.NewTask, gives=models.Task, status=HTTPStatus.CREATED,
)  # fmt: skip
async def create(ask: Ask) -> models.Task:
    """Note a task or a callback.

    Noted again by the same user after the same call it is the one that is there.
    """
    body: models.NewTask = ask.body
    facts = TaskFacts(**body.model_dump())
    async with ask.request.app[DATABASE].writing() as session:
        try:
            facts = await _read(session, facts)
            task = await storage.tasks.add(
                session, facts, by=ask.visitor.user_id, now=datetime.now(UTC)
            )
        except NotFound as missing:
            raise Refused(f"there is no {missing.kind} with this id") from missing
        given = models.Task.model_validate(task)
    return await _told(ask, given)


@operation(
    "PATCH", "/tasks/{id}", name="api.task.change", scope="write", permission=WORK,
    body=models.TaskChange, gives=models.Task,
)  # fmt: skip
async def change(ask: Ask) -> models.Task:
    """Change some fields of a task.

    409 where someone changed it since the version that you name.
    """
    body: models.TaskChange = ask.body
    said = body.model_dump(exclude={"version"}, exclude_unset=True)
    said = {name: v for name, v in said.items() if v is not None or name in MAY_BE_EMPTY}
    async with ask.request.app[DATABASE].writing() as session:
        task = await storage.tasks.get(session, ask.key(), locked=True)
        facts = await _read(session, replace(TaskFacts.of(task), **said))
        try:
            task = await storage.tasks.change(
                session, task.id, facts, version=body.version,
                by=ask.visitor.user_id, now=datetime.now(UTC),
            )  # fmt: skip
        except NotFound as missing:
            raise Refused(f"there is no {missing.kind} with this id") from missing
        given = models.Task.model_validate(task)
    return await _told(ask, given)


@operation(
    "POST", "/tasks/{id}/claims", name="api.task.claim", scope="write", permission=WORK,
    gives=models.Task,
)  # fmt: skip
async def claim(ask: Ask) -> models.Task:
    """Take a task that waits for someone, for the token's user.

    The first has it; the next one gets 409 and is told who.
    """
    async with ask.request.app[DATABASE].writing() as session:
        task = await storage.tasks.claim(
            session, ask.key(), by=ask.visitor.user_id, now=datetime.now(UTC)
        )
        given = models.Task.model_validate(task)
    return await _told(ask, given)


@operation(
    "POST", "/tasks/{id}/completions", name="api.task.finish", scope="write", permission=WORK,
    gives=models.Task,
)  # fmt: skip
async def finish(ask: Ask) -> models.Task:
    """Say that it is done; 409 where a colleague did it already."""
    async with ask.request.app[DATABASE].writing() as session:
        task = await storage.tasks.finish(
            session, ask.key(), by=ask.visitor.user_id, now=datetime.now(UTC)
        )
        given = models.Task.model_validate(task)
    return await _told(ask, given)


OPERATIONS = [listed, show, create, change, claim, finish]


async def _read(session: Session, facts: TaskFacts) -> TaskFacts:
    """Read the number in any spelling, and the call by any id that it had."""
    if facts.number:
        home = await storage.numbers.home(session)
        facts = replace(facts, number=storage.numbers.readable(facts.number, home))
    if facts.call_id:
        facts = replace(facts, call_id=await storage.calls.resolve(session, facts.call_id))
    return facts


async def _told(ask: Ask, task: models.Task) -> models.Task:
    """Tell the screens, after the commit."""
    await ask.request.app[POPS].day_changed()
    if task.customer_id:
        await ask.request.app[POPS].customer_changed(task.customer_id)
    return task
