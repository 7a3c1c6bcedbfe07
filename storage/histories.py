"""One history of a customer: all that happened in order of time, to be searched."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

import storage.calls
import storage.notes
import storage.promises
import storage.scripts
import storage.tasks
from storage.calls import CallLine
from storage.notes import SignedNote
from storage.promises import SignedPromise
from storage.rules import names
from storage.scripts import RunLine
from storage.tasks import TaskLine

SEARCHED = 1000  # of each sort, the latest: a search looks through these


class Sort(StrEnum):
    """What a moment is."""

    CALL = "call"
    NOTE = "note"
    PROMISE = "promise"
    TASK = "task"
    SCRIPT = "script"


class Moment(NamedTuple):
    """Something that happened with a customer, and when."""

    at: datetime
    sort: Sort
    what: CallLine | SignedNote | SignedPromise | TaskLine | RunLine

    @property
    def texts(self) -> tuple[str | None, ...]:
        """What people wrote or read of it."""
        match self.what:
            case CallLine() as line:
                call = line.call
                return (*line.outcomes, line.note, line.agent, call.queue, call.number, call.e164)
            case SignedNote(note, author):
                return note.text, author
            case SignedPromise(promise, author):
                return promise.text, author
            case TaskLine() as line:
                task = line.task
                return task.title, task.body, task.number, line.user, line.team, line.author
            case RunLine() as filled:
                said = (text for one in filled.answers for text in (one.question, one.answer))
                return filled.script, filled.author, *said


class Moments(NamedTuple):
    """Some moments, newest first, and whether there are earlier ones."""

    shown: Sequence[Moment]
    more: bool


async def latest_of(session: AsyncSession, customer_id: UUID, *, limit: int) -> Sequence[Moment]:
    """The latest moments with a customer, newest first."""
    return (await _read(session, customer_id, None, limit))[:limit]


async def found(
    session: AsyncSession,
    customer_id: UUID,
    *,
    sort: Sort | None = None,
    text: str = "",
    skip: int = 0,
    limit: int,
) -> Moments:
    """The moments of a sort that hold the words of `text`, newest first, without the first `skip`.

    A text is looked for in the latest SEARCHED of each sort.
    """
    reach = SEARCHED if text.strip() else skip + limit + 1
    moments = await _read(session, customer_id, sort, reach)
    if text.strip():
        moments = [moment for moment in moments if names.holds(moment.texts, text)]
    return Moments(moments[skip : skip + limit], len(moments) > skip + limit)


async def _read(
    session: AsyncSession, customer_id: UUID, sort: Sort | None, limit: int
) -> list[Moment]:
    moments: list[Moment] = []
    if sort in {None, Sort.CALL}:
        calls = await storage.calls.latest_of(session, customer_id, limit=limit)
        moments += (Moment(one.call.started_at, Sort.CALL, one) for one in calls)
    if sort in {None, Sort.NOTE}:
        notes = await storage.notes.latest_of(session, customer_id, limit=limit)
        moments += (Moment(one.note.created_at, Sort.NOTE, one) for one in notes)
    if sort in {None, Sort.PROMISE}:
        promises = await storage.promises.latest_of(session, customer_id, limit=limit)
        moments += (Moment(one.promise.created_at, Sort.PROMISE, one) for one in promises)
    if sort in {None, Sort.TASK}:
        tasks = await storage.tasks.latest_of(session, customer_id, limit=limit)
        moments += (Moment(one.task.created_at, Sort.TASK, one) for one in tasks)
    if sort in {None, Sort.SCRIPT}:
        filled = await storage.scripts.latest_of(session, customer_id, limit=limit)
        moments += (Moment(one.run.started_at, Sort.SCRIPT, one) for one in filled)
    return sorted(moments, key=lambda moment: moment.at, reverse=True)
