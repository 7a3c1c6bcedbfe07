"""The next step after a call: a task, a promise or a callback, for me, a colleague or anyone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

from pydantic import BeforeValidator, StringConstraints

import storage.numbers
import storage.promises
import storage.tasks
import storage.teams
import storage.users
from storage.calls import Story
from storage.database import Session
from storage.errors import Refused
from storage.rules import moments, texts
from storage.tasks import TaskFacts, TaskKind
from web import filters
from web.desk.answers import Fields
from web.i18n import _, told

END_OF_DAY = time(23, 59)  # when a task with a day and no time of day is due
OF = {
    "task": ("task", "task_due", "doer"),
    "promise": ("promise", "promise_due"),
    "callback": ("callback", "callback_on", "callback_at", "callback_number", "doer"),
}


def _none_if_empty(value: object) -> object:
    return None if value == "" else value


Line = Annotated[str, StringConstraints(max_length=200)]
Day = Annotated[date | None, BeforeValidator(_none_if_empty)]


class StepFields(Fields):
    """What an agent says of the next step; only the fields of the chosen one are read."""

    next: Literal["none", "task", "promise", "callback"] = "none"
    promise: Annotated[str, StringConstraints(max_length=2_000)] = ""
    promise_due: Day = None
    task: Line = ""
    task_due: Day = None
    callback: Line = ""
    callback_on: Day = None
    callback_at: Annotated[time | None, BeforeValidator(_none_if_empty)] = None
    callback_number: Annotated[str, StringConstraints(max_length=40)] = ""
    doer: Annotated[str, StringConstraints(max_length=60)] = "me"


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be stored; both empty where nothing comes next."""

    promise: tuple[str, date] | None = None
    task: TaskFacts | None = None


class Doer(NamedTuple):
    """Whose a task is; neither: anyone's."""

    user_id: UUID | None = None
    team_id: UUID | None = None


NOTHING = Step()


def relevant(posted: Mapping[str, object]) -> dict[str, object]:
    """Return the form without the fields of steps that were not chosen.

    A form without a choice has a promise where something is promised.
    """
    chosen = posted.get("next") or ("promise" if posted.get("promise") else "none")
    wanted = OF.get(str(chosen), ())
    unread = {name for names in OF.values() for name in names if name not in wanted}
    return {**{name: v for name, v in posted.items() if name not in unread}, "next": chosen}


async def read(
    session: Session, fields: StepFields, story: Story, *, by: UUID, now: datetime
) -> tuple[Step, dict[str, str]]:
    """Return what comes next, or a sentence for each field that is wrong."""
    match fields.next:
        case "promise":
            return _promise(fields, story, now)
        case "task":
            return await _task(session, fields, story, by, now)
        case "callback":
            return await _callback(session, fields, story, by, now)
        case _:
            return NOTHING, {}


async def store(session: Session, step: Step, story: Story, *, by: UUID, now: datetime) -> None:
    """Note it; the same one sent again is the same one."""
    if step.task is not None:
        await storage.tasks.add(session, step.task, by=by, now=now)
    if step.promise is None or story.customer is None:
        return
    given = {(each.text, each.due_on) for each in story.promises if each.user_id == by}
    if step.promise in given:
        return
    text, due = step.promise
    await storage.promises.add(
        session, story.customer.id, text, due_on=due, by=by, now=now, call_id=story.call.id
    )


async def doers(session: Session, me: UUID) -> Sequence[tuple[str, str]]:
    """Return who can be chosen: me, anyone, the teams, the colleagues."""
    teams = await storage.teams.listed(session)
    users = await storage.users.listed(session)
    return [
        ("me", _("Me")),
        ("anyone", _("Anyone")),
        *((f"team:{team.id}", _("Team {name}").format(name=team.name)) for team in teams),
        *((f"user:{user.id}", user.name) for user in users if user.id != me),
    ]


