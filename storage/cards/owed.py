"""What a customer waits for: a card's question for open promises and tasks."""

from typing import Any

from sqlalchemy import Boolean, Date, Select, bindparam, cast, literal_column, null, select

from storage.cards.queries import Query
from storage.database import UtcDateTime
from storage.promises import Promise
from storage.tasks import Task
from storage.users import User

MOST_PROMISES = 5
MOST_TASKS = 5


def owed() -> Query:
    """What :customer was promised and what is to be done for them, due first; one question."""
    return select(_promises().subquery()).union_all(select(_tasks().subquery()))


def _tasks() -> Select[*tuple[Any, ...]]:
    return (
        select(
            literal_column("1 = 1", Boolean).label("is_task"),
            Task.id,
            Task.title.label("text"),
            cast(null(), Date).label("due_on"),
            Task.due_at,
            User.name.label("by"),
        )
        .outerjoin(User, User.id == Task.user_id)
        .where(Task.customer_id == bindparam("customer"), Task.done_at.is_(None))
        .order_by(Task.due_at.nulls_last(), Task.id)
        .limit(literal_column(str(MOST_TASKS)))
    )


def _promises() -> Select[*tuple[Any, ...]]:
    return (
        select(
            literal_column("1 = 0", Boolean).label("is_task"),
            Promise.id,
            Promise.text,
            Promise.due_on,
            cast(null(), UtcDateTime()).label("due_at"),
            User.name.label("by"),
        )
        .outerjoin(User, User.id == Promise.user_id)
        .where(
            Promise.customer_id == bindparam("customer"),
            Promise.kept_at.is_(None),
            Promise.broken_at.is_(None),
        )
        .order_by(Promise.due_on)
        .limit(literal_column(str(MOST_PROMISES)))
    )
