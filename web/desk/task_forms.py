"""The form of a task or a callback: from what was typed to what is stored, and back."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field, ValidationError

import storage.numbers
from storage.database import Session
from storage.errors import Refused
from storage.tasks import Task, TaskFacts, TaskKind
from web import filters
from web.desk import answers, steps
from web.desk.answers import Fields, Unfit
from web.i18n import _, told


def _none_if_empty(value: object) -> object:
    return None if value == "" else value


class TaskFields(Fields):
    """A task as a person edits it; `version` is that of the page it was edited on."""

    kind: TaskKind = TaskKind.TASK
    title: Annotated[str, Field(max_length=200)] = ""
    body: Annotated[str, Field(max_length=20_000)] = ""
    number: Annotated[str, Field(max_length=40)] = ""
    due_on: Annotated[date | None, BeforeValidator(_none_if_empty)] = None
    due_at: Annotated[time | None, BeforeValidator(_none_if_empty)] = None
    doer: Annotated[str, Field(max_length=60)] = "me"
    customer: Annotated[UUID | None, BeforeValidator(_none_if_empty)] = None
    version: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0


def typed(posted: Mapping[str, object]) -> dict[str, str]:
    """Return the texts of a form."""
    return {name: text for name, text in posted.items() if isinstance(text, str)}


def read(posted: Mapping[str, object]) -> TaskFields:
    """Check the form; raises Unfit with a sentence for each field."""
    try:
        return TaskFields.model_validate(dict(posted))
    except ValidationError as error:
        raise answers.wrong(error) from error


async def facts(session: Session, fields: TaskFields, begun: TaskFacts, me: UUID) -> TaskFacts:
    """Return what `begun` becomes by the form; raises Unfit with what is missing."""
    errors: dict[str, str] = {}
    due, number = None, None
    is_callback = fields.kind is TaskKind.CALLBACK
    try:
        due = _due(fields)
    except Refused as refusal:
        errors["due_at"] = told(refusal)
    if fields.number:
        try:
            home = await storage.numbers.home(session)
            number = storage.numbers.readable(fields.number, home)
        except Refused as refusal:
            errors["number"] = told(refusal)
    elif is_callback:
        errors["number"] = _("Say which number to call.")
    if is_callback and not fields.due_on:
        errors["due_on"] = _("Say on which day.")
    if is_callback and not fields.due_at:
        errors["due_at"] = _("Say at what time.")
    if not is_callback and not fields.title:
        errors["title"] = _("Say what is to be done.")
    whose = await steps.doer(session, fields.doer, me)
    if whose is None:
        errors["doer"] = _("Choose one of the list.")
    if errors or whose is None:
        raise Unfit(errors)
    return replace(
        begun, kind=fields.kind, title=fields.title, body=fields.body, number=number, due_at=due,
        user_id=whose.user_id, team_id=whose.team_id,
    )  # fmt: skip


def _due(fields: TaskFields) -> datetime | None:
    if fields.due_on is None:
        if fields.due_at is not None:
            raise Refused(_("Say on which day, too."))
        return None
    return steps.moment_of(fields.due_on, fields.due_at or steps.END_OF_DAY)


def values(task: Task, me: UUID) -> dict[str, str]:
    """Return what the form of a stored task begins with."""
    due = task.due_at.astimezone(filters.zone()) if task.due_at else None
    at = due.time() if due else None
    return {
        "kind": task.kind.value,
        "title": task.title,
        "body": task.body,
        "number": filters.phone(task.number),
        "due_on": due.date().isoformat() if due else "",
        "due_at": f"{at:%H:%M}" if at and at != steps.END_OF_DAY else "",
        "doer": _doer(task, me),
        "customer": str(task.customer_id or ""),
        "version": str(task.version),
    }


def _doer(task: Task, me: UUID) -> str:
    if task.user_id is not None:
        return "me" if task.user_id == me else f"user:{task.user_id}"
    return f"team:{task.team_id}" if task.team_id else "anyone"