async def doer(session: Session, chosen: str, me: UUID) -> Doer | None:
    """Return who was chosen; None for no choice of ours."""
    teams = await storage.teams.listed(session)
    users = await storage.users.listed(session)
    found = {"me": Doer(user_id=me), "anyone": Doer()}
    found |= {f"team:{team.id}": Doer(team_id=team.id) for team in teams}
    found |= {f"user:{user.id}": Doer(user_id=user.id) for user in users}
    return found.get(chosen)


def moment_of(day: date, at: time) -> datetime:
    """Return the moment in the company's zone; raises Refused where the clocks skip it."""
    try:
        return moments.moment(day, at, filters.zone())
    except moments.NoSuchMoment as none:
        raise Refused(
            _("The clocks go forward on this day: {at} does not come. {instead} does.").format(
                at=f"{at:%H:%M}", instead=f"{none.instead:%H:%M}"
            )
        ) from none


def today(now: datetime) -> date:
    """Return the company's day."""
    return now.astimezone(filters.zone()).date()


def _promise(fields: StepFields, story: Story, now: datetime) -> tuple[Step, dict[str, str]]:
    errors, text = {}, texts.clean(fields.promise)
    if not text:
        errors["promise"] = _("Say what you promised.")
    elif story.customer is None:
        errors["promise"] = _("Say first who this is: a promise is given to a customer.")
    if fields.promise_due is None:
        errors["promise_due"] = _("Say by when.")
        return NOTHING, errors
    if fields.promise_due < today(now):
        errors["promise_due"] = _("This day is over.")
    return Step(promise=(text, fields.promise_due)), errors


async def _task(
    session: Session, fields: StepFields, story: Story, by: UUID, now: datetime
) -> tuple[Step, dict[str, str]]:
    errors = {}
    if not fields.task:
        errors["task"] = _("Say what is to be done.")
    due = None
    if fields.task_due is not None:
        if fields.task_due < today(now):
            errors["task_due"] = _("This day is over.")
        due = moment_of(fields.task_due, END_OF_DAY)
    facts = _after(story, title=fields.task, due_at=due)
    return await _for_whom(session, facts, fields, by, errors)


async def _callback(
    session: Session, fields: StepFields, story: Story, by: UUID, now: datetime
) -> tuple[Step, dict[str, str]]:
    errors, due, number = {}, None, story.call.e164
    if fields.callback_on is None:
        errors["callback_on"] = _("Say on which day.")
    if fields.callback_at is None:
        errors["callback_at"] = _("Say at what time.")
    if fields.callback_on and fields.callback_at:
        try:
            due = moment_of(fields.callback_on, fields.callback_at)
        except Refused as refusal:
            errors["callback_at"] = told(refusal)
        if due is not None and due < now:
            errors["callback_at"] = _("This time is over.")
    if fields.callback_number:
        try:
            home = await storage.numbers.home(session)
            number = storage.numbers.readable(fields.callback_number, home)
        except Refused as refusal:
            errors["callback_number"] = told(refusal)
    elif number is None:
        errors["callback_number"] = _("Say which number: this call shows none to call.")
    facts = _after(story, kind=TaskKind.CALLBACK, title=fields.callback, number=number, due_at=due)
    return await _for_whom(session, facts, fields, by, errors)


async def _for_whom(
    session: Session, facts: TaskFacts, fields: StepFields, by: UUID, errors: dict[str, str]
) -> tuple[Step, dict[str, str]]:
    whose = await doer(session, fields.doer, by)
    if whose is None:
        errors["doer"] = _("Choose one of the list.")
        return NOTHING, errors
    return Step(task=replace(facts, user_id=whose.user_id, team_id=whose.team_id)), errors


def _after(story: Story, **facts: Any) -> TaskFacts:  # noqa: ANN401 - as TaskFacts has them
    """Return the facts of a task that was noted after the call."""
    customer = story.customer.id if story.customer else None
    return TaskFacts(call_id=story.call.id, customer_id=customer, **facts)


def tomorrow() -> date:
    """Return the company's next day: when something is due unless someone says otherwise."""
    return today(datetime.now(UTC)) + timedelta(days=1)
