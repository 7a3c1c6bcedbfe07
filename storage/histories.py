"""One history of a customer: calls, notes, promises and tasks in order of time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

import storage.calls
import storage.notes
import storage.promises
import storage.tasks
from storage.calls import CallLine
from storage.notes import SignedNote
from storage.promises import SignedPromise
from storage.tasks import TaskLine


class Moment(NamedTuple):
    """Something that happened with a customer, and when."""

    at: datetime
    sort: Literal["call", "note", "promise", "task"]
    what: CallLine | SignedNote | SignedPromise | TaskLine


async def latest_of(session: AsyncSession, customer_id: UUID, *, limit: int) -> Sequence[Moment]:
    """The latest moments with a customer, newest first."""
    calls = await storage.calls.latest_of(session, customer_id, limit=limit)
    notes = await storage.notes.latest_of(session, customer_id, limit=limit)
    promises = await storage.promises.latest_of(session, customer_id, limit=limit)
    tasks = await storage.tasks.latest_of(session, customer_id, limit=limit)
    moments = [
        *(Moment(one.call.started_at, "call", one) for one in calls),
        *(Moment(one.note.created_at, "note", one) for one in notes),
        *(Moment(one.promise.created_at, "promise", one) for one in promises),
        *(Moment(one.task.created_at, "task", one) for one in tasks),
    ]
    return sorted(moments, key=lambda moment: moment.at, reverse=True)[:limit]
