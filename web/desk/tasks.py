"""Tasks and callbacks on pages: note one, change it, take it, finish it."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

from aiohttp import web

import storage.customers
import storage.tasks
from storage.errors import NotFound
from storage.rules.permissions import Permission
from storage.tasks import Taken, Task, TaskChanged, TaskFacts
from web.auth import requires
from web.desk import steps, task_forms
from web.desk.answers import Unfit
from web.i18n import _, told
from web.keys import DATABASE, POPS, VISITOR
from web.render import redirect, render, url

WORK = Permission.WORK_TASKS
_KEY = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_TASK = f"/tasks/{{id:{_KEY}}}"


@requires(WORK)
async def new(request: web.Request) -> web.Response:
    """An empty form, or one begun for a customer or a number."""
    given = {name: request.query.get(name, "") for name in ("customer", "number", "kind")}
    return await _page(request, None, {key: text for key, text in given.items() if text}, {})


@requires(WORK)
async def create(request: web.Request) -> web.Response:
    """Note a task."""
    posted, me = await request.post(), request[VISITOR].user_id
    try:
        fields = task_forms.read(posted)
        async with request.app[DATABASE].writing() as session:
            begun = TaskFacts(customer_id=fields.customer)
            facts = await task_forms.facts(session, fields, begun, me)
            task = await storage.tasks.add(session, facts, by=me, now=datetime.now(UTC))
    except Unfit as unfit:
        typed = task_forms.typed(posted)
        return await _page(request, None, typed, unfit.errors, status=unfit.status)
    return await _done(request, task, _("Noted."))


@requires(WORK)
async def edit(request: web.Request) -> web.Response:
    """The form with what is stored."""
    async with request.app[DATABASE].reading() as session:
        task = await storage.tasks.get(session, _key(request))
    return await _page(request, task, task_forms.values(task, request[VISITOR].user_id), {})


@requires(WORK)
async def update(request: web.Request) -> web.Response:
    """Save an edit; where a colleague was first, what they say is shown beside it."""
    posted, me, key = await request.post(), request[VISITOR].user_id, _key(request)
    typed, errors, status = task_forms.typed(posted), {}, HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        fields = task_forms.read(posted)
        async with request.app[DATABASE].writing() as session:
            begun = TaskFacts.of(await storage.tasks.get(session, key))
            facts = await task_forms.facts(session, fields, begun, me)
            task = await storage.tasks.change(
                session, key, facts, version=fields.version, by=me, now=datetime.now(UTC)
            )
    except Unfit as unfit:
        errors = unfit.errors
    except TaskChanged as changed:
        typed["version"], status = str(changed.version), HTTPStatus.CONFLICT
    else:
        return await _done(request, task, _("Saved."))
    async with request.app[DATABASE].reading() as session:
        stored = await storage.tasks.get(session, key)
    return await _page(request, stored, typed, errors, status=status)


@requires(WORK)
async def claim(request: web.Request) -> web.Response:
    """Take a task that waits for someone; the next one is told who was first."""
    return await _deed(request, storage.tasks.claim, _("It is yours."))


@requires(WORK)
async def finish(request: web.Request) -> web.Response:
    """It is done."""
    return await _deed(request, storage.tasks.finish, _("Done."))


@requires(WORK)
async def reopen(request: web.Request) -> web.Response:
    """It is not done after all."""
    return await _deed(request, storage.tasks.reopen, _("Open again."))


async def _deed(
    request: web.Request, deed: Callable[..., Awaitable[Task]], sentence: str
) -> web.Response:
    """Do it, or say who was first; either way the page shows how things are now."""
    key, me = _key(request), request[VISITOR].user_id
    try:
        async with request.app[DATABASE].writing() as session:
            task = await deed(session, key, by=me, now=datetime.now(UTC))
    except Taken as taken:
        return redirect(request, _back(request, None), flash=told(taken), kind="warn")
    return await _done(request, task, sentence)


async def _done(request: web.Request, task: Task, sentence: str) -> web.Response:
    await request.app[POPS].day_changed()
    if task.customer_id is not None:
        await request.app[POPS].customer_changed(task.customer_id)
    return redirect(request, _back(request, task), flash=sentence)


def _back(request: web.Request, task: Task | None) -> str:
    """Return the page on which the form stood: the customer's, else my day."""
    if request.query.get("on") == "customer" and task is not None and task.customer_id:
        return f"{url(request, 'customers.show', id=task.customer_id)}#tasks"
    return url(request, "days.show")


async def _page(
    request: web.Request,
    task: Task | None,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    status: int = HTTPStatus.OK,
) -> web.Response:
    """Draw the form; beside one that a colleague overtook stands what they saved."""
    me = request[VISITOR].user_id
    blank = {"kind": "task", "doer": "me", "version": "0"}
    values = blank | dict(values)
    stored = task_forms.values(task, me) if task else {}
    async with request.app[DATABASE].reading() as session:
        doers = await steps.doers(session, me)
        customer = None
        if values.get("customer"):
            found = await storage.customers.by_ids(session, [_uuid(values["customer"])])
            customer = next(iter(found.values()), None)
    is_late = status == HTTPStatus.CONFLICT
    theirs = {n: text for n, text in stored.items() if is_late and text != values.get(n, "")}
    return render(
        request, "tasks/edit.html", status=status, task=task, values=values, errors=errors,
        doers=doers, customer=customer, theirs=theirs, on=request.query.get("on", ""),
    )  # fmt: skip


def _key(request: web.Request) -> UUID:
    return UUID(request.match_info["id"])


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("customer", text) from None


routes = [
    web.get("/tasks/new", new, name="tasks.new"),
    web.post("/tasks", create, name="tasks.create"),
    web.get(_TASK, edit, name="tasks.edit"),
    web.post(_TASK, update, name="tasks.update"),
    web.post(f"{_TASK}/claims", claim, name="task_claims.create"),
    web.post(f"{_TASK}/completions", finish, name="task_completions.create"),
    web.post(f"{_TASK}/completions/delete", reopen, name="task_completions.delete"),
]
