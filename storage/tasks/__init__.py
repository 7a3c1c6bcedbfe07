"""Tasks: what is to be done, by whom, by when; a callback is one with a number and a time."""

from storage.tasks.keeping import add, change, claim, finish, get, reopen
from storage.tasks.lists import (
    TaskLine,
    due_for,
    latest_of,
    listed,
    of_call,
    open_for,
    open_of,
)
from storage.tasks.tables import Taken, Task, TaskChanged, TaskFacts, TaskKind

__all__ = [
    "Taken",
    "Task",
    "TaskChanged",
    "TaskFacts",
    "TaskKind",
    "TaskLine",
    "add",
    "change",
    "claim",
    "due_for",
    "finish",
    "get",
    "latest_of",
    "listed",
    "of_call",
    "open_for",
    "open_of",
    "reopen",
]
